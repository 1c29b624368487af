/** What sessions do is counted for their source: kept in the session first, and recorded for all workers piece by piece. */
import { fillRandom, now, propertyStart, readProperty, readShared, Shared, writeShared } from "../envoy/host";
import { Address, Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { isTrusted, liveIn, Session, statisticsOf } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { additions, limitOf, record, refusalOf } from "../session/source-slots";
import { SourceKind } from "../smtp/source-kind";
import { sipHashOf } from "../telemetry/sip-hash";
import { policyOf, Side } from "./side";
import { Counter } from "../telemetry/generated-statistics";

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

/** Looks up the source of a new connection for `side`, live or shadow; returns why it is refused, none if it is not. */
export function meetSource(s: Session, side: Side): SourceKind {
  if (!isCounted(s, side)) return SourceKind.none;
  const policy = policyOf(s, side);
  const hash = hashOfSource(policyOf(s, side));
  if (hash == 0) return SourceKind.none;
  let kind: SourceKind = SourceKind.none;
  if (policy.source_abuse_connections == 0) kind = refusalOf(policy, hash, seconds());
  else {
    additions[SourceKind.connections] = 1;
    kind = recordFor(s, side, hash);
    additions[SourceKind.connections] = 0;
  }
  if (side == Side.live) s.sourceKind = <u32>kind;
  else changetype<Shadow>(s.shadow).sourceKind = <u8>kind;
  return kind;
}

/**
 * Counts one thing that the session did, for each policy that counts. It is recorded at the end of the session, or as soon as it
 * is a sixteenth of what its source may do, so that whoever never ends a session is seen as well.
 */
export function noteForSource(s: Session, kind: SourceKind, side: Side = Side.both): void {
  if ((side & Side.live) != 0) note(s, kind, Side.live);
  if (s.shadow != 0 && (side & Side.shadow) != 0) note(s, kind, Side.shadow);
}

function note(s: Session, kind: SourceKind, side: Side): void {
  if (!isCounted(s, side)) return;
  const most = limitOf(policyOf(s, side), kind);
  if (most == 0) return;
  const at = notes(s, side) + <usize>kind;
  const count = <i32>load<u8>(at) + 1;
  if (count <= <i32>u8.MAX_VALUE) store<u8>(at, <u8>count);
  if (count >= min(max(most >> 4, 1), <i32>u8.MAX_VALUE)) recordNotes(s, side);
}

/** Records what the session has not recorded yet. */
export function recordSource(s: Session): void {
  recordNotes(s, Side.live);
  if (s.shadow != 0) recordNotes(s, Side.shadow);
}

function recordNotes(s: Session, side: Side): void {
  if (!isCounted(s, side) || !hasNotes(s, side)) return;
  const hash = hashOfSource(policyOf(s, side));
  const at = notes(s, side);
  for (let kind = 1; kind < <i32>SourceKind.connections; kind++) {
    additions[kind] = <u16>load<u8>(at + <usize>kind);
    store<u8>(at + <usize>kind, 0);
  }
  if (hash != 0) recordFor(s, side, hash);
  for (let kind = 1; kind < <i32>SourceKind.connections; kind++) additions[kind] = 0;
}

function recordFor(s: Session, side: Side, hash: u64): SourceKind {
  const statistics = statisticsOf(s);
  const blocked = side == Side.live ? Counter.sources_blocked : Counter.shadow_sources_blocked;
  return record(policyOf(s, side), statistics, blocked, hash, seconds());
}

/** Whether what the session does counts for its source: not where it is exempt or trusted, nor while it is refused. */
function isCounted(s: Session, side: Side): bool {
  const shadow = changetype<Shadow>(s.shadow);
  const enabled = side == Side.live ? liveIn(s) : shadow.enabled;
  if ((enabled & ((<u64>1) << (<u64>Protection.source_abuse))) == 0 || !ready) return false;
  if (side == Side.live ? isTrusted(s) : shadow.isTrusted) return false;
  const kind: u32 = side == Side.live ? s.sourceKind : <u32>shadow.sourceKind;
  return kind == <u32>SourceKind.none;
}

function hasNotes(s: Session, side: Side): bool {
  // There are five.
  const at = notes(s, side) + 1;
  return (load<u32>(at) | (<u32>load<u8>(at, 4))) != 0;
}

/** Where `side` keeps what it has not recorded yet, one octet for each `SourceKind`: the place of the one before the first. */
function notes(s: Session, side: Side): usize {
  if (side == Side.live) return changetype<usize>(s) + offsetof<Session>("unrecordedRecipients") - 1;
  return s.shadow + offsetof<Shadow>("unrecordedRecipients") - 1;
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
