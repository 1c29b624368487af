import { afterLastByte, BLOCK, findByte, isBlank } from "./scan";

/** What is too much in a message, as a set of bits; each is found once a message. */
export const enum Excess {
  none = 0,
  /** Lines of the message: over the soft limit, over the hard one. */
  line = 1,
  endless = 2,
  header_line = 4,
  header_name = 8,
  header_block = 16,
  octets = 32,
}

/** What concerns the header only. */
export const HEADER_EXCESS: u32 = Excess.header_line | Excess.header_name | Excess.header_block;

/**
 * Where in the header the reading is. A line ends with LF. The first that holds nothing, or a CR, ends
 * the header.
 *
 *   name --LF, nothing before it--> ended;   name --CR, nothing before it--> cr --LF--> ended
 *   name --blank after more octets than a name may have--> blank;   name, blank, cr --anything else--> value
 *   all but ended --LF--> name
 */
export const enum HeaderState {
  /** At the start of a line, or all that was read of it may be a name. */
  name,
  /** A long name, and blanks after it (RFC 5322 4.5.8 has them before the colon). */
  blank,
  /** The line holds a CR alone. */
  cr,
  /** The rest of a line. */
  value,
  ended,
}

/** No limit. */
export const UNLIMITED: u32 = u32.MAX_VALUE;

/** Most octets of a line that are counted; no limit is longer. */
export const LINE_MOST: u32 = 0x7fffff;

/**
 * Counts the octets of a message, of its lines and of its header, and finds what has too many. Nobody looks at each octet
 * for it: `reach` says how far nothing can become too much, and `advance` counts what was read as far as that. So whatever is
 * found is found at the same octet, however the message was cut. One object, reused.
 */
@final
export class MessageScan {
  /** Octets of the message so far, saturating; the dots that RFC 5321 4.5.2 adds do not count (RFC 1870 3). */
  octets: u32 = 0;
  /** Octets of the line so far, saturating; such a dot does not count (RFC 5321 4.5.3.1.6). */
  line: u32 = 0;
  header: HeaderState = HeaderState.name;
  /** Whether a dot that begins a line is none of it: in DATA, not in BDAT. */
  stuffs: bool = false;
  /** Whether what is read next begins a line, with no such dot before it. */
  atStart: bool = false;
  /** The limits that are looked for; `UNLIMITED` for others. What has one octet more is too much. */
  lineMost: u32 = UNLIMITED;
  endlessMost: u32 = UNLIMITED;
  headerLineMost: u32 = UNLIMITED;
  headerNameMost: u32 = UNLIMITED;
  headerBlockMost: u32 = UNLIMITED;
  octetsMost: u32 = UNLIMITED;
  /** The kinds of `Excess` at the last octet that was counted. */
  excess: u32 = Excess.none;
  /** The last octet that `walk` read is the colon after a name that is too long. */
  private longName: bool = false;

  /** Whether the end of the header is looked for. */
  get readsHeader(): bool {
    return this.header != HeaderState.ended && this.headerMost != UNLIMITED;
  }

  private get headerMost(): u32 {
    return min(min(this.headerLineMost, this.headerNameMost), this.headerBlockMost);
  }

  /** The first address in (from, to] at which something can be too much, or `to`. */
  reach(from: usize, to: usize): usize {
    const readsHeader = this.readsHeader;
    let line = min(this.lineMost, this.endlessMost);
    let octets = this.octetsMost;
    if (readsHeader) {
      line = min(line, this.headerLineMost);
      octets = min(octets, this.headerBlockMost);
    }
    let room = roomIn(line, this.line);
    room = min(room, roomIn(octets, this.octets));
    let stop = <u64>room < <u64>(to - from) ? from + <usize>room : to;
    if (readsHeader && this.headerNameMost != UNLIMITED) {
      const header = this.header;
      const walked = this.walk(from, stop);
      if (this.longName) stop = walked;
      this.header = header;
    }
    return stop;
  }

  /**
   * Counts [from, to), of which `dots` octets were added by the sender, not beyond what `reach` said, and says in `excess` what
   * is too much at its last octet. `undecided` octets may be part of the end of data.
   */
  advance(from: usize, to: usize, dots: u32, undecided: u32): void {
    this.excess = Excess.none;
    if (from == to) return;
    this.octets = added(this.octets, <u64>(to - from) - <u64>dots);
    const octets = this.octets - undecided;
    const readsHeader = this.readsHeader;
    const walked = readsHeader ? this.walk(from, to) : 0;
    this.countLine(from, to);
    const line = this.line;
    if (load<u8>(to - 1) == LF) this.line = 0;
    if (line > this.lineMost) this.excess |= Excess.line;
    if (line > this.endlessMost) this.excess |= Excess.endless;
    if (octets > this.octetsMost) this.excess |= Excess.octets;
    if (!readsHeader) return;
    const inHeader = this.header != HeaderState.ended;
    if (inHeader && line > this.headerLineMost) this.excess |= Excess.header_line;
    if (this.longName && walked == to) this.excess |= Excess.header_name;
    // The empty line is part of it.
    if (octets > this.headerBlockMost && (inHeader || walked == to)) this.excess |= Excess.header_block;
  }

