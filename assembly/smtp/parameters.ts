import { Parameter, parameterOf } from "./parameter-names";
import { isValue, isXtext } from "./parameter-values";
import { isAlpha, isBlank, isDigit, skipBlanks, skipToken, spells } from "./scan";

/** What is wrong with one of the ESMTP parameters of a command: a set of bits. */
export const enum ParameterFault {
  none = 0,
  /** A keyword stands there twice, or two of which one excludes the other. */
  duplicate = 1,
  /** No `keyword` or `keyword=value` of RFC 5321 4.1.2. */
  syntax = 2,
  /** Not a value that the RFC of the keyword allows. */
  value = 4,
  /** A value that should be xtext (RFC 3461 4) and is not. */
  not_xtext = 8,
  /** MAIL's in RCPT, or RCPT's in MAIL. */
  misplaced = 16,
}

/**
 * The ESMTP parameters of MAIL or RCPT, read once. Octets beyond printable ASCII are no fault here: they are one of the
 * whole line.
 */
@final
export class Parameters {
  /** Those that are known by name: a set of `Parameter`. */
  seen: u32 = Parameter.none;
  /** A set of `ParameterFault`. */
  faults: u32 = ParameterFault.none;

  clear(): void {
    this.seen = Parameter.none;
    this.faults = ParameterFault.none;
  }

  /** SMTPUTF8 (RFC 6531) is given. */
  get asksUtf8(): bool {
    return (this.seen & Parameter.asks_utf8) != 0;
  }

  /** BODY=BINARYMIME (RFC 3030) is given. */
  get asksBinarymime(): bool {
    return (this.seen & Parameter.asks_binarymime) != 0;
  }

  /** Reads [from, to); `foreign` are the parameters that belong to another command. */
  read(from: usize, to: usize, foreign: u32): void {
    let at = skipBlanks(from, to);
    while (at < to) {
      const equals = this.readKeyword(at, to);
      const hasValue = equals < to && load<u8>(equals) == 0x3d;
      const end = hasValue ? skipToken(equals + 1, to) : equals;
      this.take(at, equals, end);
      at = skipBlanks(end, to);
    }
    if ((this.seen & foreign) != 0) this.faults |= ParameterFault.misplaced;
    // RFC 4865 4.1.
    const both: u32 = Parameter.holdfor | Parameter.holduntil;
    if ((this.seen & both) == both) this.faults |= ParameterFault.duplicate;
  }

  /** Goes over a keyword, ALPHA or DIGIT first, "-" among the rest; returns where it ends. */
  private readKeyword(from: usize, to: usize): usize {
    let at = from;
    while (at < to) {
      const byte: u32 = load<u8>(at);
      if (byte == 0x3d || isBlank(byte)) break;
      const isPart = isAlpha(byte) || isDigit(byte) || (byte == 0x2d && at != from);
      if (!isPart && byte - 0x21 < 0x7f - 0x21) this.faults |= ParameterFault.syntax;
      at++;
    }
    if (at == from) this.faults |= ParameterFault.syntax;
    return at;
  }

  /** Takes the parameter [from, to), whose keyword ends at `equals`, which is `to` where there is no value. */
  private take(from: usize, equals: usize, to: usize): void {
    const parameter = parameterOf(from, <i32>(equals - from));
    if (parameter == Parameter.none) {
      if (equals != to && !isAnyValue(equals + 1, to)) this.faults |= ParameterFault.syntax;
      return;
    }
    if ((this.seen & parameter) != 0) this.faults |= ParameterFault.duplicate;
    this.seen |= parameter;
    if (!isValue(parameter, equals, to)) this.faults |= ParameterFault.value;
    else if ((parameter & XTEXT) != 0 && !isXtext(equals + 1, to)) this.faults |= ParameterFault.not_xtext;
    if (parameter == Parameter.smtputf8 && equals == to) this.seen |= Parameter.asks_utf8;
    if (parameter == Parameter.body && spells(equals, <i32>(to - equals), "=BINARYMIME"))
      this.seen |= Parameter.asks_binarymime;
  }
}

const XTEXT: u32 = Parameter.envid | Parameter.orcpt | Parameter.auth;

/** esmtp-value (RFC 5321 4.1.2): at least one octet, no "=". */
function isAnyValue(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    if (load<u8>(at) == 0x3d) return false;
  }
  return from < to;
}
