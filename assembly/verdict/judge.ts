import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { preventedIn, Session } from "../session/session";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { NOTHING, Outcome, outcomeOf } from "./outcome";
import { report } from "./report";

const stretch = new Evidence();

/** Reports `reason`, found in `evidence`, as the policy has it; returns what is to be done. */
export function find(s: Session, evidence: Evidence, reason: Reason): Outcome {
  // Almost always there is none, and then nothing is called.
  if (reason == Reason.none) return NOTHING;
  return record(s, evidence, reason);
}

function record(s: Session, evidence: Evidence, reason: Reason): Outcome {
  const protection = protectionOf(reason);
  const policy = changetype<Policy>(s.policy);
  const mode = <Mode>policy.reasonModes[reason];
  if (mode == Mode.off || !isOn(s.enabled, protection)) return NOTHING;
  let action: Action = Action.detect;
  if (mode == Mode.prevent && isOn(preventedIn(s), protection)) {
    action = <Action>policy.actions[protection];
    // A command whose keyword was stripped and that still comes is refused.
    if (action == Action.strip) action = Action.reject;
    if (action == Action.reject && (!evidence.isRejectable || hasNoReply(reason))) action = Action.terminate;
    // The server cannot count what it does not get.
    if (action == Action.reject && <i32>s.rejections >= policy.rejectedCommands) action = Action.terminate;
  }
  report(s, evidence, protection, reason, action);
  return outcomeOf(protection, action);
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
): Outcome {
  if (reason == Reason.none) return NOTHING;
  stretch.unread(from, length, verb);
  return find(s, stretch, reason);
}

/** Judges a stretch of the server's bytes, which is no reply, for one reason. */
export function judgeServerBytes(s: Session, reason: Reason, from: usize, length: usize): Outcome {
  if (reason == Reason.none) return NOTHING;
  stretch.unread(from, length, Verb.none);
  stretch.fromServer = true;
  return find(s, stretch, reason);
}

/** Whether the policy wants to know of `reason` in this session. */
export function isReported(s: Session, reason: Reason): bool {
  const mode = <Mode>changetype<Policy>(s.policy).reasonModes[reason];
  return mode != Mode.off && isOn(s.enabled, protectionOf(reason));
}

/** Marks `protection` as one that reported in this session; false when it was marked before. */
export function markReported(s: Session, protection: Protection): bool {
  if (isOn(s.reported, protection)) return false;
  s.reported |= (<u64>1) << (<u64>protection);
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
  return <Protection>PROTECTION_OF[reason];
}

const PROTECTION_OF: StaticArray<u8> = new StaticArray<u8>(<i32>Reason.count);
for (let i = 0; i < <i32>Reason.count; i++) PROTECTION_OF[i] = <u8>REASONS[i].protection;
