/** What sessions do is counted for their source: kept in the session first, and recorded for all workers piece by piece. */
import { fillRandom, now, propertyStart, readProperty, readShared, Shared, writeShared } from "../envoy/host";
import { Address, Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { isTrusted, liveIn, Session, statisticsOf } from "../session/session";
import { additions, limitOf, record, refusalOf } from "../session/source-slots";
import { SourceKind } from "../smtp/source-kind";
import { sipHashOf } from "../telemetry/sip-hash";

/** The key of the hashes, the same in all workers: none of them can be aimed at. */
let key0: u64 = 0;
let key1: u64 = 0;
let ready: bool = false;

const secret: usize = memory.data(16);
const address = new Address();

/**
 * Gets the key, or makes it where none is there yet: Envoy tries a configuration in one VM before it gives it to others, so
 * that it is made once. False when the host does not allow it; then nothing is remembered.
 */
export function prepareSources(): bool {
  if (ready) return true;
  const name = changetype<usize>(KEY_NAME);
  const length = KEY_NAME.byteLength;
  let result = readShared(name, length, secret, 16);
  if (result == Shared.absent && fillRandom(secret, 16)) result = writeShared(name, length, secret, 16);
  if (result != Shared.done) return false;
  key0 = load<u64>(secret);
  key1 = load<u64>(secret, 8);
  ready = true;
  return true;
}

/** Looks up the source of a new connection; returns why it is refused, none if it is not. */
export function meetSource(s: Session): SourceKind {
  if (!isCounted(s)) return SourceKind.none;
  const policy = changetype<Policy>(s.policy);
  const hash = hashOfSource(policy);
  if (hash == 0) return SourceKind.none;
  let kind: SourceKind = SourceKind.none;
  if (policy.source_abuse_connections == 0) kind = refusalOf(policy, hash, seconds());
  else {
    additions[SourceKind.connections] = 1;
    kind = record(policy, statisticsOf(s), hash, seconds());
    additions[SourceKind.connections] = 0;
  }
  s.sourceKind = <u8>kind;
  return kind;
}

/**
 * Counts one thing that the session did. It is recorded at the end of the session, or as soon as it is a sixteenth of what its
 * source may do, so that whoever never ends a session is seen as well.
 */
export function noteForSource(s: Session, kind: SourceKind): void {
  if (!isCounted(s)) return;
  const most = limitOf(changetype<Policy>(s.policy), kind);
  if (most == 0) return;
  const at = unrecorded(s, kind);
  const count = <i32>load<u8>(at) + 1;
  if (count <= <i32>u8.MAX_VALUE) store<u8>(at, <u8>count);
  if (count >= min(max(most >> 4, 1), <i32>u8.MAX_VALUE)) recordSource(s);
}

/** Records what the session has not recorded yet. */
export function recordSource(s: Session): void {
  if (!isCounted(s) || !hasUnrecorded(s)) return;
  const policy = changetype<Policy>(s.policy);
  const hash = hashOfSource(policy);
  for (let kind = 1; kind < <i32>SourceKind.connections; kind++) {
    const at = unrecorded(s, <SourceKind>kind);
    additions[kind] = <u16>load<u8>(at);
    store<u8>(at, 0);
  }
  if (hash != 0) record(policy, statisticsOf(s), hash, seconds());
  for (let kind = 1; kind < <i32>SourceKind.connections; kind++) additions[kind] = 0;
}

/** Whether what the session does counts for its source: not where it is exempt or trusted, nor while it is refused. */
function isCounted(s: Session): bool {
  const isOn = (liveIn(s) & ((<u64>1) << (<u64>Protection.source_abuse))) != 0;
  return isOn && ready && !isTrusted(s) && s.sourceKind == <u8>SourceKind.none;
}

function hasUnrecorded(s: Session): bool {
  for (let kind = 1; kind < <i32>SourceKind.connections; kind++) {
    if (load<u8>(unrecorded(s, <SourceKind>kind)) != 0) return true;
  }
  return false;
}

/** Where a session counts what it has not recorded yet. */
function unrecorded(s: Session, kind: SourceKind): usize {
  return changetype<usize>(s) + offsetof<Session>("unrecordedRecipients") + <usize>(kind - 1);
}

/** The hash of the network that the running callback's client is in; 0 where it has no address, as on a pipe. */
function hashOfSource(policy: Policy): u64 {
  const length = readProperty(SOURCE);
  if (length <= 0 || !address.read(propertyStart(), length)) return 0;
  address.mask(address.isIPv4 ? 96 + policy.source_abuse_ipv4_prefix : policy.source_abuse_ipv6_prefix);
  const hash = sipHashOf(address.high, address.low, policy.sourceGroup, key0, key1);
  return hash == 0 ? 1 : hash;
}

function seconds(): u32 {
  return <u32>(now() / 1_000_000_000);
}

const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
const KEY_NAME: ArrayBuffer = String.UTF8.encode("smtp_inspector.sources.key");
