import {
  findByte,
  findEither,
  isBlank,
  isDigit,
  isPrintable,
  mentions,
  skipBlanks,
  skipToken,
  spells,
} from "./scan";
import { Parameter, RCPT_PARAMETERS } from "./parameter-names";
import { ParameterFault, Parameters } from "./parameters";
import { Verb } from "./verb";
import { fourLetterVerb, verbOf } from "./verb-spelling";

/**
 * One command line, parsed once into addresses. There is one object, reused for each line: nothing is allocated.
 * Addresses are valid only while the line stays where it is.
 */
@final
export class Command {
  /** First byte of the line. */
  start: usize = 0;
  /** One past the last byte before the line end. */
  end: usize = 0;
  /** One past the line end. */
  next: usize = 0;
  verb: Verb = Verb.none;
  verbStart: usize = 0;
  verbEnd: usize = 0;
  /** The argument without the blanks around it. */
  argument: usize = 0;
  argumentEnd: usize = 0;
  /** Blanks stand before the verb: Postfix skips them, Exim does not. */
  leadingBlank: bool = false;
  /**
   * Spelled as nearly all are: printable ASCII, one SP before the argument and none elsewhere around it, at most
   * `PLAIN_MAX` bytes with its CRLF. Nothing that asks how a line is spelled needs to look at it.
   */
  isPlain: bool = false;
  /** BDAT only: octets that follow (RFC 3030), or XEXCH50's; -1 when the number is not to be used. */
  size: i64 = -1;
  /** BDAT only: LAST is given. */
  last: bool = false;
  /** MAIL's and RCPT's; after other commands those of an earlier line. */
  readonly parameters: Parameters = new Parameters();

  /** Parses the line in [start, next), whose content without line end is [start, end). */
  read(start: usize, end: usize, next: usize): void {
    this.start = start;
    this.end = end;
    this.next = next;
    this.size = -1;
    this.last = false;
    this.isPlain = next - end == 2 && next - start <= PLAIN_MAX && isPrintable(start, end);
    if (!this.isPlain || !this.readCommon()) this.readAny();
    if (this.verb == Verb.bdat) this.readBdat();
    else if (this.verb == Verb.xexch50) this.readXexch50();
  }

  /** Takes the line in [start, next) for a response in an AUTH exchange: never a command, whatever it spells. */
  readResponse(start: usize, end: usize, next: usize): void {
    this.start = start;
    this.end = end;
    this.next = next;
    this.size = -1;
    this.last = false;
    this.verb = Verb.auth_response;
  }

  /** The line was not read to its end: no number in it may be used, and its last parameter may go on. */
  markCut(): void {
    this.size = -1;
    this.last = false;
    this.parameters.faults = ParameterFault.none;
  }

  /**
   * Whether it may hold a credential though it is no AUTH command: AUTH stands in its argument, or after what some server
   * reads as a line end. No octet of such a line is kept or shown. In MAIL and RCPT, AUTH is part of an address or the
   * parameter of RFC 4954 5.
   */
  get mayHoldSecret(): bool {
    const hasPath = this.verb == Verb.mail || this.verb == Verb.rcpt;
    if (this.isPlain && (hasPath || this.argument == this.argumentEnd)) return false;
    return mentions(this.start, this.end, "AUTH");
  }

  /** The name that HELO, EHLO or LHLO gives: up to the first blank, since what follows is no name (RFC 5321 4.1.1.1). */
  get nameEnd(): usize {
    return findEither(this.argument, this.argumentEnd, 0x20, 0x09);
  }

  /** X-LINK2STATE only: whether it brings the first chunk of a link state. */
  get isFirstChunk(): bool {
    return spells(this.argument, <i32>(skipToken(this.argument, this.argumentEnd) - this.argument), "FIRST");
  }

  /** Whether a response cancels the exchange (RFC 4954 4). */
  get isCancel(): bool {
    return this.end - this.start == 1 && load<u8>(this.start) == 0x2a;
  }

  /** Reads a plain line whose verb has four letters; false leaves it to `readAny`. */
  private readCommon(): bool {
    const verbEnd = this.start + 4;
    const end = this.end;
    if (end < verbEnd) return false;
    const hasArgument = end > verbEnd + 1 && load<u8>(verbEnd) == 0x20;
    if (end != verbEnd && (!hasArgument || load<u8>(verbEnd + 1) == 0x20 || load<u8>(end - 1) == 0x20))
      return false;
    const verb = fourLetterVerb(this.start);
    if (verb == Verb.other) return false;
    this.verb = verb;
    this.leadingBlank = false;
    this.verbStart = this.start;
    this.verbEnd = verbEnd;
    this.argument = hasArgument ? verbEnd + 1 : end;
    this.argumentEnd = end;
    return true;
  }

