/** A session as a vector: anonymised, with the filter's findings, checked by playing it as vectors are played. */
import { ManualClock } from "../host/clock.js";
import { Plugin } from "../host/plugin.js";
import { anonymised } from "./anonymise.js";
import type { Follower } from "./follower.js";
import { Judge } from "./judge.js";
import { parseLines } from "./lines.js";
import type { SessionReport } from "./model.js";
import type { Recording } from "./recording.js";
import { toldInFull } from "./sessions.js";
import type { Spoken } from "./transcript.js";
import { CLEAR, type HostFacts, scriptOf } from "./vector-script.js";
import { Trace } from "./vector-lines.js";
import { isLookedAt, mismatch } from "./vector-outcome.js";
import { vectorPolicies, type VectorPolicy } from "./vector-policy.js";
import type { Manner } from "./vector-schedule.js";
import { type FindingEvent, runScript } from "./vector-run.js";

/** A vector file. */
export interface Vector {
  /** The id for the file's name: the protection that found something first, or "session". */
  id: string;
  text: string;
  /** What its user should know; empty when the whole session is in it. */
  notes: string[];
}

/** Vectors are also run byte by byte; longer ones are not tried that way here. */
const BYTE_BY_BYTE = 65_536;

/**
 * Makes a vector of one case.
 * @param policy one that the filter accepts
 * @throws Error with the reason if there is none, such as that anonymising changes the findings; WasmTrap
 */
export function vectorOf(recording: Recording, filter: WebAssembly.Module, policy: string): Vector {
  if (recording.said.length === 0) {
    throw new Error(
      `no test case can be made of the session: ${recording.stopped ?? "nothing is said in it"}`,
    );
  }
  let problem = "";
  for (const whole of [recording, { ...recording, said: ended(recording.said) }]) {
    const before = traced(whole, whole.said, filter, policy).findings.map(nameOf);
    for (const own of vectorPolicies(policy, before.length)) {
      // A shorter one reads better; but the amount may be what matters.
      const short = anonymised(whole.said, own.words, true);
      const long = anonymised(whole.said, own.words, false);
      for (const said of sizeOf(short) === sizeOf(long) ? [long] : [short, long]) {
        const made = caseOf(traced(whole, said, filter, own.text), before, own, filter);
        if (typeof made !== "string") return withNotes(made, own, recording.stopped);
        problem ||= made;
      }
    }
  }
  throw new Error(problem);
}

const sizeOf = (said: readonly Spoken[]): number => said.reduce((sum, { bytes }) => sum + bytes.length, 0);

/** @param before the findings in the session itself @returns why it does not work, or a case that passes */
function caseOf(
  trace: Trace,
  before: readonly string[],
  { text: policy }: VectorPolicy,
  filter: WebAssembly.Module,
): Case | string {
  const after = trace.findings.map(nameOf);
  if (after.join("\n") !== before.join("\n")) {
    return `after anonymising, the filter finds ${listed(after)}, not ${listed(before)}`;
  }
  const looked = trace.findings.filter((event) => isLookedAt(policy, event));
  const made = { policy, lines: trace.lines(), findings: looked.map(findingLine), first: looked[0] };
  const wrong = wrongWith(made, filter);
  return wrong === null ? made : `a vector's lines cannot express who waits for whom in it: ${wrong}`;
}

function withNotes(made: Case, { notes }: VectorPolicy, stopped: string | null): Vector {
  const all = stopped === null ? notes : [...notes, `it has only the beginning of the session: ${stopped}`];
  return { id: made.first?.protection ?? "session", text: fileOf(made), notes: all };
}

/** With the ends of both streams, if they are missing: at the end the rest of a line is inspected. */
function ended(said: readonly Spoken[]): Spoken[] {
  const missing = (["client", "server"] as const).filter(
    (side) => !said.some(({ from, end }) => end && from === side),
  );
  return [...said, ...missing.map((from) => ({ from, bytes: new Uint8Array(0), end: true }))];
}

interface Case {
  policy: string;
  /** Of its conversation. */
  lines: string[];
  findings: string[];
  first: FindingEvent | undefined;
}

function played(start: Recording, said: readonly Spoken[], follower: Follower<SessionReport>): SessionReport {
  const session = follower.open(start);
  for (const { from, bytes, end, startsTls } of said) {
    if (startsTls === true) session.startTls(from);
    else if (end) session.end(from, "fin", start.startNs);
    else session.say(from, bytes, start.startNs);
  }
  return session.finish(start.startNs);
}

function traced(
  start: Recording,
  said: readonly Spoken[],
  filter: WebAssembly.Module,
  policy: string,
): Trace {
  const trace = new Trace();
  const clock = new ManualClock();
  const plugin = Plugin.load(filter, { configuration: toldInFull(policy), clock, observe: () => trace });
  played(start, said, new Judge(plugin, clock));
  return trace;
}

const nameOf = ({
  protection,
  reason,
  mode,
  action,
  shadow,
}: Pick<FindingEvent, "protection" | "reason" | "mode" | "action" | "shadow">): string =>
  `${protection} ${reason} ${mode} ${action}${shadow === true ? " shadow" : ""}`;

function findingLine(event: FindingEvent): string {
  const { verb = "" } = event;
  return /^[A-Za-z0-9-]+$/.test(verb) ? `${nameOf(event)} verb=${verb}` : nameOf(event);
}

/** The first line in which a run differs from what the case says; null when all runs are as it says. */
function wrongWith(vector: Case, filter: WebAssembly.Module): string | null {
  const clock = new ManualClock();
  const plugin = Plugin.load(filter, { configuration: vector.policy, clock });
  const lines = parseLines(vector.lines, "vector", 1);
  const script = scriptOf(lines, asksForTls(vector.policy) ? SWITCH : CLEAR);
  const manners: Manner[] = [{}, { joinEnd: true }];
  const size = lines.reduce((sum, line) => sum + (line.kind === "text" ? line.text.length : 0), 0);
  if (size <= BYTE_BY_BYTE) manners.push({ cut: (_side, _index, text) => [...text], lenient: true });
  for (const manner of manners) {
    const wrong = mismatch(vector, runScript(plugin, clock, script, manner));
    if (wrong === null) continue;
    const wanted = wrong.wanted.split("\n");
    const seen = wrong.seen.split("\n");
    const at = wanted.findIndex((line, index) => line !== seen[index]);
    return `"${(seen[at] ?? "").trim()}" instead of "${(wanted[at] ?? "").trim()}"`;
  }
  return null;
}

/** A recording is played as with the switch in Envoy. */
const SWITCH: HostFacts = { startTls: ["client", "server"], isTls: false };

/** Whether it matters to the filter what the host can do. */
const asksForTls = (policy: string): boolean =>
  "starttls" in (JSON.parse(policy === "" ? "{}" : policy) as object);

const listed = (findings: readonly string[]): string =>
  findings.length === 0 ? "nothing" : findings.slice(0, 3).join(", ");

function fileOf({ policy, lines, findings, first }: Case): string {
  const what = first === undefined ? "no findings" : `${first.reason}, ${first.mode}`;
  return [
    `# ${first?.protection ?? "session"}`,
    "",
    "A recorded session, with other names and content of the same shape.",
    "",
    `## Recorded: ${what}`,
    "",
    ...(asksForTls(policy) ? ["> host: switch", ""] : []),
    "```policy",
    policy,
    "```",
    "",
    "```smtp",
    ...lines,
    "```",
    "",
    "```findings",
    ...findings,
    "```",
    "",
  ].join("\n");
}
