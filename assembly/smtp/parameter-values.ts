/** What may stand after the "=" of an ESMTP parameter. Pure: addresses in, answers out. */
import { Parameter } from "./parameter-names";
import { findByte, isAlpha, isDigit, spells, upper } from "./scan";

/** RFC 3461 4.4 and 4.2, in octets. */
const ENVID_MOST: usize = 100;
const ORCPT_MOST: usize = 500;

/** Whether [equals, to), "=" and a value or nothing at all, is what the RFC of `parameter` asks for. */
export function isValue(parameter: Parameter, equals: usize, to: usize): bool {
  const from = equals + 1;
  const length = <i32>(to - from);
  switch (parameter) {
    // RFC 6531 3.4, RFC 8689 4, Exim's PRDR: none.
    case Parameter.smtputf8:
    case Parameter.requiretls:
    case Parameter.prdr:
      return equals == to;
    // Postfix VERP_README: none, or two delimiters, "=" mostly one of them.
    case Parameter.xverp:
      return equals == to || length == 2;
    // RFC 1870 4.
    case Parameter.size:
      return isNumber(from, to, 20);
    // RFC 6152 2, RFC 3030 3.
    case Parameter.body:
      return (
        spells(from, length, "8BITMIME") || spells(from, length, "7BIT") || spells(from, length, "BINARYMIME")
      );
    // RFC 3461 4.3.
    case Parameter.ret:
      return spells(from, length, "FULL") || spells(from, length, "HDRS");
    default:
      return equals < to && isLongValue(parameter, from, to);
  }
}

function isLongValue(parameter: Parameter, from: usize, to: usize): bool {
  switch (parameter) {
    case Parameter.notify:
      return isNotify(from, to);
    case Parameter.envid:
      return from < to && to - from <= ENVID_MOST;
    // RFC 4954 5: an address or "<>".
    case Parameter.auth:
      return from < to;
    case Parameter.orcpt:
      return isOrcpt(from, to);
    case Parameter.by:
      return isBy(from, to);
    case Parameter.mt_priority:
      return isPriority(from, to);
    // RFC 4865 4.1: no leading zero.
    case Parameter.holdfor:
      return isNumber(from, to, 9) && load<u8>(from) != 0x30;
    case Parameter.holduntil:
      return isDateTime(from, to);
    default:
      return isRrvs(from, to);
  }
}

/** 1 to `most` digits. */
function isNumber(from: usize, to: usize, most: usize): bool {
  if (from >= to || to - from > most) return false;
  for (let at = from; at < to; at++) {
    if (!isDigit(load<u8>(at))) return false;
  }
  return true;
}

/** RFC 3461 4.1: NEVER, or some of the others with "," between them. */
function isNotify(from: usize, to: usize): bool {
  if (spells(from, <i32>(to - from), "NEVER")) return true;
  let at = from;
  while (true) {
    const end = findByte(at, to, 0x2c);
    const length = <i32>(end - at);
    if (!spells(at, length, "FAILURE") && !spells(at, length, "DELAY") && !spells(at, length, "SUCCESS"))
      return false;
    if (end == to) return true;
    at = end + 1;
  }
}

/** RFC 3461 4.2: the type of the address, ";", the address; the type is an atom. */
function isOrcpt(from: usize, to: usize): bool {
  const end = findByte(from, to, 0x3b);
  if (end == from || end == to || to - from > ORCPT_MOST) return false;
  for (let at = from; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2d && byte != 0x5f && byte != 0x2b && byte != 0x2e)
      return false;
  }
  return true;
}

/** RFC 2852 4: `[+|-] 1*9DIGIT ; N|R [T]`; with R the time must be more than 0. */
function isBy(from: usize, to: usize): bool {
  const end = findByte(from, to, 0x3b);
  if (end == to) return false;
  const sign: u32 = load<u8>(from);
  const digits = sign == 0x2b || sign == 0x2d ? from + 1 : from;
  if (!isNumber(digits, end, 9)) return false;
  const mode = end + 1;
  const length = to - mode;
  if (length == 0 || length > 2 || (length == 2 && upper(load<u8>(mode + 1)) != 0x54)) return false;
  const letter = upper(load<u8>(mode));
  if (letter == 0x4e) return true;
  return letter == 0x52 && sign != 0x2d && !isZero(digits, end);
}

function isZero(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    if (load<u8>(at) != 0x30) return false;
  }
  return true;
}

/** RFC 6710 5: 0, or 1 to 9 with or without "-". */
function isPriority(from: usize, to: usize): bool {
  if (to - from == 1) return isDigit(load<u8>(from));
  return to - from == 2 && load<u8>(from) == 0x2d && <u32>load<u8>(from + 1) - 0x31 < 9;
}

/** RFC 7293 3.1: a date, and ";C" or ";R" or nothing after it. */
function isRrvs(from: usize, to: usize): bool {
  const end = findByte(from, to, 0x3b);
  if (end == to) return isDateTime(from, to);
  const letter = to - end == 2 ? upper(load<u8>(end + 1)) : 0;
  return (letter == 0x43 || letter == 0x52) && isDateTime(from, end);
}

/** RFC 3339 5.6, by its letters alone: `2026-11-28T04:05:06.7Z`, `…+01:00`. */
function isDateTime(from: usize, to: usize): bool {
  if (to - from < 20 || !isLike(from, "0000-00-00T00:00:00")) return false;
  let at = from + 19;
  if (load<u8>(at) == 0x2e) {
    const fraction = at + 1;
    at = fraction;
    while (at < to && isDigit(load<u8>(at))) at++;
    if (at == fraction) return false;
  }
  if (to - at == 1) return upper(load<u8>(at)) == 0x5a;
  return to - at == 6 && (isLike(at, "+00:00") || isLike(at, "-00:00"));
}

/** Whether the octets at `from` are as in `pattern`, in which 0 is any digit. */
function isLike(from: usize, pattern: string): bool {
  for (let i = 0; i < pattern.length; i++) {
    const wanted: u32 = load<u16>(changetype<usize>(pattern) + ((<usize>i) << 1));
    const byte: u32 = load<u8>(from + <usize>i);
    if (wanted == 0x30 ? !isDigit(byte) : upper(byte) != wanted) return false;
  }
  return true;
}

/**
 * RFC 3461 4: printable, no "=", and "+" only before two digits of hexadecimal. Lower-case ones are taken: gateways from
 * X.400 write `+3d` (and RFC 3461 has only upper case).
 */
export function isXtext(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x3d) return false;
    if (byte != 0x2b) continue;
    if (to - at < 3 || !isHex(load<u8>(at + 1)) || !isHex(load<u8>(at + 2))) return false;
    at += 2;
  }
  return true;
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6;
}
