/** The pieces of a path as Postfix and Exim find them, and what may be wrong with it. */
import { isBlank, skipBlanks } from "./scan";

/** What makes an argument of MAIL or RCPT no path at all (RFC 5321 4.1.2): a set of bits. */
export const enum PathFault {
  none = 0,
  /** A "<" or a quoted string has no end. */
  unclosed = 1,
  /** A ">" without a "<". */
  stray_bracket = 2,
  /** Text right after the ">". */
  glued = 4,
  /** A blank between two words in brackets. */
  blank = 8,
  /** A path in brackets stands after one without. */
  display_name = 16,
}

/**
 * Where the path that starts at `from` ends: at its ">" outside quotes, or at the first blank if it has no bracket; beyond
 * `to` where a quoted string is not closed.
 */
export function pathEnd(from: usize, to: usize, bracketed: bool): usize {
  let at = from;
  while (at < to) {
    const byte: u32 = load<u8>(at);
    if (bracketed ? byte == 0x3e : isBlank(byte)) return at;
    at = byte == 0x28 ? skipComment(at, to) : skipQuoted(at, to);
  }
  return at;
}

/** Whether one of the words of [from, to), which begins with a blank, begins with "<". */
export function hasLaterPath(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    if (load<u8>(at) == 0x3c && isBlank(load<u8>(at - 1))) return true;
  }
  return false;
}

/** After the source route `@a,@b:` (RFC 5321 appendix C) of the path [from, to), or `from` where there is none. */
export function skipRoute(from: usize, to: usize): usize {
  const start = skipBlanks(from, to);
  if (start == to || load<u8>(start) != 0x40) return from;
  let at = start;
  let depth: i32 = 0;
  while (at < to) {
    const byte: u32 = load<u8>(at);
    // The colons of an IPv6 literal inside the route do not end it.
    if (byte == 0x5b) depth++;
    else if (byte == 0x5d && depth > 0) depth--;
    else if (byte == 0x3a && depth == 0) return at + 1;
    at = byte == 0x28 ? skipComment(at, to) : skipQuoted(at, to);
  }
  return to;
}

/** After the quoted string, the escaped pair or the single byte at `at`; beyond `to` where the string is not closed. */
export function skipQuoted(at: usize, to: usize): usize {
  const byte: u32 = load<u8>(at);
  if (byte == 0x5c) return min(at + 2, to);
  if (byte != 0x22) return at + 1;
  at++;
  while (at < to) {
    const inner: u32 = load<u8>(at);
    if (inner == 0x22) return at + 1;
    at = inner == 0x5c ? min(at + 2, to) : at + 1;
  }
  return to + 1;
}

/** After the RFC 5322 comment at `at`, which may nest; an open one runs to `to`. */
export function skipComment(at: usize, to: usize): usize {
  let depth: i32 = 0;
  while (at < to) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x5c) at++;
    else if (byte == 0x28) depth++;
    else if (byte == 0x29) {
      depth--;
      if (depth == 0) return min(at + 1, to);
    }
    at++;
  }
  return to;
}
