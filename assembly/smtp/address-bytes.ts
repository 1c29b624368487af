/** The bytes that addresses are made of. */
import { isAlpha, isDigit, mentions } from "./scan";

/** What an atom is made of (RFC 5321 4.1.2, RFC 6531 3.3), or a dot. */
export function isAtext(byte: u32): bool {
  if (byte <= 0x20 || byte == 0x22 || byte == 0x28 || byte == 0x29 || byte == 0x2c || byte == 0x7f)
    return false;
  // : ; < and > @, [ \ ]
  return !(byte >= 0x3a && byte <= 0x40 && byte != 0x3d && byte != 0x3f) && !(byte >= 0x5b && byte <= 0x5d);
}

/** Of an atom, and not the dot between two. */
export function isWord(byte: u32): bool {
  return byte != 0x2e && isAtext(byte);
}

/** Letters, digits, what is between them, and all of UTF-8 beyond ASCII. */
export function isPlain(byte: u32): bool {
  return isAlpha(byte) || isDigit(byte) || byte == 0x2d || byte == 0x2e || byte == 0x5f || byte >= 0x80;
}

/** NUL among them, which ends the line for Postfix; HT is none here. */
export function isControl(byte: u32): bool {
  return (byte < 0x20 && byte != 0x09) || byte == 0x7f;
}

/**
 * The length of the blank or dot beyond ASCII (in UTF-8) that begins at `at`, or 0. Python's `str.split` leaves those
 * blanks out; those dots are "." to programs that make ASCII of a domain (RFC 3490 3.1), smtp-server among them.
 */
export function wideSeparator(at: usize, to: usize): usize {
  if (at + 2 > to) return 0;
  const two: u32 = load<u16>(at);
  // U+0085, U+00A0
  if (two == 0x85c2 || two == 0xa0c2) return 2;
  if (at + 3 > to) return 0;
  const third: u32 = load<u8>(at + 2);
  // U+2000 to U+200A, U+2028, U+2029, U+202F
  if (two == 0x80e2)
    return (third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf ? 3 : 0;
  const isBlank = (two == 0x9ae1 && third == 0x80) || (two == 0x81e2 && third == 0x9f); // U+1680, U+205F
  // U+3000, which is a blank, and U+3002, U+FF0E, U+FF61
  const isOther = two == 0x80e3 && (third == 0x80 || third == 0x82);
  return isBlank || isOther || (two == 0xbcef && third == 0x8e) || (two == 0xbdef && third == 0xa1) ? 3 : 0;
}

/** Whether [from, to), a line or a part of one, may hold an address, however it is written. For what is shown, not for judging. */
export function mayHoldAddress(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x40 || byte == 0x3c) return true;
  }
  // An address without a domain and brackets, in a command that only some server reads.
  return (
    mentions(from, to, "TO:") ||
    mentions(from, to, "FROM:") ||
    mentions(from, to, "MAIL") ||
    mentions(from, to, "RCPT") ||
    mentions(from, to, "VRFY") ||
    mentions(from, to, "EXPN")
  );
}
