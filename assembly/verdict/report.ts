import { log, LogLevel, now } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Action } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { Session, statisticsOf } from "../session/session";
import { oneMore } from "../session/tally";
import { Verdict } from "../session/verdict";
import { Shadow } from "../session/shadow-record";
import { SourceKind } from "../smtp/source-kind";
import { Statistics } from "../telemetry/statistics";
import { writeEvent } from "./event";
import { Evidence } from "./evidence";
import { line } from "./head";
import { actionIn, isPrevented, Outcome, protectionIn } from "./outcome";
import { Side } from "./side";
import { noteForSource } from "./sources";
import { Counter } from "../telemetry/generated-statistics";

/** Counts a finding, writes it as an event and keeps it for the summary. `outcome` is what is done about it. */
export function report(s: Session, evidence: Evidence, reason: Reason, outcome: Outcome): void {
  const statistics = statisticsOf(s);
  const protection = protectionIn(outcome);
  const action = actionIn(outcome);
  statistics.countFinding(reason, action, false);
  s.findings = oneMore(s.findings);
  s.found |= (<u64>1) << (<u64>protection);
  s.verdict = max(s.verdict, <u8>verdictOf(action));
  if (action != Action.detect) noteForSource(s, SourceKind.findings, Side.live);
  const time = now();
  // Of sessions that the VM has no room for there may be thousands at once.
  if (reason == Reason.too_many_pending_memory && !statistics.admitNotice(time)) return;
  if (!takeEvent(s, statistics, time, action)) return;
  writeEvent(s, time, evidence, reason, outcome, changetype<Policy>(s.policy), false);
  endEvent(s);
  log(action == Action.detect ? LogLevel.info : LogLevel.warn, line.start, line.size);
}

/**
 * The same for the shadow, by which nothing is done: `outcome` is what it would do, `live` what the live policy does. Only where
 * the two differ is there an event, so that a finding that both have is written once.
 */
export function reportShadow(
  s: Session,
  evidence: Evidence,
  reason: Reason,
  outcome: Outcome,
  live: Outcome,
): void {
  const statistics = statisticsOf(s);
  const shadow = changetype<Shadow>(s.shadow);
  const protection = protectionIn(outcome);
  statistics.countFinding(reason, actionIn(outcome), true);
  shadow.findings++;
  shadow.found |= (<u64>1) << (<u64>protection);
  shadow.verdict = max(shadow.verdict, <u8>verdictOf(actionIn(outcome)));
  if (isPrevented(outcome)) noteForSource(s, SourceKind.findings, Side.shadow);
  if (shadow.firstReason == <u8>Reason.none && isPrevented(outcome)) {
    shadow.firstReason = <u8>reason;
    shadow.firstAction = <u8>actionIn(outcome);
  }
  if (outcome == live || reason == Reason.too_many_pending_memory) return;
  // Nothing is done: it leaves to what is prevented as much as what is detected does.
  const time = now();
  if (!takeEvent(s, statistics, time, Action.detect)) return;
  writeEvent(s, time, evidence, reason, outcome, changetype<Policy>(shadow.policy), true);
  endEvent(s);
  log(LogLevel.info, line.start, line.size);
}

/** Ends the event or record in `line`, with how many were left out since the last one. */
export function endEvent(s: Session): void {
  const suppressed = statisticsOf(s).takeSuppressed();
  if (suppressed > 0) {
    line.key("suppressed");
    line.number(suppressed);
  }
  line.byte(0x7d);
}

/**
 * Takes one of the events of this second: a session has half of them, so that one client does not hide the others,
 * and what is only detected leaves a quarter to what is prevented.
 */
function takeEvent(s: Session, statistics: Statistics, time: u64, action: Action): bool {
  const most = changetype<Policy>(s.policy).eventsPerSecond;
  const second = <u8>(time / 1_000_000_000);
  if (s.eventSecond != second) {
    s.eventSecond = second;
    s.eventsWritten = 0;
  }
  const share = max(most >> 1, SHARE_LEAST);
  const left = action == Action.detect ? most - (most >> 2) : most;
  if (<i32>s.eventsWritten >= share) return statistics.suppress();
  if (!statistics.admitEvent(time, left)) return false;
  s.eventsWritten++;
  return true;
}

/** Takes one of the events of this second for a session's record, which comes once: as much is left to what is prevented. */
export function takeRecord(s: Session, time: u64): bool {
  const most = changetype<Policy>(s.policy).eventsPerSecond;
  return statisticsOf(s).admitEvent(time, most - (most >> 2));
}

/** Counts a session that asked for more memory than the VM has left. */
export function noteOverMemory(s: Session): void {
  // What is only watched goes on unread.
  s.overMemory = s.edits;
  statisticsOf(s).add(Counter.sessions_over_memory);
}

/** Counts an edit that the host refused, and says so once a second at most. */
export function noteRefusedEdit(s: Session): void {
  const statistics = statisticsOf(s);
  statistics.add(Counter.edits_refused);
  if (!statistics.admitNotice(now())) return;
  log(LogLevel.error, changetype<usize>(EDIT_REFUSED), EDIT_REFUSED.byteLength);
}

function verdictOf(action: Action): Verdict {
  if (action == Action.detect) return Verdict.detected;
  return action == Action.terminate ? Verdict.terminated : Verdict.prevented;
}

/** Events a second that a session may write under any policy that allows as many: one line can have several. */
const SHARE_LEAST: i32 = 10;

const EDIT_REFUSED: ArrayBuffer = String.UTF8.encode(
  "a connection was closed because the host refused to edit its bytes: add proxy_set_buffer_bytes to the " +
    "allowed_capabilities of capability_restriction_config",
);
