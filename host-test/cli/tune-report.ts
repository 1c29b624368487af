/** How `tune` shows the policy that it found: JSON with a comment above each line that was relaxed. */
import { PAGES } from "../pages/generated-pages.js";
import { atMost } from "../workbench/rates.js";
import type { Cause } from "./tune-causes.js";
import type { EventLog } from "./tune-events.js";
import type { Relaxed, Tuned } from "./tune-policy.js";

/** All that is known at the end. */
export interface Result {
  /** As the user named them. */
  from: string;
  loggedUnder: string;
  tuned: Tuned;
  files: { recordings: number; logs: number };
  sessions: number;
  sources: number;
  incomplete: number;
  stripped: number;
  stillPrevented: number;
  log: EventLog;
}

/** The report; each line ends with a newline. */
export function reportText(result: Result): string {
  const { tuned } = result;
  const lines = [
    `// The strictest policy from ${ascii(result.from)} that leaves this traffic alone: ${traffic(result)}.`,
    ...policyLines(tuned, result),
    ...stillPrevented(result),
    ...notesOf(result).map((note) => `// ${note}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same as one JSON value. */
export function reportJson(result: Result): Record<string, unknown> {
  const { tuned, files, sessions, sources, incomplete, stripped, stillPrevented, log } = result;
  const { events, suppressed, prevented, unknown, tooLong, broken } = log;
  const causes = (list: readonly Cause[]): object[] =>
    list.map(({ reason, findings, sessions: found, sources: from, example }) => ({
      reason,
      findings,
      sessions: found,
      sources: from.size,
      example,
    }));
  const relaxed = tuned.relaxed.map(({ id, value, causes: list, ...rest }) => ({
    protection: id,
    policy: value,
    ...rest,
    causes: causes(list),
  }));
  const logs = { events, suppressed, prevented, unknown, tooLong, broken };
  const counts = { ...files, sessions, sources, incomplete, stripped, stillPrevented };
  return {
    policy: tuned.json,
    relaxed,
    prevented: tuned.prevented,
    ...counts,
    log: logs,
    notes: notesOf(result),
  };
}

/** Whether something of the traffic is not known, so that the policy may be too strict for it. */
export const isDoubtful = ({ incomplete, stillPrevented, log }: Result): boolean =>
  incomplete + stillPrevented + log.suppressed + log.prevented + log.unknown + log.tooLong + log.broken > 0;

/** The policy for a file: plain JSON. */
export const policyJson = ({ json }: Tuned): string => `${ascii(JSON.stringify(json, null, 2))}\n`;

function traffic({ files, sessions, sources, log }: Result): string {
  const parts: string[] = [];
  if (files.recordings > 0)
    parts.push(`${counted(sessions, "session")} in ${counted(files.recordings, "file")}`);
  if (files.logs > 0) {
    const shadow = log.events.shadow > 0 ? ` and ${log.events.shadow} of a shadow` : "";
    parts.push(`${counted(log.events.live, "event")}${shadow} in ${counted(files.logs, "log")}`);
  }
  return `${parts.join(", ")}; ${counted(sources, "source")}`;
}

function policyLines({ json, relaxed, exempted, unreadable }: Tuned, result: Result): string[] {
  const entries = Object.entries(json);
  const lines = entries.flatMap(([key, value], index) => {
    const comma = index < entries.length - 1 ? "," : "";
    if (key === "exempt_sources" && exempted.length > 0) {
      return [`  // ${UNREAD}, only from ${exempted.join(" and ")}`, `  ${member(key, value)}${comma}`];
    }
    if (key !== "protections") return [`  ${member(key, value)}${comma}`];
    return [`  "protections": {`, ...protectionLines(value as object, relaxed, result), `  }${comma}`];
  });
  const nothing = unreadable.length > 0 ? ["  // Nothing can be prevented: see below."] : [];
  if (relaxed.length + unreadable.length + exempted.length === 0)
    nothing.push("  // Nothing has to be relaxed.");
  return ["{", ...nothing, ...lines, "}"];
}

function protectionLines(protections: object, relaxed: readonly Relaxed[], result: Result): string[] {
  const entries = Object.entries(protections) as [string, unknown][];
  return entries.flatMap(([id, value], index) => {
    const comments = relaxed.filter((each) => each.id === id).flatMap((each) => commentsOn(each, result));
    const line = `    ${member(id, value)}${index < entries.length - 1 ? "," : ""}`;
    return [...comments.map((comment) => `    // ${comment}`), line];
  });
}

