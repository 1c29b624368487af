import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/reason";
import { Session } from "../session/session";
import { Verb } from "../smtp/verb";
import { evidence } from "./evidence";
import { report } from "./report";

/** The outcome for one line, reply or piece of data: the strongest action of all hits, and whose it is. */
@final
export class Judgement {
  action: Action = Action.detect;
  protection: Protection = Protection.non_compliant_smtp;

  clear(): void {
    this.action = Action.detect;
  }

  /** The line is kept from the server. */
  get isReject(): bool {
    return this.action == Action.reject;
  }

  get isTerminate(): bool {
    return this.action == Action.terminate;
  }
}

export const judgement = new Judgement();

/**
 * Records a hit for `reason` and raises `judgement` to what is to be done. Without `mayReject` the session is ended
 * instead of a line rejected: what came from a server, or has a payload behind it, cannot be rejected. False when the
 * policy wants to hear nothing of it.
 */
export function hit(s: Session, reason: Reason, mayReject: bool = false): bool {
  // Almost always there is none, and then nothing is called.
  return reason != Reason.none && record(s, reason, mayReject);
}

function record(s: Session, reason: Reason, mayReject: bool): bool {
  const protection = protectionOf(reason);
  const policy = changetype<Policy>(s.policy);
  const mode = <Mode>policy.reasonModes[reason];
  if (mode == Mode.off || !isOn(s.enabled, protection)) return false;
  let action: Action = Action.detect;
  if (mode == Mode.prevent && isOn(s.prevent, protection)) {
    action = <Action>policy.actions[protection];
    // A command that was announced away and still comes is refused.
    if (action == Action.strip) action = Action.reject;
    // Three servers read three commands out of a line with a NUL: no reply would be true for all.
    if (action == Action.reject && (!mayReject || reason == Reason.binary_nul)) action = Action.terminate;
    if (action == Action.reject && reason == Reason.line_endless) action = Action.terminate;
  }
  report(s, protection, reason, action);
  if (action > judgement.action) {
    judgement.action = action;
    judgement.protection = protection;
  }
  return true;
}

/**
 * Judges bytes that are no command for one reason; they become the evidence. They are never shown: bytes that nobody
 * parsed may hold an AUTH command with its credentials.
 */
export function judgeBytes(s: Session, reason: Reason, from: usize, length: usize, verb: Verb): void {
  judgement.clear();
  if (reason == Reason.none) return;
  evidence.bytes(from, min<usize>(length, EVIDENCE_MAX), verb);
  evidence.secret = true;
  hit(s, reason);
}

/** Whether `protection` is in a set of protections. */
export function isOn(set: u64, protection: Protection): bool {
  return (set & ((<u64>1) << (<u64>protection))) != 0;
}

/** Whether `protection` prevents in this session, and by `action`. */
export function preventsBy(s: Session, protection: Protection, action: Action): bool {
  return isOn(s.prevent, protection) && <Action>changetype<Policy>(s.policy).actions[protection] == action;
}

/** The protection that `reason` is one of. */
export function protectionOf(reason: Reason): Protection {
  return <Protection>PROTECTION_OF[reason];
}

/** An excerpt is cut to as much. */
const EVIDENCE_MAX: usize = 64;

const PROTECTION_OF: StaticArray<u8> = new StaticArray<u8>(<i32>Reason.count);
for (let i = 0; i < <i32>Reason.count; i++) PROTECTION_OF[i] = <u8>REASONS[i].protection;
