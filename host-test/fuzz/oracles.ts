/** What must be true of every session (the laws: CONTRIBUTING.md). Each check returns faults, or nothing. */
import { type Fault, fault } from "./fault.js";
import { judgeTls } from "./oracles-tls.js";
import { POLICIES } from "./policies.js";
import type { Seen } from "./seen.js";
import type { Session } from "./session.js";
import { escape } from "./session.js";
import type { TargetLine } from "./target.js";
import { latin1, toBytes } from "./text.js";

export interface Finding {
  readonly port: number;
  /** Protection, reason, action, phase and verb. */
  readonly kind: string;
}

interface EventFields {
  event_type?: string;
  src_port?: number;
  protection?: string;
  reason?: string;
  action?: string;
  phase?: string;
  verb?: string;
}

/** Reads events; every line must be one JSON object of printable ASCII. */
export function readEvents(lines: readonly TargetLine[]): { findings: Finding[]; faults: Fault[] } {
  const findings: Finding[] = [];
  const faults: Fault[] = [];
  for (const { level, message } of lines) {
    // The reason for refusing a policy is plain text.
    if (level === "error") continue;
    const bad = /[^\x20-\x7e]/.exec(message)?.[0];
    if (bad !== undefined) {
      faults.push(fault("log", "control byte", `${JSON.stringify(bad)} in ${JSON.stringify(message)}`));
    }
    try {
      const event = JSON.parse(message) as EventFields;
      // The record of a session is compared as what the access log gets.
      if (event.event_type === "smtp") continue;
      const { src_port = 0, protection, reason, action, phase, verb } = event;
      const known = verb === undefined || /^[A-Z-]+$/.test(verb) ? verb : "other";
      findings.push({ port: src_port, kind: [protection, reason, action, phase, known].join(" ") });
    } catch (error) {
      faults.push(fault("log", "not JSON", `${(error as Error).message} in ${JSON.stringify(message)}`));
    }
  }
  return { findings, faults };
}

/** What a single run must satisfy. */
export function judgeSeen(session: Session, seen: Seen): Fault[] {
  const policy = POLICIES[session.policy];
  const faults: Fault[] = [];
  if (policy?.watches === true) faults.push(...invisible(session, seen));
  if (policy?.oneReading === true && isServedByModel(session)) faults.push(...oneReading(session, seen));
  if (policy !== undefined) faults.push(...judgeTls(policy, seen, isServedByModel(session) && !seen.ahead));
  try {
    JSON.parse(seen.summary);
  } catch {
    faults.push(fault("log", "summary", `summary is ${JSON.stringify(seen.summary)}`));
  }
  return faults;
}

/** Law 1: if everything is only detected, each side gets what the other sent. */
function invisible(session: Session, seen: Seen): Fault[] {
  const faults: Fault[] = [];
  const compare = (key: string, expected: Uint8Array, got: Uint8Array): void => {
    const at = difference(expected, got);
    if (at >= 0) faults.push(fault("law 1", key, `${key} differ at ${at}: ${around(expected, got, at)}`));
  };
  // The host drops what waits in a socket when a side resets; nothing waits if nothing is held.
  compare("bytes to the server", seen.sentByClient, seen.toServer);
  compare("bytes to the client", seen.sentByServer, seen.toClient);
  if (seen.closed?.startsWith("wasm_") === true)
    faults.push(fault("law 1", "closed", `closed: ${seen.closed}`));
  if (session.ops.some(({ kind }) => kind === "C.") && seen.closed === null && !seen.serverEnded)
    faults.push(fault("law 1", "end of stream", "the server did not see the client's end of stream"));
  return faults;
}

/** Whether all the server's bytes are replies of the model, so that its state is that of a real server. */
function isServedByModel({ ops }: Session): boolean {
  const said = ops.findIndex(({ kind }) => kind === "S");
  const lawful = /^(?:\d{3}-[ -~]*\r\n)*\d{3} [ -~]*\r\n$/;
  return ops.every(({ kind, bytes }, index) => {
    if (kind === "S") return index === said && index === 0 && lawful.test(latin1(bytes));
    return (kind !== "A" && kind !== "S.") || lawful.test(latin1(bytes));
  });
}

