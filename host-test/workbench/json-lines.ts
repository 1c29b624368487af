/** A replay as lines of JSON: the filter's own events and records, each with what only the recording knows. */
import { eventOf } from "./events.js";
import type { Finding, SessionReport, Turn } from "./model.js";
import type { FlowCounts } from "./sessions.js";
import type { Tally } from "./tally.js";
import { markOf, rowsOf } from "./view.js";

/** The lines of a session: one for each finding that is kept, then its record. */
export function sessionLines(file: string, report: SessionReport): string[] {
  const alerts = report.events.map(({ message, finding: { side, from, to } }) =>
    line(message, { file, side, from, to }),
  );
  return [...alerts, line(report.record, { file, ...sessionJson(report) })];
}

const line = (message: string, replay: object): string =>
  `${JSON.stringify({ ...eventOf(message), replay })}\n`;

/** What the recording knows of a session: shown as in the text, bytes from the wire escaped and masked in the same way. */
export function sessionJson(report: SessionReport): Record<string, unknown> {
  const numbers = new Map(report.events.map(({ finding }, index) => [finding, index]));
  return {
    title: report.title,
    closed: report.closed,
    incomplete: report.incomplete,
    missing_bytes: report.missing,
    to_server_bytes: report.toServer.size,
    to_client_bytes: report.toClient.size,
    turns_left_out: report.turnsLeftOut,
    findings_left_out: report.findingsLeftOut,
    turns: report.turns.map((turn) => turnJson(turn, report.startNs, numbers)),
  };
}

/** @param numbers of findings: which of the session's alert lines each is, from 0 */
function turnJson(turn: Turn, startNs: bigint, numbers: ReadonlyMap<Finding, number>): object {
  return {
    mark: markOf(turn),
    kind: turn.kind,
    mode: turn.mode,
    seconds: Number((turn.timeNs - startNs) / 1000n) / 1e6,
    offset: turn.offset,
    size: turn.size,
    received: turn.received,
    held: turn.held,
    fate: turn.fate,
    gap: turn.gap,
    lines: rowsOf(turn).map((row) => `${row.text}${row.cut}`),
    alerts: [...turn.findings, ...turn.shadow].flatMap((finding) => numbers.get(finding) ?? []),
  };
}

/** The last line about a file. @param error why it could not be read, or not completely */
export function fileLine(file: string, tally: Tally, counts: FlowCounts, error: string | null): string {
  const totals = {
    event_type: "replay",
    file,
    sessions: tally.sessions,
    with_findings: tally.withFindings,
    not_judged: tally.notJudged,
    packets: counts.packets,
    flows: counts.flows,
    other_flows: counts.otherFlows,
    left_out: Object.fromEntries(counts.leftOut),
    error,
  };
  return `${JSON.stringify(totals)}\n`;
}
