/** Searching and comparing bytes. Pure: addresses in, addresses out. */

/** Bytes that are looked at together. */
export const BLOCK: usize = 16;

/**
 * The address below which blocks of what ends at `to` can be loaded. Of the last one less than a block may be left:
 * what lies beyond it is masked out, but must be memory.
 */
export function lastBlock(to: usize): usize {
  return min(to, ((<usize>memory.size()) << 16) - BLOCK + 1);
}

/** A bit for each of the first `length` bytes of a block, of which there may be more. */
export function maskOf(length: usize): u32 {
  return length < BLOCK ? (1 << (<u32>length)) - 1 : 0xffff;
}

/** The address of the first `byte` in [from, to), or `to` when there is none. */
export function findByte(from: usize, to: usize, byte: u8): usize {
  const wanted = i8x16.splat(byte);
  let at = from;
  const last = lastBlock(to);
  while (at < last) {
    const mask = (<u32>i8x16.bitmask(i8x16.eq(v128.load(at), wanted))) & maskOf(to - at);
    if (mask != 0) return at + <usize>ctz(mask);
    at += BLOCK;
  }
  while (at < to) {
    if (load<u8>(at) == byte) return at;
    at++;
  }
  return to;
}

/** One past the last `byte` in [from, to), or 0 when there is none. */
export function afterLastByte(from: usize, to: usize, byte: u8): usize {
  const wanted = i8x16.splat(byte);
  let at = to;
  while (at >= from + BLOCK) {
    at -= BLOCK;
    const mask: u32 = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (mask != 0) return at + <usize>(32 - clz(mask));
  }
  while (at > from) {
    if (load<u8>(at - 1) == byte) return at;
    at--;
  }
  return 0;
}

/** The address of the first byte in [from, to) that is `one` or `other`, or `to` when there is none. */
export function findEither(from: usize, to: usize, one: u8, other: u8): usize {
  const ones = i8x16.splat(one);
  const others = i8x16.splat(other);
  let at = from;
  const last = lastBlock(to);
  while (at < last) {
    const block = v128.load(at);
    const matches = v128.or(i8x16.eq(block, ones), i8x16.eq(block, others));
    const mask = (<u32>i8x16.bitmask(matches)) & maskOf(to - at);
    if (mask != 0) return at + <usize>ctz(mask);
    at += BLOCK;
  }
  while (at < to) {
    const byte = load<u8>(at);
    if (byte == one || byte == other) return at;
    at++;
  }
  return to;
}

/** Whether all of [from, to) is printable ASCII, SP to "~". */
export function isPrintable(from: usize, to: usize): bool {
  const first = i8x16.splat(0x20);
  const most = i8x16.splat(0x7e - 0x20);
  let at = from;
  const last = lastBlock(to);
  while (at < last) {
    const others: u32 = i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(at), first), most));
    if ((others & maskOf(to - at)) != 0) return false;
    at += BLOCK;
  }
  while (at < to) {
    if (<u32>load<u8>(at) - 0x20 > 0x7e - 0x20) return false;
    at++;
  }
  return true;
}

/** Whether all of [from, to) stands in a JSON string as it is: printable ASCII without the quotation mark and the backslash. */
export function isHarmless(from: usize, to: usize): bool {
  const first = i8x16.splat(0x20);
  const most = i8x16.splat(0x7e - 0x20);
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  let at = from;
  const last = lastBlock(to);
  while (at < last) {
    const block = v128.load(at);
    const marks = v128.or(i8x16.eq(block, quote), i8x16.eq(block, backslash));
    const others: u32 = i8x16.bitmask(v128.or(marks, i8x16.gt_u(i8x16.sub(block, first), most)));
    if ((others & maskOf(to - at)) != 0) return false;
    at += BLOCK;
  }
  return at >= to;
}

/**
 * Whether all of [from, to) is letters, digits or one of `.-_:[]`, as host names and address literals are; also false where
 * that cannot be seen a block at a time, so false says only that the bytes must be looked at. By the two halves of an
 * octet: each half has a bit for each group that it occurs in, and an octet is one of these where they share a bit.
 */
export function isPlainName(from: usize, to: usize): bool {
  const lows = i8x16(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 12, 4, 13, 5, 12);
  const highs = i8x16(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0);
  const zero = i8x16.splat(0);
  const half = i8x16.splat(15);
  let at = from;
  const last = lastBlock(to);
  while (at < last) {
    const block = v128.load(at);
    const low = i8x16.swizzle(lows, v128.and(block, half));
    const high = i8x16.swizzle(highs, i8x16.shr_u(block, 4));
    const others: u32 = i8x16.bitmask(i8x16.eq(v128.and(low, high), zero));
    if ((others & maskOf(to - at)) != 0) return false;
    at += BLOCK;
  }
  return at >= to;
}

/** The ASCII upper-case form of one byte; other bytes as they are. */
export function upper(byte: u32): u32 {
  return byte - 97 < 26 ? byte - 32 : byte;
}

/** Character `i` of one of our own ASCII strings, two bytes each; the caller knows its length, so nothing is checked. */
export function asciiAt(text: string, i: i32): u32 {
  return load<u16>(changetype<usize>(text) + ((<usize>i) << 1));
}

/** Whether [from, from + length) spells `word`, which is ASCII in upper case, ignoring ASCII case (RFC 5321 2.4). */
export function spells(from: usize, length: i32, word: string): bool {
  if (length != word.length) return false;
  for (let i = 0; i < length; i++) {
    if (upper(load<u8>(from + i)) != asciiAt(word, i)) return false;
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

/** The number that [from, to) spells, at most 2^32 - 1; 0 where it spells none. */
export function numberIn(from: usize, to: usize): u32 {
  let value: u64 = 0;
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (!isDigit(byte)) return 0;
    value = min<u64>(value * 10 + <u64>(byte - 48), u32.MAX_VALUE);
  }
  return <u32>value;
}

/** FNV-1a of [from, from + length) in upper case: distinguishes two words, no more. */
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

/** The first letter or digit in [from, to), or `to`: where a word begins, whatever stands before it. */
export function wordStart(from: usize, to: usize): usize {
  let at = from;
  while (at < to && !isAlpha(load<u8>(at)) && !isDigit(load<u8>(at))) at++;
  return at;
}

/** The end of the letters, digits, hyphens and underscores at `from`: of a verb or a keyword, whatever follows it. */
export function wordEnd(from: usize, to: usize): usize {
  let at = from;
  while (at < to) {
    const byte: u32 = load<u8>(at);
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2d && byte != 0x5f) return at;
    at++;
  }
  return to;
}
