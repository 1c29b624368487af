/** The totals of a file, once its sessions have been played. */
import type { SessionReport } from "./model.js";
import type { FlowCounts } from "./sessions.js";

/** Sessions of one file under one policy. */
export interface Tally {
  sessions: number;
  withFindings: number;
  notJudged: number;
}

/** Nothing counted yet. */
export const newTally = (): Tally => ({ sessions: 0, withFindings: 0, notJudged: 0 });

/** Adds a session to the totals. */
export function count(tally: Tally, report: SessionReport): void {
  tally.sessions++;
  if (report.findings.length > 0) tally.withFindings++;
  if (report.incomplete !== null) tally.notJudged++;
}

/** `3 sessions; 1 with findings; 1 other connection`. */
export function tallyText(tally: Tally, counts: FlowCounts): string {
  const parts = [
    `${tally.sessions} session${tally.sessions === 1 ? "" : "s"}`,
    `${tally.withFindings} with findings`,
  ];
  if (tally.notJudged > 0) parts.push(`${tally.notJudged} incomplete`);
  if (counts.otherFlows > 0)
    parts.push(`${counts.otherFlows} other connection${counts.otherFlows === 1 ? "" : "s"}`);
  for (const [reason, packets] of counts.leftOut) parts.push(`${packets} packets left out: ${reason}`);
  return parts.join("; ");
}
