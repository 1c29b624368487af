/** One session under two policies: what the second changes. */
import { text } from "./bytes.js";
import { findingText } from "./view.js";
import type { Finding, Received, SessionReport, Turn } from "./model.js";

/** The result of a session under one policy. */
export interface Outcome {
  /** `clean`, `detected`, `prevented` or `terminated`; "not judged" if incomplete without a finding. */
  verdict: string;
  /** How many bytes each side receives. */
  toServer: number;
  toClient: number;
  findings: number;
  /** Why the session is incomplete; null when it is complete. */
  incomplete: string | null;
}

/** The first finding that only one of the policies has, or on which they act differently. */
export interface Decision {
  /** The finding under each policy; null where there is none. Both are null where `altered` says what is done without one. */
  before: Finding | null;
  after: Finding | null;
  /** What the filter takes out of a reply, or puts in, without a finding: "STARTTLS is stripped from the reply". Else "". */
  altered: string;
  /** Its turn, in the report that has it (in `after` when both do); null when the report left the turn out. */
  turn: Turn | null;
}

/** What changes for a session. */
export interface Change {
  /** `received`: a side gets different bytes, or the connection ends differently; `findings`: only reports change. */
  kind: "received" | "findings";
  before: Outcome;
  after: Outcome;
  /** Null when no finding differs, nor what a reply to EHLO offers. */
  decides: Decision | null;
  /** What changes, in words: `clean -> prevented`, then what each side gets; `changeWords` is this for people. */
  what: string[];
}

/** @returns null when nothing changes: same bytes for both sides, same findings, even if at different places */
export function compared(before: SessionReport, after: SessionReport): Change | null {
  const received = [
    ...receivedOtherwise("server", before.toServer, after.toServer),
    ...receivedOtherwise("client", before.toClient, after.toClient),
  ];
  if (before.closed !== after.closed) received.push(`${ended(before)} -> ${ended(after)}`);
  if (before.incomplete !== after.incomplete) received.push(`${judged(before)} -> ${judged(after)}`);
  if (received.length === 0 && findingsOf(before) === findingsOf(after)) return null;
  const [one, other] = [outcomeOf(before), outcomeOf(after)];
  return {
    kind: received.length > 0 ? "received" : "findings",
    before: one,
    after: other,
    decides: decisionOf(before, after) ?? alteration(before, after),
    what: [`${one.verdict} -> ${other.verdict}`, ...received],
  };
}

/** What changes, for people: `clean → prevented`, then what each side gets. */
export const changeWords = ({ what }: Change): string[] => what.map(forPeople);

/** Words of `Change.what`, with an arrow that is easier to read. */
export const forPeople = (words: string): string => words.replaceAll(" -> ", " → ");

/** `private_command/private_verb: detected → prevented (reject), 502 5.5.1 to the client`. */
export function decisionText({ before, after, altered, turn }: Decision): string {
  if (altered !== "") return `${altered}, without a finding`;
  const [one, other] = [before, after].map((finding) =>
    finding === null ? null : findingText(finding, turn ?? undefined),
  );
  const found = (one ?? other) as string;
  const name = found.slice(0, found.indexOf(": "));
  const done = (text: string | null | undefined): string =>
    typeof text === "string" ? text.slice(name.length + 2) : "not found";
  return `${name}: ${done(one)} → ${done(other)}`;
}

function outcomeOf(report: SessionReport): Outcome {
  return {
    verdict: report.incomplete !== null && report.findings.length === 0 ? "not judged" : report.verdict,
    toServer: report.toServer.size,
    toClient: report.toClient.size,
    findings: report.findings.length,
    incomplete: report.incomplete,
  };
}

function receivedOtherwise(side: string, before: Received, after: Received): string[] {
  if (before.size !== after.size) return [`the ${side} gets ${after.size} bytes instead of ${before.size}`];
  return before.check === after.check ? [] : [`the ${side} gets ${after.size} different bytes`];
}

const ended = ({ closed }: SessionReport): string => closed ?? "left open";
const judged = ({ incomplete }: SessionReport): string =>
  incomplete === null ? "complete" : `incomplete (${incomplete})`;

/** All findings without their places, which may differ where the filter decides earlier under one policy. */
const findingsOf = ({ findings }: SessionReport): string =>
  findings
    .map((finding) => `${kindOf(finding)} ${actionOf(finding)}`)
    .sort()
    .join("\n");

const kindOf = ({ protection, reason }: Finding): string => `${protection}/${reason}`;
const placeOf = (finding: Finding): string => `${kindOf(finding)} ${finding.side} ${finding.from}`;
const actionOf = ({ action, reply }: Finding): string => `${action} ${reply}`;

function decisionOf(before: SessionReport, after: SessionReport): Decision | null {
  const { findings: ones } = before;
  const { findings: others } = after;
  const isSame = (one: Finding, other: Finding): boolean =>
    placeOf(one) === placeOf(other) && actionOf(one) === actionOf(other);
  let at = 0;
  for (; at < ones.length && at < others.length; at++) {
    if (!isSame(ones[at] as Finding, others[at] as Finding)) break;
  }
  const one = ones[at] ?? null;
  const other = others[at] ?? null;
  if (one === null && other === null) return null;
  const only = (report: SessionReport, finding: Finding): Turn | null =>
    report.turns.find(({ findings }) => findings.includes(finding)) ?? null;
  if (one !== null && other !== null && placeOf(one) === placeOf(other)) {
    return { before: one, after: other, altered: "", turn: only(after, other) };
  }
  // The one that does not come later in the other list is missing there.
  const comesLater = one !== null && others.slice(at).some((each) => placeOf(each) === placeOf(one));
  if (other === null || (one !== null && !comesLater)) {
    return { before: one, after: null, altered: "", turn: only(before, one as Finding) };
  }
  return { before: null, after: other, altered: "", turn: only(after, other) };
}

/** The first keyword that a reply to EHLO offers under one policy only. */
function alteration(before: SessionReport, after: SessionReport): Decision | null {
  const [ones, others] = [offered(before), offered(after)];
  // One of several lines with the same keyword may go.
  const more = (list: string[], than: string[]): string | undefined =>
    list.find((keyword) => timesIn(list, keyword) > timesIn(than, keyword));
  const [stripped, added] = [more(ones, others), more(others, ones)];
  const decision = (altered: string, keyword: string, report: SessionReport): Decision => {
    const turn = report.turns.find(
      ({ from, bytes }) => from === "server" && keywordIn(text(bytes)) === keyword,
    );
    return { before: null, after: null, altered, turn: turn ?? null };
  };
  if (stripped !== undefined) return decision(`${stripped} is stripped from the reply`, stripped, after);
  if (added !== undefined) return decision(`${added} is in the reply`, added, after);
  return null;
}

const timesIn = (list: readonly string[], word: string): number =>
  list.filter((each) => each === word).length;

/** What the client is offered, in the replies that a report keeps. */
const offered = ({ toClient }: SessionReport): string[] =>
  text(toClient.bytes)
    .split("\r\n")
    .map(keywordIn)
    .filter((keyword) => keyword !== "");

/** `250-` or `250 ` and the keyword of an extension (RFC 5321 4.1.1.1), also where what follows it is not as it should be. */
const keywordIn = (line: string): string =>
  (/^250[- ][ \t]*([A-Za-z0-9][A-Za-z0-9-]*)/.exec(line)?.[1] ?? "").toUpperCase();
