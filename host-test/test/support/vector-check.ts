/** Compares what came of a case with what its file says; the same for every host and every way to cut. */
import { expect } from "vitest";
import type { Conversation } from "./vector-conversation.js";
import type { VectorCase } from "./vector-file.js";
import { escapeText } from "../../workbench/lines.js";

/** An event of the filter, as far as vectors compare it (README, "Events"). */
export interface FindingEvent {
  event_type: string;
  protection: string;
  reason: string;
  mode: string;
  action: string;
  verb?: string;
  src_ip?: string;
  dest_port?: number;
}

/** What came of one run. */
export interface Outcome {
  conversation: Conversation;
  findings: FindingEvent[];
  /** Whether the connection was closed by the filter, not by client or server. */
  filterClosed: boolean;
  /** Text of the access log's filter state; empty when none was set. */
  summary: string;
}

/** The event in a line that the filter logged; null when it is something else. */
export function findingIn(message: string): FindingEvent | null {
  if (!message.startsWith('{"event_type":"alert"')) return null;
  return JSON.parse(message) as FindingEvent;
}

/**
 * @param how the way the case was run, for the message
 * @param other a run that must have told the very same findings, those included that the file does not look at
 * @throws AssertionError with both sides' bytes, escaped
 */
export function check(vector: VectorCase, outcome: Outcome, how: string, other?: Outcome): void {
  const { client, server } = outcome.conversation;
  const looked = outcome.findings.filter((event) => isLookedAt(vector, event));
  const told = looked.map((event, index) => findingText(event, vector.findings[index]));
  const wantedVerdict = looked.length < outcome.findings.length ? atLeastDetected(vector) : verdictOf(vector);
  // Who is first to close a terminated session, server, filter or deadline, is a matter of time.
  const wanted = outcome.conversation.script.filterCloses || (isTerminated(vector) && outcome.filterClosed);
  const same =
    client.received === client.expected &&
    server.received === server.expected &&
    told.join("\n") === vector.findings.join("\n") &&
    outcome.filterClosed === wanted &&
    client.isDone &&
    server.isDone &&
    outcome.summary.includes(`{"verdict":"${wantedVerdict}",`);
  if (!same) {
    const expected = report(server.expected, client.expected, vector.findings, wanted, wantedVerdict, []);
    const undone = [...(client.isDone ? [] : ["client"]), ...(server.isDone ? [] : ["server"])];
    const verdict = /"verdict":"(\w+)"/.exec(outcome.summary)?.[1] ?? "none";
    const seen = report(server.received, client.received, told, outcome.filterClosed, verdict, undone);
    expect(seen, `${vector.title} (${how})`).toBe(expected);
  }
  if (other === undefined) return;
  const [mine, others] = [outcome, other].map((each) => each.findings.map((event) => findingText(event)));
  if (mine?.join("\n") === others?.join("\n")) return;
  expect(mine, `${vector.title} (${how}): all findings, beside those of another run`).toEqual(others);
}

/**
 * A case whose policy names protections looks at those: what others only detect beside them is not its subject. What
 * any protection prevents is always looked at.
 */
function isLookedAt(vector: VectorCase, event: FindingEvent): boolean {
  const named = Object.keys(
    (JSON.parse(vector.policy || "{}") as { protections?: object }).protections ?? {},
  );
  return named.length === 0 || event.action !== "detect" || named.includes(event.protection);
}

function atLeastDetected(vector: VectorCase): string {
  const verdict = verdictOf(vector);
  return verdict === "clean" ? "detected" : verdict;
}

function isTerminated(vector: VectorCase): boolean {
  return verdictOf(vector) === "terminated";
}

/** The worst of all findings is the session's verdict in the access log (design section 1). */
export function verdictOf(vector: VectorCase): string {
  const actions = vector.findings.map((line) => line.split(" ")[3] as string);
  if (actions.length === 0) return "clean";
  if (actions.includes("terminate")) return "terminated";
  return actions.every((action) => action === "detect") ? "detected" : "prevented";
}

/** One line a finding; the verb stands there unless the file's line for it has none. */
function findingText(event: FindingEvent, expected?: string): string {
  const { protection, reason, mode, action, verb } = event;
  const line = `${protection} ${reason} ${mode} ${action}`;
  return expected === line || verb === undefined ? line : `${line} verb=${verb}`;
}

function report(
  server: string,
  client: string,
  findings: readonly string[],
  filterClosed: boolean,
  verdict: string,
  undone: string[],
): string {
  return [
    "the server receives:",
    ...indented(escapeText(server)),
    "the client receives:",
    ...indented(escapeText(client)),
    "findings:",
    ...indented(findings.join("\n")),
    `verdict: ${verdict}`,
    `closed by the filter: ${filterClosed ? "yes" : "no"}`,
    `still waiting or not told the end: ${undone.join(", ") || "nobody"}`,
  ].join("\n");
}

const indented = (text: string): string[] => (text === "" ? [] : text.split("\n").map((line) => `  ${line}`));