function commentsOn({ causes, detected, unseen }: Relaxed, result: Result): string[] {
  const lines = causes.flatMap((cause) => [
    `${cause.reason}: ${howOften(cause, result)}${detected.includes(cause.reason) ? "" : `: ${[...cause.sources].join(" and ")}`}`,
    `  first in ${cause.example}`,
  ]);
  const under = ascii(result.loggedUnder);
  return [...lines, ...unseen.map((reason) => `${reason}: not known, a log under ${under} does not have it`)];
}

function howOften({ findings, sessions, sources, isFromOthers }: Cause, result: Result): string {
  const parts = [counted(findings, "finding")];
  if (sessions > 0) {
    const share = ((100 * sessions) / result.sessions).toFixed(2);
    parts.push(`in ${sessions} of ${counted(result.sessions, "session")} (${share} %)`);
  }
  if (sources.size > 0)
    parts.push(`from ${isFromOthers ? "more than " : ""}${counted(sources.size, "source")}`);
  return parts.join(" ");
}

function stillPrevented({ tuned, sessions, stillPrevented }: Result): string[] {
  const bound = (100 * atMost(0, sessions)).toFixed(2);
  const says =
    sessions === 0 || stillPrevented > 0
      ? ""
      : `; with 95 % confidence each matches at most ${bound} % of such sessions`;
  const head = `// Still prevented: ${tuned.prevented.length} of ${PAGES.length} protections${says}`;
  const names = tuned.prevented.map((id) => (tuned.partly.includes(id) ? `${id} (other reasons)` : id));
  return [head, ...folded(names).map((row) => `//   ${row}`)];
}

/** What the user must know about the result, a sentence or two each. */
function notesOf(result: Result): string[] {
  const { log, files, incomplete, stripped, stillPrevented } = result;
  const notes: string[] = [];
  for (const { protection, reason, sessions, example } of result.tuned.unreadable) {
    notes.push(
      `Nothing is prevented, for ${counted(sessions, "session")} with ${protection}/${reason}: ${UNREAD}.`,
    );
    notes.push(`  first in ${example}`);
  }
  if (stillPrevented > 0) {
    notes.push(
      `${counted(stillPrevented, "session")} would be prevented all the same: look with replay --policy`,
    );
  }
  if (stripped > 0 && result.tuned.prevented.includes("starttls_command")) {
    notes.push(
      `In ${counted(stripped, "session")} STARTTLS is no longer offered; none of them used it. To leave it: "starttls_command": "detect"`,
    );
  }
  if (incomplete > 0) notes.push(`${counted(incomplete, "session")} incomplete: judged as far as recorded`);
  if (files.logs > 0) {
    notes.push(
      "A log has no bytes to play: what it says was counted once, and the result was not tried on it.",
    );
  }
  if (log.prevented > 0) {
    notes.push(
      `${counted(log.prevented, "event")} of what was prevented: how those sessions would go on is not known`,
    );
  }
  if (log.suppressed > 0) {
    notes.push(`${counted(log.suppressed, "finding")} missing in the log: raise events.max_per_second`);
  }
  if (log.unknown > 0)
    notes.push(`${counted(log.unknown, "event")} with a protection or reason that is not known here`);
  if (log.tooLong > 0) notes.push(`${counted(log.tooLong, "line")} too long to be an event: not read`);
  if (log.broken > 0) notes.push(`${counted(log.broken, "event")} cut off: what was found is not known`);
  return notes;
}

/** Names in lines that fit a screen. */
function folded(names: readonly string[]): string[] {
  const rows: string[] = [];
  for (const name of names) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= WIDTH)
      rows[rows.length - 1] = `${last}, ${name}`;
    else rows.push(name);
  }
  return rows;
}

const WIDTH = 74;

/** CONTRIBUTING.md, law 4. */
const UNREAD = "such a session cannot be read to its end, and a policy that prevents anything ends it";

const member = (key: string, value: unknown): string => ascii(`${JSON.stringify(key)}: ${spaced(value)}`);

/** JSON on one line, with a space after each colon and comma. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** In JSON's own escapes: nothing that a file has written moves the cursor or turns the text. */
const ascii = (text: string): string =>
  text.replace(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
