import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { isTrusted, liveIn, preventedIn, Session } from "../session/session";
import { preventedByShadow, Shadow } from "../session/shadow-record";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { isReject, NOTHING, Outcome, outcomeFor, outcomeOf, protectionIn } from "./outcome";
import { report, reportShadow } from "./report";
import { Side } from "./side";

const stretch = new Evidence();

/**
 * Reports `reason`, found in `evidence` for `side`, as the policy has it, and as the shadow has it; returns what is to be
 * done.
 */
export function find(s: Session, evidence: Evidence, reason: Reason, side: Side = Side.both): Outcome {
  // Almost always there is none, and then nothing is called.
  if (reason == Reason.none) return NOTHING;
  return record(s, evidence, reason, side);
}

function record(s: Session, evidence: Evidence, reason: Reason, side: Side): Outcome {
  const live = (side & Side.live) != 0 ? findLive(s, evidence, reason) : NOTHING;
  if (s.shadow != 0 && (side & Side.shadow) != 0) findShadow(s, evidence, reason, live);
  return live;
}

/** The same for the live policy alone. */
export function findLive(s: Session, evidence: Evidence, reason: Reason): Outcome {
  const policy = changetype<Policy>(s.policy);
  const most = isTrusted(s) ? Mode.detect : Mode.prevent;
  const outcome = outcomeBy(policy, liveIn(s), most, s.rejections, evidence, reason);
  if (outcome != NOTHING) report(s, evidence, reason, outcome);
  return outcome;
}

/** The same for the shadow, which the session must have and which does nothing; `live` is what the live policy does. */
export function findShadow(s: Session, evidence: Evidence, reason: Reason, live: Outcome): Outcome {
  const shadow = changetype<Shadow>(s.shadow);
  const policy = changetype<Policy>(shadow.policy);
  const most = shadow.isTrusted ? Mode.detect : Mode.prevent;
  const outcome = outcomeBy(policy, shadow.enabled, most, shadow.rejections, evidence, reason);
  if (outcome != NOTHING) reportShadow(s, evidence, reason, outcome, live);
  return outcome;
}

/** Counts a command that the live policy rejects. Of too many recipients the first only: it says that one was withheld at all. */
export function countRejection(s: Session, outcome: Outcome): void {
  if (!isPartial(outcome) || s.rejections == 0) s.rejections++;
}

/** Takes note of what the shadow would have done to the whole line. */
export function noteShadowOutcome(s: Session, outcome: Outcome): void {
  const shadow = changetype<Shadow>(s.shadow);
  shadow.line = outcome;
  if (isReject(outcome) && !isPartial(outcome)) shadow.rejections++;
}

/**
 * Reports `reason`, which says that what comes cannot be read: whoever prevents anything ends the session by that, whatever
 * mode the protection has. Returns what is to be done.
 */
export function findEnd(s: Session, evidence: Evidence, reason: Reason): Outcome {
  if (!s.edits) {
    const live = findLive(s, evidence, reason);
    if (s.shadow != 0) endShadow(s, evidence, reason, live);
    return live;
  }
  const end = outcomeOf(protectionOf(reason), Action.terminate);
  report(s, evidence, reason, end);
  if (s.shadow != 0) endShadow(s, evidence, reason, end);
  return end;
}

/** The same for the shadow alone; `live` is what the live policy does. */
export function endShadow(s: Session, evidence: Evidence, reason: Reason, live: Outcome): void {
  if (!changetype<Shadow>(s.shadow).prevents) findShadow(s, evidence, reason, live);
  else reportShadow(s, evidence, reason, outcomeOf(protectionOf(reason), Action.terminate), live);
}

/** What `policy`, of which `enabled` judges the session in the mode `most` at most, does about `reason` after so many rejected commands. */
function outcomeBy(
  policy: Policy,
  enabled: u64,
  most: Mode,
  rejections: i32,
  evidence: Evidence,
  reason: Reason,
): Outcome {
  const protection = protectionOf(reason);
  const mode = <Mode>unchecked(policy.reasonModes[reason]);
  if (mode == Mode.off || !isOn(enabled, protection)) return NOTHING;
  let action: Action = Action.detect;
  if (mode == Mode.prevent && most == Mode.prevent) {
    action = <Action>policy.actions[protection];
    // A command whose keyword was stripped and that still comes is refused.
    if (action == Action.strip) action = Action.reject;
    if (action == Action.reject && (!evidence.isRejectable || hasNoReply(reason))) action = Action.terminate;
    // The server cannot count what it does not get.
    const partial = protection == Protection.too_many_recipients;
    if (action == Action.reject && rejections >= policy.rejectedCommands && !partial)
      action = Action.terminate;
  }
  return outcomeFor(reason, protection, action);
}

