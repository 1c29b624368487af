import { Path } from "../smtp/path";
import { skipComment } from "../smtp/path-pieces";
import { isAlpha, isDigit } from "../smtp/scan";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * What a shell, or a mail server that expands strings, takes for more than a letter, in the local part of a path, quoted
 * or not; `${` in the domain, too. A set of reasons. Nothing that is found is in a path that `isUsual`.
 */
export function addressMetacharacters(path: Path): u32 {
  if (!path.found || path.start == path.end) return 0;
  const end = path.localEnd;
  const first = firstOf(path.start, end);
  let set = first < end ? leading(first, end) : 0;
  let backquotes = 0;
  for (let at = path.start; at < path.end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x24) {
      const next = unquotedAfter(at, path.end);
      if (next == 0x7b)
        set |= bitOf(Reason.address_metacharacters_expansion, FirstReason.address_metacharacters);
      if (next == 0x28 && at < end)
        set |= bitOf(Reason.address_metacharacters_substitution, FirstReason.address_metacharacters);
    }
    if (at >= end) continue;
    if (byte == 0x60) backquotes++;
    if (byte == 0x3b)
      set |= bitOf(Reason.address_metacharacters_separator, FirstReason.address_metacharacters);
    if (byte == 0x7c && at != first)
      set |= bitOf(Reason.address_metacharacters_inner_pipe, FirstReason.address_metacharacters);
  }
  if (backquotes > 1)
    set |= bitOf(Reason.address_metacharacters_substitution, FirstReason.address_metacharacters);
  return set;
}

/** The byte that follows the one at `at` when the quotes are taken off, as Exim does before it expands; 0 for none. */
function unquotedAfter(at: usize, end: usize): u32 {
  for (let next = at + 1; next < end; next++) {
    const byte: u32 = load<u8>(next);
    if (byte == 0x22) continue;
    if (byte != 0x5c) return byte;
    return next + 1 < end ? load<u8>(next + 1) : 0;
  }
  return 0;
}

/** The first byte of the local part [from, end) that a program gets to see: no quote, backslash, blank or comment. */
function firstOf(from: usize, end: usize): usize {
  let at = from;
  let isQuoted: bool = false;
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x22) isQuoted = !isQuoted;
    if (byte == 0x28 && !isQuoted) {
      at = skipComment(at, end);
      continue;
    }
    if (byte != 0x22 && byte != 0x5c && byte != 0x20 && byte != 0x09) break;
    at++;
  }
  return at;
}

function leading(first: usize, end: usize): u32 {
  const byte: u32 = load<u8>(first);
  if (byte == 0x7c)
    return bitOf(Reason.address_metacharacters_leading_pipe, FirstReason.address_metacharacters);
  if (byte == 0x2d)
    return bitOf(Reason.address_metacharacters_leading_dash, FirstReason.address_metacharacters);
  if (byte == 0x2f && !isX400(first + 1, end))
    return bitOf(Reason.address_metacharacters_leading_slash, FirstReason.address_metacharacters);
  return 0;
}

/** Whether an attribute of X.400 stands at `from`: `S=`, `PRMD=`, `DD.RFC-822=`, `DDA:TYPE=` (RFC 2156 4.1). */
function isX400(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x3d) return at > from;
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2d && byte != 0x2e && byte != 0x3a) return false;
    at++;
  }
  return false;
}
