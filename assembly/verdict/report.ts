import { addToMetric, log, LogLevel, now, propertyStart, readProperty, setProperty } from "../envoy/host";
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
import { isMute, Session, SessionMode, Tls, Verdict } from "../session/session";
import { CLIENT_TLS, SERVER_TLS } from "../session/starttls";
import { isDigit } from "../smtp/scan";
import { Statistics } from "../telemetry/statistics";
import { Text } from "../telemetry/text";
import { Evidence } from "./evidence";
import { writeExcerpt, writeNames, writeVerb } from "./shown";

/** Counts a finding, writes it as an event and keeps it for the summary. `action` is what is done about it. */
export function report(
  s: Session,
  evidence: Evidence,
  protection: Protection,
  reason: Reason,
  action: Action,
): void {
  const statistics = changetype<Statistics>(s.statistics);
  statistics.countFinding(protection, action);
  s.findings++;
  s.found |= (<u64>1) << (<u64>protection);
  s.verdict = max(s.verdict, <u8>verdictOf(action));
  const time = now();
  // Of sessions that the VM has no room for there may be thousands at once.
  if (reason == Reason.too_many_pending_memory && !statistics.admitNotice(time)) return;
  if (!takeEvent(s, statistics, time, action)) return;
  writeEvent(s, evidence, protection, reason, action);
  const suppressed = statistics.takeSuppressed();
  if (suppressed > 0) {
    line.key("suppressed");
    line.number(suppressed);
  }
  line.byte(0x7d);
  log(action == Action.detect ? LogLevel.info : LogLevel.warn, line.start, line.size);
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

/** Counts a session that asked for more memory than the VM has left. */
export function noteOverMemory(s: Session): void {
  addToMetric(changetype<Statistics>(s.statistics).sessionsOverMemory, 1);
}

/** Counts an edit that the host refused, and says so once a second at most. */
export function noteRefusedEdit(s: Session): void {
  const statistics = changetype<Statistics>(s.statistics);
  addToMetric(statistics.editsRefused, 1);
  if (!statistics.admitNotice(now())) return;
  log(LogLevel.error, changetype<usize>(EDIT_REFUSED), EDIT_REFUSED.byteLength);
}

/** Leaves the summary of the session where the access log reads it: filter state `wasm.smtp_inspector`. */
export function summarize(s: Session): void {
  line.clear();
  line.byte(0x7b);
  line.word("verdict", VERDICTS[s.verdict]);
  line.key("findings");
  line.number(s.findings);
  line.key("protections");
  line.byte(0x5b);
  let first = true;
  for (let id = 0; id < <i32>Protection.count; id++) {
    if ((s.found & ((<u64>1) << (<u64>id))) == 0) continue;
    line.ascii(first ? '"' : ',"');
    line.ascii(CATALOGUE[id].id);
    line.byte(0x22);
    first = false;
  }
  line.byte(0x5d);
  line.key("commands");
  line.number(s.commands);
  line.key("messages");
  line.number(s.messages);
  line.key("tls");
  line.ascii(s.mode == SessionMode.tls || isInsideTls(s) ? "true" : "false");
  writeTls(s);
  line.byte(0x7d);
  setProperty(SUMMARY, line.start, line.size);
}

function verdictOf(action: Action): Verdict {
  if (action == Action.detect) return Verdict.detected;
  return action == Action.terminate ? Verdict.terminated : Verdict.prevented;
}

function writeEvent(
  s: Session,
  evidence: Evidence,
  protection: Protection,
  reason: Reason,
  action: Action,
): void {
  const policy = changetype<Policy>(s.policy);
  line.clear();
  line.byte(0x7b);
  line.word("event_type", "alert");
  writeAddress("src_ip", "src_port", SOURCE);
  writeAddress("dest_ip", "dest_port", DESTINATION);
  writeNames(line, s, evidence);
  writeTls(s);
  line.word("protection", CATALOGUE[protection].id);
  line.word("reason", reasonName(reason));
  line.word("mode", modeName(<Mode>policy.reasonModes[reason]));
  line.word("action", actionName(action));
  line.word("phase", PHASES[s.mode]);
  writeVerb(line, evidence, policy);
  writeExcerpt(line, evidence, policy);
  if (action == Action.reject) line.word("reply", CATALOGUE[protection].reply);
  else if (action == Action.terminate && !isMute(s)) {
    // Only a greeting that the server sent has its place taken by 554, and only where it was not 4xx.
    const greets = s.mode == SessionMode.greeting && evidence.fromServer && !evidence.isTemporary;
    line.word("reply", greets ? "554 5.3.2" : "421 4.7.0");
  }
}

/** TLS that the filter reads inside of; nothing where the policy has no "starttls". */
function writeTls(s: Session): void {
  if (isInsideTls(s)) {
    line.key("tls_terminated");
    line.ascii("true");
    writeProperty("tls_version", CLIENT_TLS);
  }
  if ((s.tls & (Tls.server | Tls.unseen_server)) == Tls.server)
    writeProperty("upstream_tls_version", SERVER_TLS);
}

/** Whether something came inside the client's TLS: before that the handshake may not be over, or fail. */
function isInsideTls(s: Session): bool {
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

/** Events a second that a session may write under any policy that allows as many: one line can have several. */
const SHARE_LEAST: i32 = 10;

// 4 KiB hold the longest event: 256 + 256 + 48 + 64 bytes from the wire at four characters each, and our words.
const line = new Text(memory.data(4096), 4096);

const EDIT_REFUSED: ArrayBuffer = String.UTF8.encode(
  "a connection was closed because the host refused to edit its bytes: add proxy_set_buffer_bytes to the " +
    "allowed_capabilities of capability_restriction_config",
);
const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
const DESTINATION: ArrayBuffer = String.UTF8.encode("destination\0address");
const SUMMARY: ArrayBuffer = String.UTF8.encode("smtp_inspector");
const VERDICTS: string[] = ["clean", "detected", "prevented", "terminated"];
// In the order of `SessionMode`.
const PHASES: string[] = ["greeting", "command", "auth", "data", "tls", "lost", "closing"];
