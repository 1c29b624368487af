import { findByte, findEither } from "./scan";
import { contentEnd, lineEnd } from "./command";

/** How a stretch of server bytes reads as replies. */
export const enum ReplyShape {
  /** The reply is not whole yet. */
  partial,
  whole,
  /** A line that is not a valid reply (RFC 5321 4.2); it stands alone. */
  malformed,
  /** Longer than the caller's limit, or more than `REPLY_LINES_MAX` lines. */
  endless,
}

/** A reply of more lines is refused: Postfix and Exim send fewer than 30 to EHLO, and this is four times as many. */
export const REPLY_LINES_MAX: i32 = 128;

/** One reply, parsed once; one object, reused. Addresses hold only while the bytes stay where they are. */
@final
export class Reply {
  start: usize = 0;
  /** One past the last line's end. */
  next: usize = 0;
  /** The code of the last line: 200 to 599, or 0 when malformed. */
  code: i32 = 0;
  lines: i32 = 0;
  /** Lines of the reply carry different codes. */
  mixed: bool = false;
  /** A NUL stands in it. */
  hasNul: bool = false;
  /** Some line's code asks the client for more or starts a mode: 3xx or 220. */
  opensMode: bool = false;
  /** Bytes of its longest line, the line end included. */
  longest: i32 = 0;
  /** Some of its lines end with LF alone, some with CRLF. */
  hasLf: bool = false;
  hasCrlf: bool = false;

  /** Reads the first reply in [from, to), of at most `limit` bytes. */
  read(from: usize, to: usize, limit: i32): ReplyShape {
    this.start = from;
    this.code = 0;
    this.lines = 0;
    this.mixed = false;
    this.hasNul = this.hasLf = this.hasCrlf = this.opensMode = false;
    this.longest = 0;
    // What is after the limit has not arrived yet in another cut, so it says nothing about this reply.
    const end = to - from > <usize>limit ? from + limit : to;
    let at = from;
    let first: i32 = 0;
    while (at < end) {
      let lf = findEither(at, end, 0x0a, 0);
      if (lf < end && load<u8>(lf) == 0) {
        lf = findByte(lf, end, 0x0a);
        if (lf < end) this.hasNul = true;
      }
      if (lf == end) break;
      const textEnd = contentEnd(at, lf);
      const code = codeOf(at, textEnd);
      this.next = lf + 1;
      this.lines++;
      if (code == 220 || (code >= 300 && code < 400)) this.opensMode = true;
      if (textEnd == lf) this.hasLf = true;
      else this.hasCrlf = true;
      this.longest = max(this.longest, <i32>(lf + 1 - at));
      if (this.lines == 1) first = code;
      else if (code != first) this.mixed = true;
      if (this.lines > REPLY_LINES_MAX) return ReplyShape.endless;
      if (first == 0) return ReplyShape.malformed;
      // Inside a reply a line without a code does not end it: no client takes it for the last one.
      if (code != 0 && (textEnd - at == 3 || load<u8>(at + 3) == 0x20)) {
        this.code = code;
        return ReplyShape.whole;
      }
      at = lf + 1;
    }
    if (end == to) return ReplyShape.partial;
    // However it was cut, as many bytes stand for the whole.
    this.next = end;
    return ReplyShape.endless;
  }
}

/**
 * The code of the reply line [from, end): `[2-5][0-9][0-9]` at column 0, then "-", SP or nothing; 0 otherwise.
 * The second digit is not held to RFC 5321's 0 to 5: real servers send 571 and 472.
 */
function codeOf(from: usize, end: usize): i32 {
  if (end - from < 3) return 0;
  // With the fourth octet, which may be the line's end.
  const head = load<u32>(from);
  const hundreds = (head & 0xff) - 48;
  const tens = ((head >> 8) & 0xff) - 48;
  const ones = ((head >> 16) & 0xff) - 48;
  if (hundreds - 2 > 3 || tens > 9 || ones > 9) return 0;
  const separator = head >> 24;
  if (separator != 0x20 && separator != 0x2d && end - from > 3) return 0;
  return hundreds * 100 + tens * 10 + ones;
}

/** Whether the line that begins at `from`, whole in [from, to), is a reply line at all, with a code and a separator or nothing else. */
export function hasCode(from: usize, to: usize): bool {
  return codeOf(from, contentEnd(from, lineEnd(from, to) - 1)) != 0;
}

/** So many bytes of a line say whether it ends its reply: the code, and a separator or a line end. */
export const LINE_HEAD: usize = 5;

/**
 * Whether the line [from, next), its LF included, is the last one of its reply, or as its first line none that goes on.
 * The same as `Reply.read` finds, by the first `LINE_HEAD` bytes alone: the others need not be there.
 */
export function endsReply(from: usize, next: usize, isFirst: bool): bool {
  // The end of a longer line is not in its head, whose fourth byte is what counts.
  const end = next - from > LINE_HEAD ? from + LINE_HEAD : contentEnd(from, next - 1);
  const code = codeOf(from, end);
  if (code == 0) return isFirst;
  return end - from == 3 || load<u8>(from + 3) == 0x20;
}
