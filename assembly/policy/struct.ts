/** Recognises the configuration that Envoy hands over in binary, so that the error can say what to write instead. */

/**
 * Whether the bytes begin as a binary `google.protobuf.Struct`: field 1 holds a map entry, whose field 1 is the key
 * and field 2 the value. JSON is never that: a raw byte 0x12 is not allowed anywhere in it.
 */
export function isBinaryStruct(ptr: usize, len: i32): bool {
  let at = afterLength(ptr, len, 0, 0x0a);
  if (at < 0) return false;
  const entry = length;
  const entryEnd = at + entry;
  at = afterLength(ptr, len, at, 0x0a);
  if (at < 0 || at + length >= entryEnd) return false;
  at = afterLength(ptr, len, at + length, 0x12);
  return at >= 0 && at + length == entryEnd;
}

/** The length that `afterLength` read. */
let length: i32 = 0;

/** Reads tag `tag` and the length after it at `at`, leaves the length in `length`: the offset of the content, or -1. */
function afterLength(ptr: usize, len: i32, at: i32, tag: i32): i32 {
  if (at >= len || load<u8>(ptr + <usize>at) != <u8>tag) return -1;
  length = 0;
  // Three groups of seven bits are 2 MiB, more than a policy may have.
  for (let i = 1; i <= 3 && at + i < len; i++) {
    const c = <i32>load<u8>(ptr + <usize>(at + i));
    length |= (c & 0x7f) << (7 * (i - 1));
    if (c < 0x80) return length <= len - at - i - 1 ? at + i + 1 : -1;
  }
  return -1;
}
