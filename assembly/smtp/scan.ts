/** Searching and comparing bytes. Pure: addresses in, addresses out. */

/** The address of the first `byte` in [from, to), or `to` when there is none. Reads 16 bytes at a time, never past `to`. */
export function findByte(from: usize, to: usize, byte: u8): usize {
  const wanted = i8x16.splat(byte);
  let at = from;
  while (at + 16 <= to) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (mask != 0) return at + <usize>ctz(mask);
    at += 16;
  }
  while (at < to) {
    if (load<u8>(at) == byte) return at;
    at++;
  }
  return to;
}

/** The ASCII upper-case form of one byte; other bytes as they are. */
export function upper(byte: u32): u32 {
  return byte - 97 < 26 ? byte - 32 : byte;
}

/** Whether [from, from + length) spells `word`, which is ASCII in upper case, ignoring ASCII case (RFC 5321 2.4). */
export function spells(from: usize, length: i32, word: string): bool {
  if (length != word.length) return false;
  for (let i = 0; i < length; i++) {
    if (upper(load<u8>(from + i)) != <u32>word.charCodeAt(i)) return false;
  }
  return true;
}

/** SP or HT. */
export function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09;
}

/** The first address in [from, to) that holds neither SP nor HT, or `to`. */
export function skipBlanks(from: usize, to: usize): usize {
  let at = from;
  while (at < to && isBlank(load<u8>(at))) at++;
  return at;
}

/** The first address in [from, to) that holds SP or HT, or `to`. */
export function skipToken(from: usize, to: usize): usize {
  let at = from;
  while (at < to && !isBlank(load<u8>(at))) at++;
  return at;
}

export function isAlpha(byte: u32): bool {
  return (byte | 0x20) - 97 < 26;
}

export function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

/** FNV-1a of [from, from + length) in upper case: tells two words apart, no more. */
export function hashOf(from: usize, length: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = (hash ^ upper(load<u8>(from + i))) * 0x01000193;
  return hash;
}

/** Whether [from, to) holds `word`, which is ASCII in upper case, ignoring ASCII case. */
export function mentions(from: usize, to: usize, word: string): bool {
  const length = word.length;
  for (let at = from; at + length <= to; at++) {
    if (spells(at, length, word)) return true;
  }
  return false;
}
