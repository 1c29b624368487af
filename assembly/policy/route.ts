/** What a policy's texts become for the host, once, when it is read. */

/**
 * The argument of Envoy's function `set_envoy_filter_state` that has tcp_proxy connect to `cluster`: a message with path,
 * value and the span of the connection (envoy/source/extensions/common/wasm/ext/set_envoy_filter_state.proto).
 */
export function routeTo(cluster: string): ArrayBuffer {
  const path = String.UTF8.encode("envoy.tcp_proxy.cluster");
  const value = String.UTF8.encode(cluster);
  // Two texts of fewer than 128 bytes, or of a length in two bytes, and a number.
  const long = value.byteLength > 127;
  const message = new ArrayBuffer(path.byteLength + value.byteLength + (long ? 7 : 6));
  let at = changetype<usize>(message);
  store<u8>(at, 0x0a);
  store<u8>(at, <u8>path.byteLength, 1);
  memory.copy(at + 2, changetype<usize>(path), path.byteLength);
  at += 2 + <usize>path.byteLength;
  store<u8>(at, 0x12);
  store<u8>(at, long ? <u8>((value.byteLength & 127) | 128) : <u8>value.byteLength, 1);
  if (long) store<u8>(at, <u8>(value.byteLength >> 7), 2);
  at += long ? 3 : 2;
  memory.copy(at, changetype<usize>(value), value.byteLength);
  at += <usize>value.byteLength;
  store<u8>(at, 0x18);
  store<u8>(at, 2, 1);
  return message;
}

const FNV_PRIME: u64 = ((<u64>0x100) << 32) | 0x1b3;

/** A number for a `stat_prefix`, the same in every worker: FNV-1a. */
export function groupOf(prefix: string): u64 {
  let hash: u64 = ((<u64>0xcbf29ce4) << 32) | 0x84222325;
  for (let i = 0; i < prefix.length; i++) hash = (hash ^ (<u64>prefix.charCodeAt(i))) * FNV_PRIME;
  return hash;
}
