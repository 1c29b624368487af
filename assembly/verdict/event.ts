import { propertyStart, readProperty } from "../envoy/host";
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
import { isMute, isTrusted, Session, SessionMode, Tls } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { CLIENT_TLS, SERVER_TLS } from "../session/starttls";
import { isDigit } from "../smtp/scan";
import { Text } from "../telemetry/text";
import { Evidence } from "./evidence";
import { actionIn, Outcome, protectionIn } from "./outcome";
import { writeExcerpt, writeNames, writeVerb } from "./shown";
import { replyFor } from "./wording";

// 4 KiB hold the longest event: 256 + 256 + 48 + 64 bytes from the wire at four characters each, and our words.
/** What is written now: an event, or the summary of a session. */
export const line: Text = new Text(memory.data(4096), 4096);

/** Writes an event into `line`, but for its end. `judge` is the policy that found something, the shadow or the live one. */
export function writeEvent(
  s: Session,
  evidence: Evidence,
  reason: Reason,
  outcome: Outcome,
  judge: Policy,
  isShadow: bool,
): void {
  const policy = changetype<Policy>(s.policy);
  const protection = protectionIn(outcome);
  const action = actionIn(outcome);
  line.clear();
  line.byte(0x7b);
  line.word("event_type", "alert");
  writeAddress("src_ip", "src_port", SOURCE);
  writeAddress("dest_ip", "dest_port", DESTINATION);
  writeNames(line, s, evidence);
  writeTls(s);
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

/** TLS that the filter reads inside of; nothing where the policy has no "starttls". */
export function writeTls(s: Session): void {
  if (isInsideTls(s)) {
    line.key("tls_terminated");
    line.ascii("true");
    writeProperty("tls_version", CLIENT_TLS);
  }
  if ((s.tls & (Tls.server | Tls.unseen_server)) == Tls.server)
    writeProperty("upstream_tls_version", SERVER_TLS);
}

/** Whether something came inside the client's TLS: before that the handshake may not be over, or fail. */
export function isInsideTls(s: Session): bool {
  return (s.tls & (Tls.client | Tls.unseen)) == Tls.client;
}

function writeProperty(key: string, property: ArrayBuffer): void {
  const length = readProperty(property);
  if (length > 0) line.wireMember(key, propertyStart(), length, 16);
}

/** Splits Envoy's "ip:port"; an IPv6 address stands in brackets there. */
function writeAddress(ip: string, port: string, property: ArrayBuffer): void {
  const length = readProperty(property);
  if (length <= 0) return;
  let start = propertyStart();
  let colon = start + length;
  const end = colon;
  while (colon > start && load<u8>(colon - 1) != 0x3a) colon--;
  if (colon == start) return;
  let ipEnd = colon - 1;
  if (load<u8>(start) == 0x5b && ipEnd > start) {
    start++;
    ipEnd--;
  }
  line.wireMember(ip, start, <i32>(ipEnd - start), 64);
  let value: u32 = 0;
  for (let at = colon; at < end && isDigit(load<u8>(at)); at++) value = value * 10 + (load<u8>(at) - 48);
  line.key(port);
  line.number(value);
}

const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
const DESTINATION: ArrayBuffer = String.UTF8.encode("destination\0address");
// In the order of `SessionMode`.
const PHASES: string[] = ["greeting", "command", "auth", "data", "tls", "lost", "closing"];