/**
 * Whether a rejection leaves a transaction that must go on: a client sends all of its recipients, however many are too many.
 * Such do not count towards `limits.rejected_commands`.
 */
function isPartial(outcome: Outcome): bool {
  return protectionIn(outcome) == Protection.too_many_recipients;
}

/** Whether no reply to the line could be true, so that it cannot be rejected alone. */
function hasNoReply(reason: Reason): bool {
  // Three servers read three commands out of a line with a NUL.
  if (reason == Reason.binary_data_in_command_nul) return true;
  // The line's end is not in sight; or how many octets follow is not known.
  return reason == Reason.command_line_too_long_endless || reason == Reason.non_compliant_smtp_xexch50_size;
}

/** Judges a stretch of the client's bytes, which is no command, for one reason. */
export function judgeClientBytes(
  s: Session,
  reason: Reason,
  from: usize,
  length: usize,
  verb: Verb,
  side: Side = Side.both,
): Outcome {
  if (reason == Reason.none) return NOTHING;
  stretch.unread(from, length, verb);
  return find(s, stretch, reason, side);
}

/** Judges a stretch of the server's bytes, which is no reply, for one reason. */
export function judgeServerBytes(s: Session, reason: Reason, from: usize, length: usize): Outcome {
  if (reason == Reason.none) return NOTHING;
  stretch.unread(from, length, Verb.none);
  stretch.fromServer = true;
  return find(s, stretch, reason);
}

/** Which policies want to know of `reason` in this session. */
export function wanting(s: Session, reason: Reason): Side {
  return withMode(s, reason, Mode.detect);
}

/** Which policies do something about `reason` in this session, beyond reporting it. */
export function preventing(s: Session, reason: Reason): Side {
  return withMode(s, reason, Mode.prevent) & preventedBy(s, protectionOf(reason));
}

/** Which policies prevent in this session by `protection`, for some of its reasons at least. */
export function preventedBy(s: Session, protection: Protection): Side {
  let side = isOn(preventedIn(s), protection) ? Side.live : Side.none;
  if (s.shadow == 0) return side;
  const shadow = changetype<Shadow>(s.shadow);
  if (isOn(preventedByShadow(shadow), protection)) side |= Side.shadow;
  return side;
}

/** Which policies have `least` or more for `reason` in this session. */
function withMode(s: Session, reason: Reason, least: Mode): Side {
  const protection = protectionOf(reason);
  let side = Side.none;
  if (isOn(liveIn(s), protection)) {
    if (unchecked(changetype<Policy>(s.policy).reasonModes[reason]) >= <u8>least) side = Side.live;
  }
  if (s.shadow == 0) return side;
  const shadow = changetype<Shadow>(s.shadow);
  if (isOn(shadow.enabled, protection)) {
    if (unchecked(changetype<Policy>(shadow.policy).reasonModes[reason]) >= <u8>least) side |= Side.shadow;
  }
  return side;
}

/** Marks `protection` as one that reported to `side` in this session; false when it was marked before. */
export function markReported(s: Session, protection: Protection, side: Side = Side.both): bool {
  const bit = (<u64>1) << (<u64>protection);
  // Both is marked as the live policy is: what reports to each by its own option does so all through the session.
  if (side == Side.shadow) {
    const shadow = changetype<Shadow>(s.shadow);
    if ((shadow.reported & bit) != 0) return false;
    shadow.reported |= bit;
    return true;
  }
  if ((s.reported & bit) != 0) return false;
  s.reported |= bit;
  return true;
}

/** Whether `protection` is in a set of protections. */
export function isOn(set: u64, protection: Protection): bool {
  return (set & ((<u64>1) << (<u64>protection))) != 0;
}

/** Whether `protection` prevents in this session, and by `action`. */
export function preventsBy(s: Session, protection: Protection, action: Action): bool {
  return (
    isOn(preventedIn(s), protection) && <Action>changetype<Policy>(s.policy).actions[protection] == action
  );
}

/** The protection that `reason` is one of. */
export function protectionOf(reason: Reason): Protection {
  return <Protection>unchecked(PROTECTION_OF[reason]);
}

const PROTECTION_OF: StaticArray<u8> = new StaticArray<u8>(<i32>Reason.count);
for (let i = 0; i < <i32>Reason.count; i++) PROTECTION_OF[i] = <u8>REASONS[i].protection;
