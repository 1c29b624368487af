import { wideSeparator } from "./address-bytes";
import { PathShape } from "./path-scanner";
import { PathShapeReader } from "./path-shape";
import { BLOCK, isAlpha, isBlank, lastBlock, maskOf, skipBlanks, spells } from "./scan";

const shapeReader = new PathShapeReader();

/** What stands before the colon: the letters as a little-endian number, so that they are one compare. */
export const enum PathKeyword {
  /** RCPT's. */
  to = 0x4f54,
  /** MAIL's. */
  from = 0x4d4f5246,
}

/**
 * A forward-path or reverse-path (RFC 5321 4.1.2) as mail servers read it, one object reused.
 * Comments are skipped and backslashes escape outside quotes too, because Postfix and Exim read addresses with
 * RFC 5322's lexer: `<root(@x.org)>` is delivered to `root`, and by Postfix `<a@x.org<root>>` as well.
 */
@final
export class Path {
  /** The mailbox without angle brackets and source route. */
  start: usize = 0;
  end: usize = 0;
  /** The keyword TO: or FROM: was there. */
  found: bool = false;
  /** Blanks stand before or after the colon of TO: or FROM: (RFC 5321 3.3 has none). */
  hasColonBlank: bool = false;
  /** Angle brackets stand round the path. */
  isBracketed: bool = false;
  /** A "<" that is neither quoted nor a comment stands inside the path. */
  hasInnerBracket: bool = false;
  /** After the path: where the ESMTP parameters start. */
  next: usize = 0;
  /** Nothing but blanks and comments stands in the path. */
  isNull: bool = false;
  /** The text after the last "@" that is neither quoted nor a comment; empty when there is none. */
  domainStart: usize = 0;
  domainEnd: usize = 0;
  /** How it is written, which says whether all servers read it as it is read here. */
  shape: PathShape = PathShape.regular;
  private isPlain: bool = false;

  /** Reads the argument [from, to) of RCPT or MAIL. Blanks round the colon are allowed. */
  read(from: usize, to: usize, keyword: PathKeyword): void {
    this.found = false;
    this.shape = PathShape.regular;
    this.isNull = this.hasColonBlank = this.isBracketed = this.hasInnerBracket = false;
    this.domainStart = this.domainEnd = this.start = this.end = this.next = 0;
    const length: usize = keyword == PathKeyword.to ? 2 : 4;
    if (to - from < length) return;
    const letters: u32 = length == 2 ? load<u16>(from) : load<u32>(from);
    if ((letters & (length == 2 ? 0xdfdf : 0xdfdfdfdf)) != <u32>keyword) return;
    const colon = skipBlanks(from + length, to);
    if (colon == to || load<u8>(colon) != 0x3a) return;
    let at = skipBlanks(colon + 1, to);
    this.hasColonBlank = colon != from + length || at != colon + 1;
    this.found = true;
    this.isBracketed = at < to && load<u8>(at) == 0x3c;
    if (this.isBracketed) {
      at++;
      if (this.readPlain(at, to)) return;
    }
    const end = pathEnd(at, to, this.isBracketed);
    this.shape = shapeReader.read(at, end, to, this.isBracketed);
    this.next = this.isBracketed ? min(end + 1, to) : end;
    this.readMailbox(skipRoute(at, end), end);
  }

  /**
   * Reads a path that holds one "@", not as its first byte, and none of the bytes that may give it another meaning than
   * the one at first sight, up to its ">" and a blank or nothing after that: nearly all of them. False leaves it to
   * `readMailbox`.
   */
  private readPlain(from: usize, to: usize): bool {
    const low = i8x16(35, 33, 35, 33, 33, 33, 33, 33, 35, 35, 37, 45, 47, 41, 33, 53);
    const high = i8x16(1, 1, 2, 4, 0, 8, 0, 16, 32, 32, 32, 32, 32, 32, 32, 32);
    const at = i8x16.splat(0x40);
    const closing = i8x16.splat(0x3e);
    const last = lastBlock(to);
    let ats: u32 = 0;
    for (let block = from; block < last; block += BLOCK) {
      const bytes = v128.load(block);
      const end = (<u32>i8x16.bitmask(i8x16.eq(bytes, closing))) & maskOf(to - block);
      // Of the last block only what is before the ">" counts.
      const inside = end != 0 ? (end & -end) - 1 : 0xffff;
      // A bit for each group, which both halves of a byte must have: controls, SP " ( ) and comma, : ; < and ?, [ \ ], DEL,
      // and all beyond ASCII.
      const groups = v128.and(
        i8x16.swizzle(low, v128.and(bytes, i8x16.splat(0x0f))),
        i8x16.swizzle(high, i8x16.shr_u(bytes, 4)),
      );
      if ((i8x16.bitmask(i8x16.ne(groups, i8x16.splat(0))) & inside) != 0) break;
      const here = (<u32>i8x16.bitmask(i8x16.eq(bytes, at))) & inside;
      if (here != 0) {
        ats += popcnt(here);
        this.domainStart = block + <usize>ctz(here) + 1;
      }
      if (end == 0) continue;
      const closed = block + <usize>ctz(end);
      const next = closed + 1;
      if (ats != 1 || this.domainStart == from + 1 || (next < to && !isBlank(load<u8>(next)))) break;
      this.start = from;
      this.end = this.domainEnd = closed;
      this.next = next;
      this.isPlain = true;
      return true;
    }
    this.domainStart = 0;
    return false;
  }

