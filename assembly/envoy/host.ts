/**
 * The only file that knows Envoy. Numbers of buffers, streams and results are those of proxy-wasm ABI 0.2.1; how Envoy
 * 1.40 really behaves is written down in host-test/host/README.md and proven in host-test/test/host.
 */
import * as abi from "proxy-wasm-sdk-as/assembly/imports";
import { random_get } from "./wasi_snapshot_preview1";

/** Buffers that the ABI names. */
export const enum BufferId {
  downstream = 2,
  upstream = 3,
  plugin_configuration = 7,
}

export const enum LogLevel {
  debug = 1,
  info = 2,
  warn = 3,
  error = 4,
}

export const enum MetricKind {
  counter = 0,
  gauge = 1,
  histogram = 2,
}

/** Bytes of a buffer that are read at once, to stay within L1 or L2: a callback may carry 1 MiB (host-test/host/README.md, 1). */
export const WINDOW: i32 = 65536;
/** Room before the window, so that what was kept of the last chunk stands right before the new bytes. */
export const RESERVE: i32 = 65536;
/** The longest property that is read: an IPv6 address with port is under 64 bytes. */
const PROPERTY: i32 = 4096;

const arena: usize = memory.data(131072);
const properties: usize = memory.data(4096);
const results: usize = memory.data(16);

let target: usize = arena + RESERVE;
let targetSize: i32 = WINDOW;

/** Where the next host answer of `size` bytes is to be written; 0 refuses it. Never allocates. */
export function allocateForHost(size: usize): usize {
  return size > <usize>targetSize ? 0 : target;
}

/** Address of the window, before which `RESERVE` bytes are free. */
export function windowStart(): usize {
  return arena + RESERVE;
}

/** Length in bytes of a buffer; 0 for one that is absent. */
export function bufferLength(buffer: BufferId): u32 {
  store<u32>(results, 0);
  return abi.proxy_get_buffer_status(buffer, results, results + 4) == 0 ? load<u32>(results) : 0;
}

/** Reads up to `WINDOW` bytes of a buffer from `offset` on to the address `into`; returns how many came. */
export function readBuffer(buffer: BufferId, offset: u32, length: u32, into: usize): i32 {
  target = into;
  targetSize = WINDOW;
  store<u32>(results + 4, 0);
  const wanted = min(length, <u32>WINDOW);
  if (abi.proxy_get_buffer_bytes(buffer, offset, wanted, results, results + 4) != 0) return 0;
  return load<i32>(results + 4);
}

/** Drops the first `drop` bytes of a buffer and puts [from, from + length) in their place. */
export function replaceStart(buffer: BufferId, drop: u32, from: usize, length: u32): bool {
  return abi.proxy_set_buffer_bytes(buffer, 0, drop, from, length) == 0;
}

/** Appends [from, from + length) to a buffer of `size` bytes. */
export function append(buffer: BufferId, size: u32, from: usize, length: u32): bool {
  // Envoy appends when the start is not below the size; an empty buffer is a start at 0.
  return abi.proxy_set_buffer_bytes(buffer, size, 0, from, length) == 0;
}

/** Sends on what the downstream buffer holds, at the end of the running callback, without another callback for it. */
export function continueDownstream(): void {
  abi.proxy_continue_stream(BufferId.downstream);
}

/** Closes the connection to the client, and so both; bytes of the running callback are lost. */
export function closeConnection(): void {
  abi.proxy_close_stream(BufferId.downstream);
}

/** Makes `context` the one that the next calls mean; false when it is gone. */
export function actFor(context: u32): bool {
  return abi.proxy_set_effective_context(context) == 0;
}

/** Asks for a callback of the root context every `milliseconds`. */
export function setTickPeriod(milliseconds: u32): void {
  abi.proxy_set_tick_period_milliseconds(milliseconds);
}

/** Nanoseconds since 1970. */
export function now(): u64 {
  abi.proxy_get_current_time_nanoseconds(results);
  return load<u64>(results);
}

/** Writes [from, from + length) to Envoy's logger `wasm`. */
export function log(level: LogLevel, from: usize, length: i32): void {
  abi.proxy_log(level, from, length);
}