/** Law 5: lines and data that every server reads alike, and the messages that the filter counted. */
function oneReading(session: Session, { server, summary }: Seen): Fault[] {
  const faults: Fault[] = [];
  const [first] = server.ambiguous;
  if (first !== undefined) faults.push(fault("law 5", first.split(":")[0] ?? "", `the server got ${first}`));
  // If the session ends because of the server's own reply, the filter does not learn the result of open commands.
  if (summary.includes('"terminated"') && session.ops.some(({ kind }) => kind === "A")) return faults;
  // A server that ended its stream sends nothing more, not even that it accepted a message.
  if (server.replies.length > 0 && session.ops.some(({ kind }) => kind === "S.")) return faults;
  const counted = Number(/"messages":(\d+)/.exec(summary)?.[1] ?? 0);
  if (counted !== server.messages) {
    const detail = `the server accepted ${server.messages} messages, the filter counted ${counted}`;
    faults.push(fault("law 5", "messages", detail));
  }
  return faults;
}

/** Law 2: two runs of the same bytes must give the same result. `label` says how the second was cut. */
export function compareRuns(
  label: string,
  first: { seen: Seen; kinds: readonly string[] },
  second: { seen: Seen; kinds: readonly string[] },
): Fault[] {
  const faults: Fault[] = [];
  const add = (key: string, detail: string): void => void faults.push(fault(label, key, detail));
  const [a, b] = [first.seen, second.seen];
  const lost = without(first.kinds, second.kinds);
  const extra = without(second.kinds, first.kinds);
  if (lost.length + extra.length > 0) {
    const key = [...new Set([...lost, ...extra].map((kind) => kind.split(" ").slice(0, 2).join(" ")))].sort();
    add(`findings ${key.join(", ")}`, `only before: ${some(lost)}\nonly then: ${some(extra)}`);
  }
  const bytes = (key: string, one: Uint8Array, other: Uint8Array): void => {
    const at = difference(one, other);
    if (at >= 0) add(key, `${key} differ at ${at}: ${around(one, other, at)}`);
  };
  bytes("bytes to the server", withoutStandIns(a.toServer), withoutStandIns(b.toServer));
  bytes("bytes to the client", a.toClient, b.toClient);
  if (a.summary !== b.summary) add("summary", `${a.summary}\n${b.summary}`);
  if (a.serverEnded !== b.serverEnded) add("end to the server", `${a.serverEnded}, then ${b.serverEnded}`);
  if (a.clientEnded !== b.clientEnded) add("end to the client", `${a.clientEnded}, then ${b.clientEnded}`);
  if ((a.closed === null) !== (b.closed === null)) add("closed", `${a.closed}, then ${b.closed}`);
  return faults;
}

/** What is in `all` more often than in `others`. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const kind of others) left.set(kind, (left.get(kind) ?? 0) + 1);
  return all.filter((kind) => {
    const count = left.get(kind) ?? 0;
    if (count > 0) left.set(kind, count - 1);
    return count === 0;
  });
}

/** A NOOP stands in for a withheld command or not by what is outstanding, so by the cuts (CONTRIBUTING.md, law 2). */
function withoutStandIns(bytes: Uint8Array): Uint8Array {
  const text = latin1(bytes);
  return text.includes("NOOP\r\n") ? toBytes(text.replaceAll("NOOP\r\n", "")) : bytes;
}

/** Where two byte strings differ first, -1 when they do not. */
function difference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? -1 : shorter;
}

const some = (kinds: readonly string[]): string => kinds.slice(0, 8).join("; ");

function around(expected: Uint8Array, got: Uint8Array, at: number): string {
  const cut = (bytes: Uint8Array): string => escape(bytes.subarray(Math.max(0, at - 30), at + 60));
  return `${expected.length} bytes "${cut(expected)}", ${got.length} bytes "${cut(got)}"`;
}