  /** Counts up to the last octet, with which a line may end that has too many. */
  private countLine(from: usize, to: usize): void {
    const start = afterLastByte(from, to - 1, LF);
    const first = start == 0 ? from : start;
    const isDot = this.stuffs && (start != 0 || this.atStart) && load<u8>(first) == DOT;
    const octets = <u64>(to - first) - (isDot ? 1 : 0);
    this.line = <u32>min<u64>(start == 0 ? <u64>this.line + octets : octets, LINE_MOST);
  }

  /**
   * Reads header lines in [from, to). Returns where it stopped: after the colon of a name that is too long, at the end of the
   * header, or at `to`.
   */
  private walk(from: usize, to: usize): usize {
    this.longName = false;
    let octets = this.line;
    let at = from;
    // A line that begins with a dot is not empty: one that was read already, or this one.
    let mayBeEmpty = this.atStart;
    if (mayBeEmpty && this.stuffs && load<u8>(at) == DOT) {
      mayBeEmpty = false;
      at++;
    }
    while (at < to) {
      if (this.header != HeaderState.value) {
        at = this.readStart(at, to, octets, mayBeEmpty);
        if (this.longName || this.header == HeaderState.ended) return at;
      }
      if (this.headerNameMost == UNLIMITED) at = skipLines(at, to);
      const lf = findByte(at, to, LF);
      if (lf == to) break;
      at = lf + 1;
      octets = 0;
      this.header = HeaderState.name;
      mayBeEmpty = !this.stuffs || at == to || load<u8>(at) != DOT;
      if (!mayBeEmpty) at++;
    }
    return to;
  }

  /** Reads the start of a line, of which `before` octets were read, as far as it decides the state; returns where it stopped. */
  private readStart(from: usize, to: usize, before: u32, mayBeEmpty: bool): usize {
    let at = from;
    if (this.header == HeaderState.name && mayBeEmpty) {
      const first = load<u8>(at);
      if (first == LF) return this.endHeader(at + 1);
      if (first == CR) {
        this.header = HeaderState.cr;
        at++;
        if (at == to) return at;
      }
    }
    if (this.header == HeaderState.cr && load<u8>(at) == LF) return this.endHeader(at + 1);
    if (this.header != HeaderState.cr && this.headerNameMost != UNLIMITED)
      return this.readName(at, to, before);
    this.header = HeaderState.value;
    return at;
  }

  private endHeader(at: usize): usize {
    this.header = HeaderState.ended;
    return at;
  }

  /** A name is of what RFC 5322 2.2 allows: printable ASCII without the colon, which follows it at once or after blanks. */
  private readName(from: usize, to: usize, before: u32): usize {
    let at = from;
    let octets = before;
    while (at < to) {
      const byte: u32 = load<u8>(at);
      if (this.header == HeaderState.name && byte - 0x21 < 0x5e && byte != COLON) octets++;
      else if (byte == COLON) {
        this.longName = this.header == HeaderState.blank || octets > this.headerNameMost;
        this.header = HeaderState.value;
        return at + 1;
      } else if (isBlank(byte) && (this.header == HeaderState.blank || octets > this.headerNameMost)) {
        this.header = HeaderState.blank;
      } else {
        this.header = HeaderState.value;
        return at;
      }
      at++;
    }
    return at;
  }
}

/** An address in [from, to] before which no line ends that an empty one follows. */
function skipLines(from: usize, to: usize): usize {
  const lf = i8x16.splat(LF);
  const cr = i8x16.splat(CR);
  let at = from;
  while (at + BLOCK < to) {
    // LF is among the octets up to CR, which text hardly has.
    while (at + BLOCK < to && !v128.any_true(i8x16.le_u(v128.load(at), cr))) at += BLOCK;
    if (at + BLOCK >= to) break;
    const next = v128.load(at + 1);
    const ends = v128.or(i8x16.eq(next, cr), i8x16.eq(next, lf));
    const mask: u32 = i8x16.bitmask(v128.and(i8x16.eq(v128.load(at), lf), ends));
    if (mask != 0) return at + <usize>ctz(mask);
    at += BLOCK;
  }
  return at;
}

/** How many octets can be read until there are more than `most`, when `count` were: one at least. */
function roomIn(most: u32, count: u32): u32 {
  if (most == UNLIMITED) return UNLIMITED;
  return count < most ? most - count + 1 : 1;
}

function added(octets: u32, more: u64): u32 {
  return <u32>min<u64>(<u64>octets + more, u32.MAX_VALUE);
}

const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const DOT: u8 = 0x2e;
const COLON: u32 = 0x3a;