  private readAny(): void {
    const start = this.start;
    const end = this.end;
    const verbStart = skipBlanks(start, end);
    const verbEnd = skipToken(verbStart, end);
    this.leadingBlank = verbStart != start;
    this.verbStart = verbStart;
    this.verbEnd = verbEnd;
    this.verb = start == end ? Verb.empty : verbOf(verbStart, <i32>(verbEnd - verbStart));
    const argument = skipBlanks(verbEnd, end);
    let argumentEnd = end;
    // RFC 5321 4.1.1: trailing white space is tolerated, so it is never part of an argument.
    while (argumentEnd > argument && isBlank(load<u8>(argumentEnd - 1))) argumentEnd--;
    this.argument = argument;
    this.argumentEnd = argumentEnd;
    if (verbStart != start || argument > verbEnd + 1) this.isPlain = false;
    // Also where there is no argument: a blank after a verb alone.
    if (end > start && isBlank(load<u8>(end - 1))) this.isPlain = false;
  }

  /** BDAT SP 1*20DIGIT [SP "LAST"] (RFC 3030 2); the size stays -1 where the line says anything else. */
  private readBdat(): void {
    // One SP: a server that wants exactly that and one that skips blanks must read the same number.
    if (this.argument != this.verbEnd + 1 || load<u8>(this.verbEnd) != 0x20) return;
    const digitsEnd = this.readSize(this.argument);
    if (digitsEnd == 0) return;
    if (digitsEnd == this.argumentEnd) return;
    if (
      load<u8>(digitsEnd) == 0x20 &&
      spells(digitsEnd + 1, <i32>(this.argumentEnd - digitsEnd - 1), "LAST")
    ) {
      this.last = true;
    } else this.size = -1;
  }

  /** XEXCH50 SP size SP version (CVE-2003-0714): the payload is `size` octets, sent after 354. */
  private readXexch50(): void {
    const digitsEnd = this.readSize(this.argument);
    if (digitsEnd != 0 && digitsEnd != this.argumentEnd && !isBlank(load<u8>(digitsEnd))) this.size = -1;
  }

  /** Reads digits at `from` into `size`; returns where they end, 0 if there are none or they exceed 63 bits. */
  private readSize(from: usize): usize {
    let at = from;
    let value: u64 = 0;
    while (at < this.argumentEnd && isDigit(load<u8>(at))) {
      const digit = <u64>(load<u8>(at) - 48);
      if (at - from >= 20 || value > (<u64>i64.MAX_VALUE - digit) / 10) return 0;
      value = value * 10 + digit;
      at++;
    }
    if (at == from) return 0;
    this.size = <i64>value;
    return at;
  }

  /** Reads the parameters of MAIL or RCPT, which begin at `from`; those of the last line are forgotten. */
  readParameters(from: usize): void {
    this.parameters.clear();
    if (from >= this.argumentEnd) return;
    const foreign = this.verb == Verb.rcpt ? Parameter.known ^ RCPT_PARAMETERS : RCPT_PARAMETERS;
    this.parameters.read(from, this.argumentEnd, foreign);
  }

  /** Whether the blank-separated words of [from, argumentEnd) include `word` (upper case). */
  hasWord(word: string, from: usize): bool {
    let at = skipBlanks(from, this.argumentEnd);
    while (at < this.argumentEnd) {
      const end = skipToken(at, this.argumentEnd);
      if (spells(at, <i32>(end - at), word)) return true;
      at = skipBlanks(end, this.argumentEnd);
    }
    return false;
  }
}

/** RFC 5321 4.5.3.1.4: 512 octets with CRLF are within the limit of every verb. */
const PLAIN_MAX: usize = 512;

/** The end of the content of the line that ends with the LF at `lf`: without the LF and one CR before it. */
export function contentEnd(start: usize, lf: usize): usize {
  return lf > start && load<u8>(lf - 1) == 0x0d ? lf - 1 : lf;
}

/** One past the LF of the line that starts at `from`, or 0 when [from, to) holds no whole line. */
export function lineEnd(from: usize, to: usize): usize {
  const lf = findByte(from, to, 0x0a);
  return lf == to ? 0 : lf + 1;
}
