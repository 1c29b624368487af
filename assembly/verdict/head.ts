/** What every event and every session record has in common: when, which connection, from where to where, inside TLS or not. */
import { propertyStart, readProperty } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Session, SessionMode, Tls } from "../session/session";
import { CLIENT_TLS, isClientInClear, SERVER_TLS } from "../session/starttls";
import { isDigit } from "../smtp/scan";
import { Text } from "../telemetry/text";
import { writeTime } from "../telemetry/time";

// 8 KiB hold the longest: 256 + 256 + 64 + 48 + 20 bytes from the wire at five characters each, the addresses, 64 ids of
// protections, and our words.
/** What is written now: an event, or the record of a session. */
export const line: Text = new Text(memory.data(8192), 8192);

/**
 * Begins an event or a record of `s`, which is left open.
 * @param time nanoseconds since 1970: of a finding, or of the start of the session
 * @param type the member `event_type`
 */
export function writeHead(s: Session, time: u64, type: ArrayBuffer): void {
  line.clear();
  line.bytes(TIMESTAMP);
  writeTime(line, time);
  line.byte(0x22);
  if (readProperty(CONNECTION_ID) == 8) {
    const id = load<u64>(propertyStart());
    line.bytes(FLOW);
    line.number(id);
    line.bytes(CONNECTION);
    line.number(id);
  }
  line.bytes(type);
  line.bytes(changetype<Policy>(s.policy).eventHead);
  writeAddress(SRC_IP, SRC_PORT, SOURCE);
  writeAddress(DEST_IP, DEST_PORT, DESTINATION);
  writeTls(s);
}

/** Whether the client's side is encrypted, and of TLS that the filter reads inside of which version it is. */
function writeTls(s: Session): void {
  const version = isInsideTls(s) ? readProperty(CLIENT_TLS) : 0;
  if (version > 0) {
    line.bytes(INSIDE_TLS);
    line.wireValue(propertyStart(), version, TLS_VERSION_MAX);
  } else line.bytes(s.mode == SessionMode.tls ? TLS_TRUE : TLS_FALSE);
  if ((s.tls & (Tls.server | Tls.unseen_server)) != Tls.server) return;
  const upstream = readProperty(SERVER_TLS);
  if (upstream <= 0) return;
  line.bytes(UPSTREAM_TLS);
  line.wireValue(propertyStart(), upstream, TLS_VERSION_MAX);
}

/** Whether what the client said came inside TLS. Before it says anything its handshake may not be over, or fail. */
function isInsideTls(s: Session): bool {
  if (changetype<Policy>(s.policy).handlesTls) return (s.tls & (Tls.client | Tls.unseen)) == Tls.client;
  return s.commands > 0 && !isClientInClear(s);
}

/** Splits Envoy's "ip:port"; an IPv6 address stands in brackets there. */
function writeAddress(ip: ArrayBuffer, port: ArrayBuffer, property: ArrayBuffer): void {
  const length = readProperty(property);
  if (length <= 0) return;
  let start = propertyStart();
  const end = start + <usize>length;
  let colon = end;
  while (colon > start && load<u8>(colon - 1) != 0x3a) colon--;
  if (colon == start) return;
  let ipEnd = colon - 1;
  if (load<u8>(start) == 0x5b && ipEnd > start) {
    start++;
    ipEnd--;
  }
  line.bytes(ip);
  line.wireValue(start, <i32>(ipEnd - start), ADDRESS_MAX);
  line.bytes(port);
  let value: u32 = 0;
  for (let at = colon; at < end && isDigit(load<u8>(at)); at++) value = value * 10 + (load<u8>(at) - 48);
  line.number(value);
}

/** Longest text of an IP address, with room to see that it is none, and of a version such as "TLSv1.3". */
const ADDRESS_MAX: i32 = 64;
const TLS_VERSION_MAX: i32 = 16;

const TIMESTAMP: ArrayBuffer = String.UTF8.encode('{"timestamp":"');
const FLOW: ArrayBuffer = String.UTF8.encode(',"flow_id":');
const CONNECTION: ArrayBuffer = String.UTF8.encode(',"connection_id":');
const SRC_IP: ArrayBuffer = String.UTF8.encode(',"src_ip":');
const SRC_PORT: ArrayBuffer = String.UTF8.encode(',"src_port":');
const DEST_IP: ArrayBuffer = String.UTF8.encode(',"dest_ip":');
const DEST_PORT: ArrayBuffer = String.UTF8.encode(',"dest_port":');
const TLS_TRUE: ArrayBuffer = String.UTF8.encode(',"tls":true');
const TLS_FALSE: ArrayBuffer = String.UTF8.encode(',"tls":false');
const INSIDE_TLS: ArrayBuffer = String.UTF8.encode(',"tls":true,"tls_terminated":true,"tls_version":');
const UPSTREAM_TLS: ArrayBuffer = String.UTF8.encode(',"upstream_tls_version":');

/** Envoy's number of the connection, a u64: `%CONNECTION_ID%` of the access log. */
const CONNECTION_ID: ArrayBuffer = String.UTF8.encode("connection\0id");
const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
const DESTINATION: ArrayBuffer = String.UTF8.encode("destination\0address");