  /** Whether the mailbox is the one name that needs no domain (RFC 5321 2.3.5, 4.1.1.3). */
  get isPostmaster(): bool {
    return this.isPlain && spells(this.start, <i32>(this.end - this.start), "POSTMASTER");
  }

  /** Whether a domain is given: some byte other than blanks, dots and brackets. */
  get hasDomain(): bool {
    let at = this.domainStart;
    while (at < this.domainEnd) {
      const byte: u32 = load<u8>(at);
      if (isAlpha(byte)) return true;
      if (byte >= 0x80) {
        const length = wideSeparator(at, this.domainEnd);
        if (length == 0) return true;
        at += length;
        continue;
      }
      if (byte != 0x2e && byte != 0x3e && byte != 0x5b && byte != 0x5d && !isBlank(byte)) return true;
      at++;
    }
    return false;
  }

  /** Whether the domain is an address literal or holds a dot inside: `mx.example`, `[192.0.2.1]`. */
  get isQualified(): bool {
    if (this.domainStart < this.domainEnd && load<u8>(this.domainStart) == 0x5b) return true;
    for (let at = this.domainStart + 1; at + 1 < this.domainEnd; at++) {
      if (load<u8>(at) == 0x2e) return true;
    }
    return false;
  }

  /** Reads a mailbox that stands alone: what an earlier reading found between `start` and `end`. */
  readAlone(from: usize, to: usize): void {
    this.domainStart = this.domainEnd = 0;
    this.readMailbox(from, to);
  }

  private readMailbox(from: usize, to: usize): void {
    let start = skipBlanks(from, to);
    let end = to;
    while (end > start && isBlank(load<u8>(end - 1))) end--;
    this.start = start;
    this.end = end;
    this.isPlain = true;
    this.isNull = true;
    while (start < end) {
      const byte: u32 = load<u8>(start);
      if (byte == 0x28) {
        const after = skipComment(start, end);
        // A comment that ends the domain is not part of it, nor is one that comes before it.
        if (this.domainStart != 0 && this.domainEnd == 0) {
          if (skipBlanks(this.domainStart, start) == start) this.domainStart = after;
          else this.domainEnd = start;
        }
        this.isPlain = false;
        start = after;
        continue;
      }
      if (byte == 0x3c) {
        // What stands before it is a phrase to Postfix (RFC 5322 3.4), however much it looks like a mailbox.
        this.hasInnerBracket = this.isNull = true;
        this.domainStart = this.domainEnd = 0;
        this.start = start + 1;
      } else if (byte == 0x40) {
        this.domainStart = start + 1;
        this.domainEnd = 0;
      } else if (!isBlank(byte)) this.isNull = false;
      start = skipQuoted(start, end);
    }
    if (this.domainStart != 0 && this.domainEnd == 0) this.domainEnd = end;
  }
}

/** Where the path that starts at `from` ends: at its ">" outside quotes, or at the first blank if it has no bracket. */
function pathEnd(from: usize, to: usize, bracketed: bool): usize {
  let at = from;
  while (at < to) {
    const byte: u32 = load<u8>(at);
    if (bracketed ? byte == 0x3e : isBlank(byte)) return at;
    at = byte == 0x28 ? skipComment(at, to) : skipQuoted(at, to);
  }
  return to;
}

/** After the source route `@a,@b:` (RFC 5321 appendix C) of the path [from, to), or `from` where there is none. */
function skipRoute(from: usize, to: usize): usize {
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

/** After the quoted string, the escaped pair or the single byte at `at`. */
function skipQuoted(at: usize, to: usize): usize {
  const byte: u32 = load<u8>(at);
  if (byte == 0x5c) return min(at + 2, to);
  if (byte != 0x22) return at + 1;
  at++;
  while (at < to) {
    const inner: u32 = load<u8>(at);
    if (inner == 0x22) return at + 1;
    at = inner == 0x5c ? min(at + 2, to) : at + 1;
  }
  return to;
}

/** After the RFC 5322 comment at `at`, which may nest; an open one runs to `to`. */
function skipComment(at: usize, to: usize): usize {
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
