import { Policy } from "../policy/policy";
import {
  Action,
  actionName,
  CATALOGUE,
  Mode,
  modeName,
  Protection,
  reasonName,
} from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { isMute, isTrusted, Session, SessionMode } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { Evidence } from "./evidence";
import { line, writeHead } from "./head";
import { actionIn, Outcome, protectionIn } from "./outcome";
import { writeExcerpt, writeNames, writeVerb } from "./shown";
import { replyFor } from "./wording";

/**
 * Writes an event into `line`, but for its end.
 * @param time nanoseconds since 1970
 * @param judge the policy that found something, the shadow or the live one
 */
export function writeEvent(
  s: Session,
  time: u64,
  evidence: Evidence,
  reason: Reason,
  outcome: Outcome,
  judge: Policy,
  isShadow: bool,
): void {
  const policy = changetype<Policy>(s.policy);
  const protection = protectionIn(outcome);
  const action = actionIn(outcome);
  writeHead(s, time, ALERT);
  writeNames(line, s, evidence);
  line.word("protection", CATALOGUE[protection].id);
  line.word("reason", reasonName(reason));
  line.word("mode", modeName(isAtMostDetected(s, isShadow) ? Mode.detect : <Mode>judge.reasonModes[reason]));
  line.word("action", actionName(action));
  if (isShadow) {
    line.key("shadow");
    line.ascii("true");
  }
  line.word("phase", PHASES[s.mode]);
  writeVerb(line, evidence, policy);
  writeExcerpt(line, evidence, policy);
  if (action == Action.reject) line.word("reply", rejectionCodes(judge, protection, reason));
  else if (action == Action.terminate && !isMute(s)) {
    // Only a greeting that the server sent has its place taken by 554, and only where it was not 4xx.
    const isAbuse = protection == Protection.source_abuse;
    const isTemporary = isAbuse ? !judge.source_abuse_permanent : evidence.isTemporary;
    const greets = s.mode == SessionMode.greeting && evidence.fromServer && !isTemporary;
    line.word("reply", !greets ? "421 4.7.0" : isAbuse ? "554 5.7.1" : "554 5.3.2");
  }
}

function isAtMostDetected(s: Session, isShadow: bool): bool {
  return isShadow ? changetype<Shadow>(s.shadow).isTrusted : isTrusted(s);
}

/** Code and enhanced code of the reply to a command that `protection` rejects. */
function rejectionCodes(policy: Policy, protection: Protection, reason: Reason): string {
  const isOwn = protection == Protection.forbidden_command && policy.commandsReply !== null;
  return isOwn ? policy.commandsReplyCodes : replyFor(protection, reason);
}

const ALERT: ArrayBuffer = String.UTF8.encode(',"event_type":"alert"');
// In the order of `SessionMode`.
const PHASES: string[] = ["greeting", "command", "auth", "data", "tls", "lost", "closing"];
