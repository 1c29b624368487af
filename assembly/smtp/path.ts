import { wideSeparator } from "./address-bytes";
import { PathShape } from "./path-scanner";
import { hasLaterPath, PathFault, pathEnd, skipComment, skipQuoted, skipRoute } from "./path-pieces";
import { PathShapeReader } from "./path-shape";
import { BLOCK, isAlpha, isBlank, isDigit, lastBlock, maskOf, skipBlanks, spells } from "./scan";

const shapeReader = new PathShapeReader();

/** What stands before the colon: the letters as a little-endian number, so that they are one compare. */
export const enum PathKeyword {
  /** RCPT's. */
  to = 0x4f54,
  /** MAIL's. */
  from = 0x4d4f5246,
}

/** No limit of a local part, a domain or a path may be less: RFC 5321 4.5.3.1.1, and its brackets. */
const USUAL_MOST: usize = 64;

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
  /** Its first byte, a "<" if it has one. */
  outerStart: usize = 0;
  /** After the path: where the ESMTP parameters start. */
  next: usize = 0;
  /** Nothing but blanks and comments stands in the path. */
  isNull: bool = false;
  /** The text after the last "@" that is neither quoted nor a comment; empty when there is none. */
  domainStart: usize = 0;
  domainEnd: usize = 0;
  /** Where the local part ends: at that "@", or with the mailbox. */
  localEnd: usize = 0;
  /** How it is written, which says whether all servers read it as it is read here. */
  shape: PathShape = PathShape.regular;
  /** What is wrong with it, a set of `PathFault`. */
  faults: u32 = PathFault.none;
  /** It begins with "@" (RFC 5321 appendix C). */
  hasRoute: bool = false;
  /**
   * `<local@domain>`, at most `USUAL_MOST` octets in the brackets, of nothing but letters, digits and what is common
   * between them. What is judged of paths finds nothing here, but for blanks round the colon and a domain without a dot.
   */
  isUsual: bool = false;
  private isPlain: bool = false;

  /** Reads the argument [from, to) of RCPT or MAIL. Blanks round the colon are allowed. */
  read(from: usize, to: usize, keyword: PathKeyword): void {
    this.found = false;
    this.shape = PathShape.regular;
    this.faults = PathFault.none;
    this.isUsual = this.hasRoute = false;
    this.isNull = this.hasColonBlank = this.isBracketed = this.hasInnerBracket = false;
    this.domainStart =
      this.domainEnd =
      this.start =
      this.end =
      this.localEnd =
      this.next =
      this.outerStart =
        0;
    const length: usize = keyword == PathKeyword.to ? 2 : 4;
    if (to - from < length) return;
    const letters: u32 = length == 2 ? load<u16>(from) : load<u32>(from);
    if ((letters & (length == 2 ? 0xdfdf : 0xdfdfdfdf)) != <u32>keyword) return;
    const colon = skipBlanks(from + length, to);
    if (colon == to || load<u8>(colon) != 0x3a) return;
    let at = skipBlanks(colon + 1, to);
    this.hasColonBlank = colon != from + length || at != colon + 1;
    this.found = true;
    this.outerStart = at;
    this.isBracketed = at < to && load<u8>(at) == 0x3c;
    if (this.isBracketed) {
      at++;
      if (this.readPlain(at, to)) return;
    }
    const closed = pathEnd(at, to, this.isBracketed);
    if (closed > to || (this.isBracketed && closed == to)) this.faults |= PathFault.unclosed;
    const end = min(closed, to);
    this.shape = shapeReader.read(at, end, to, this.isBracketed);
    this.next = this.isBracketed ? min(end + 1, to) : end;
    const mailbox = skipRoute(at, end);
    this.hasRoute = mailbox != at;
    this.readMailbox(mailbox, end);
    this.readAfter(to);
  }

  /** The line was not read to its end: what is missing may follow. */
  markCut(): void {
    this.faults = PathFault.none;
  }

  /** What stands between the path and its parameters, if anything does. */
  private readAfter(to: usize): void {
    if (!this.isBracketed) {
      if (hasLaterPath(this.next, to)) this.faults |= PathFault.display_name;
      return;
    }
    if (this.hasInnerBracket) {
      const outer = skipBlanks(this.next, to);
      if (outer < to && load<u8>(outer) == 0x3e) this.next = outer + 1;
    }
    if (this.next < to && !isBlank(load<u8>(this.next))) this.faults |= PathFault.glued;
  }

  /**
   * Reads a path that holds one "@", not as its first byte, and none of the bytes that may give it another meaning than
   * the one at first sight, to a mail server or to a shell after it, up to its ">" and a blank or nothing after that: nearly all of them. False leaves it to
   * `readMailbox`.
   */
  private readPlain(from: usize, to: usize): bool {
    const low = i8x16(99, 35, 35, 33, 33, 35, 33, 33, 35, 35, 37, 61, 63, 41, 33, 53);
    const high = i8x16(1, 1, 2, 4, 0, 8, 64, 16, 32, 32, 32, 32, 32, 32, 32, 32);
    const at = i8x16.splat(0x40);
    const closing = i8x16.splat(0x3e);
    const last = lastBlock(to);
    let ats: u32 = 0;
    for (let block = from; block < last; block += BLOCK) {
      const bytes = v128.load(block);
      const end = (<u32>i8x16.bitmask(i8x16.eq(bytes, closing))) & maskOf(to - block);
      // Of the last block only what is before the ">" counts.
      const inside = end != 0 ? (end & -end) - 1 : 0xffff;
      // A bit for each group, which both halves of a byte must have: controls, SP ! " % ( ) and comma, : ; < and ?, [ \ ],
      // { | and DEL, the back quote, and all beyond ASCII.
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
      if (ats != 1 || this.domainStart == from + 1 || this.domainStart == closed) break;
      if (next < to && !isBlank(load<u8>(next))) break;
      this.start = from;
      this.end = this.domainEnd = closed;
      this.next = next;
      this.isPlain = true;
      this.localEnd = this.domainStart - 1;
      const first: u32 = load<u8>(from);
      const domain: u32 = load<u8>(this.domainStart);
      this.isUsual =
        closed - from <= USUAL_MOST && first != 0x2d && first != 0x2f && (isAlpha(domain) || isDigit(domain));
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
    this.end = this.localEnd = end;
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
        this.faults &= ~(PathFault.blank as u32);
        this.domainStart = this.domainEnd = 0;
        this.start = start + 1;
        this.localEnd = end;
      } else if (byte == 0x40) {
        this.localEnd = start;
        this.domainStart = start + 1;
        this.domainEnd = 0;
      } else if (isBlank(byte)) this.faults |= PathFault.blank;
      else {
        this.isNull = false;
        if (byte == 0x3e && !this.isBracketed && !this.hasInnerBracket)
          this.faults |= PathFault.stray_bracket;
      }
      start = skipQuoted(start, end);
    }
    if (this.domainStart != 0 && this.domainEnd == 0) this.domainEnd = end;
  }
}
