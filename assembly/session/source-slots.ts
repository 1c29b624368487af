/**
 * What is remembered of sources, in shared data of the host, so that all workers see it: a table of a fixed size, since keys of
 * shared data are never deleted. A source has one place in it, by a hash under a key that nobody outside knows. Numbers are
 * little-endian, times are seconds since 1970.
 */
import { readShared, Shared, writeShared } from "../envoy/host";
import { Policy } from "../policy/policy";
import { SourceKind } from "../smtp/source-kind";
import { Statistics } from "../telemetry/statistics";
import { Counter } from "../telemetry/generated-statistics";

/** Values in shared data. 4096 of 256 bytes are 1 MiB, and 32,768 sources: more than misbehave within an hour at a large site. */
const SETS: u32 = 4096;
/** Sources in one value: the place of a hash is one of these. */
const WAYS: usize = 8;

/** A slot: the hash of its source, or 0; when its counts began; until when it is refused; why; its counts. */
const SINCE: usize = 8;
const UNTIL: usize = 12;
const COUNTS: usize = 16;
const KIND: usize = 28;
const SLOT: usize = 32;
const SET: i32 = <i32>(WAYS * SLOT);

/** Attempts to write a value that another worker changes meanwhile: with 64 workers at one value two are nearly always enough. */
const TRIES: i32 = 4;

const set: usize = memory.data(256);
const key: ArrayBuffer = String.UTF8.encode("smtp_inspector.sources.0000");

/** What `record` is to add, by `SourceKind`; emptied by its caller. */
export const additions: StaticArray<u16> = new StaticArray<u16>(<i32>SourceKind.count);

/** Why the source of `hash` is refused at `now`; none if it is not. One call to the host. */
export function refusalOf(policy: Policy, hash: u64, now: u32): SourceKind {
  if (readSet(hash) != Shared.done) return SourceKind.none;
  for (let at = set; at < set + <usize>SET; at += SLOT) {
    if (load<u64>(at) == hash) return isRefused(policy, at, now) ? load<u8>(at, KIND) : SourceKind.none;
  }
  return SourceKind.none;
}

/**
 * Adds `additions` to the counts of the source of `hash`. Returns why it is refused, from now on or already; what one does
 * that is refused already is not counted. The counter `blocked` counts who is refused from now on.
 */
export function record(
  policy: Policy,
  statistics: Statistics,
  blocked: Counter,
  hash: u64,
  now: u32,
): SourceKind {
  for (let i = 0; i < TRIES; i++) {
    if (readSet(hash) == Shared.failed) return SourceKind.none;
    const at = slotOf(policy, hash, now);
    const known = load<u64>(at) == hash;
    if (known && isRefused(policy, at, now)) return load<u8>(at, KIND);
    const forgets = !known && isLive(policy, at, now);
    if (!known || !isLive(policy, at, now)) clear(at, hash, now);
    const kind = add(policy, at, now);
    const result = writeShared(changetype<usize>(key), key.byteLength, set, SET);
    if (result == Shared.changed) continue;
    if (result == Shared.failed) return SourceKind.none;
    if (!known) statistics.add(Counter.sources_recorded);
    if (forgets) statistics.add(Counter.sources_forgotten);
    if (kind != SourceKind.none) statistics.add(blocked);
    return kind;
  }
  statistics.add(Counter.sources_contended);
  return SourceKind.none;
}

/** The most of `kind` that a source may do within a window; 0 for as much as it likes. */
export function limitOf(policy: Policy, kind: SourceKind): i32 {
  switch (kind) {
    case SourceKind.refused_recipients:
      return policy.source_abuse_refused_recipients;
    case SourceKind.auth_failures:
      return policy.source_abuse_auth_failures;
    case SourceKind.errors:
      return policy.source_abuse_errors;
    case SourceKind.findings:
      return policy.source_abuse_findings;
    case SourceKind.messages:
      return policy.source_abuse_messages;
    default:
      return policy.source_abuse_connections;
  }
}

/** Reads the value that has the place of `hash`; an absent one is empty. */
function readSet(hash: u64): Shared {
  let index = <u32>(hash & (SETS - 1));
  const name = changetype<usize>(key);
  for (let digit = key.byteLength - 1; digit >= key.byteLength - 4; digit--) {
    store<u8>(name + <usize>digit, <u8>(48 + (index % 10)));
    index /= 10;
  }
  const result = readShared(name, key.byteLength, set, SET);
  if (result == Shared.absent) memory.fill(set, 0, <usize>SET);
  return result;
}

/** The slot of the source of `hash`: its own, else the one that is missed least. */
function slotOf(policy: Policy, hash: u64, now: u32): usize {
  let least: u64 = u64.MAX_VALUE;
  let found = set;
  for (let at = set; at < set + <usize>SET; at += SLOT) {
    if (load<u64>(at) == hash) return at;
    const worth = worthOf(policy, at, now);
    if (worth >= least) continue;
    least = worth;
    found = at;
  }
  return found;
}

/**
 * What is lost with a slot: nothing when its time is over; else who did most is kept longest, and who is refused longer than
 * all others. Who has many addresses takes the places of those that did as little as each of them.
 */
function worthOf(policy: Policy, at: usize, now: u32): u64 {
  if (!isLive(policy, at, now)) return 0;
  if (isRefused(policy, at, now)) return ((<u64>1) << 63) | (<u64>load<u32>(at, UNTIL));
  let sum: u64 = 0;
  for (let i: usize = 0; i < 6; i++) sum += load<u16>(at + (i << 1), COUNTS);
  return (sum << 32) | (<u64>load<u32>(at, SINCE));
}

/** Whether the slot says something still: its source is refused, or its window runs. */
function isLive(policy: Policy, at: usize, now: u32): bool {
  if (load<u64>(at) == 0) return false;
  if (load<u32>(at, UNTIL) != 0) return isRefused(policy, at, now);
  // The host's clock may be set back.
  return now - load<u32>(at, SINCE) < <u32>policy.source_abuse_window;
}

function isRefused(policy: Policy, at: usize, now: u32): bool {
  const left = load<u32>(at, UNTIL) - now;
  return left > 0 && left <= <u32>policy.source_abuse_duration;
}

function clear(at: usize, hash: u64, now: u32): void {
  memory.fill(at, 0, SLOT);
  store<u64>(at, hash);
  store<u32>(at, now, SINCE);
}

/** Adds to the counts of a slot; over the line its source is refused, and its counts begin anew when that is over. */
function add(policy: Policy, at: usize, now: u32): SourceKind {
  let over: SourceKind = SourceKind.none;
  for (let kind = 1; kind < <i32>SourceKind.count; kind++) {
    const place = at + COUNTS + ((<usize>(kind - 1)) << 1);
    const sum = min(<u32>load<u16>(place) + <u32>additions[kind], <u32>u16.MAX_VALUE);
    store<u16>(place, <u16>sum);
    const most = limitOf(policy, <SourceKind>kind);
    if (most > 0 && sum >= <u32>most && over == SourceKind.none) over = <SourceKind>kind;
  }
  if (over == SourceKind.none) return over;
  store<u32>(at, now + <u32>policy.source_abuse_duration, UNTIL);
  store<u8>(at, <u8>over, KIND);
  return over;
}