/** Writes a text of the filter to Envoy's logger `wasm`; allocates, so not for the data path. */
export function logText(level: LogLevel, text: string): void {
  const bytes = String.UTF8.encode(text);
  abi.proxy_log(level, changetype<usize>(bytes), bytes.byteLength);
}

/** Reads the property whose path is `path` (segments joined by NUL) into a scratch area; returns its length, -1 if absent. */
export function readProperty(path: ArrayBuffer): i32 {
  target = properties;
  targetSize = PROPERTY;
  store<u32>(results + 4, 0);
  const result = abi.proxy_get_property(changetype<usize>(path), path.byteLength, results, results + 4);
  target = arena + RESERVE;
  targetSize = WINDOW;
  return result == 0 ? load<i32>(results + 4) : -1;
}

/** Where `readProperty` left its answer. */
export function propertyStart(): usize {
  return properties;
}

/** Sets filter state `wasm.<name>` of the connection, which the access log can read. */
export function setProperty(name: ArrayBuffer, from: usize, length: i32): void {
  abi.proxy_set_property(changetype<usize>(name), name.byteLength, from, length);
}

/** What came of a call about shared data. */
export const enum Shared {
  done,
  /** No value was ever set under this key. */
  absent,
  /** The value was changed since it was read. */
  changed,
  /** The host does not allow the call, or the value is no such one. */
  failed,
}

/** The version of the value that `readShared` read last. */
let version: u32 = 0;

/**
 * Reads the value of `size` bytes that all workers share under `key` to the address `into`. A key is never deleted, so that
 * there must be a fixed number of them (host-test/host/README.md, 9).
 */
export function readShared(key: usize, keyLength: i32, into: usize, size: i32): Shared {
  target = into;
  targetSize = size;
  store<u32>(results + 4, 0);
  const result = abi.proxy_get_shared_data(key, keyLength, results, results + 4, results + 8);
  target = arena + RESERVE;
  targetSize = WINDOW;
  version = 0;
  if (result == 1) return Shared.absent;
  if (result != 0 || load<i32>(results + 4) != size) return Shared.failed;
  version = load<u32>(results + 8);
  return Shared.done;
}

/** Sets what `readShared` read last, unless it was changed since; where it was absent, whoever comes last wins. */
export function writeShared(key: usize, keyLength: i32, from: usize, size: i32): Shared {
  const result = abi.proxy_set_shared_data(key, keyLength, from, size, version);
  if (result == 0) return Shared.done;
  return result == 8 ? Shared.changed : Shared.failed;
}

/** Fills `size` bytes at `at` with random ones; false when the host does not allow it. */
export function fillRandom(at: usize, size: i32): bool {
  return random_get(at, size) == 0;
}

/** Calls a function that Envoy has beyond the ABI, by its name; false when it does not know it or refuses. */
export function callForeign(name: ArrayBuffer, argument: ArrayBuffer): bool {
  target = properties;
  targetSize = PROPERTY;
  const result = abi.proxy_call_foreign_function(
    changetype<usize>(name),
    name.byteLength,
    changetype<usize>(argument),
    argument.byteLength,
    results,
    results + 4,
  );
  target = arena + RESERVE;
  targetSize = WINDOW;
  return result == 0;
}

/** Defines a metric, or finds the one of that name; returns its id, 0 when the host refuses. */
export function defineMetric(kind: MetricKind, name: string): u32 {
  const bytes = String.UTF8.encode(name);
  store<u32>(results, 0);
  abi.proxy_define_metric(kind, changetype<usize>(bytes), bytes.byteLength, results);
  return load<u32>(results);
}

/** Adds `by` to a counter or gauge; a counter takes only what is above 0. */
export function addToMetric(metric: u32, by: i64): void {
  abi.proxy_increment_metric(metric, by);
}

/** Records a value in a histogram. */
export function recordMetric(metric: u32, value: u64): void {
  abi.proxy_record_metric(metric, value);
}

/** Called by the runtime instead of a silent trap: the one message that says where. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  logText(LogLevel.error, `abort: ${message ? message : ""} at ${file ? file : ""}:${line}:${column}`);
  unreachable();
}
