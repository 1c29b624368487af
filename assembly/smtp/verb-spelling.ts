import { isAlpha, isDigit, spells, upper } from "./scan";
import { Verb } from "./verb";
import { verbName } from "./verb-table";

/** Longest verb that any peer or RFC knows is XSHADOWREQUEST (14); the filter takes verbs of up to 20 bytes. */
export const VERB_MAX: i32 = 20;

/** The verb that [from, from + length) spells: exact token, any ASCII case, never a prefix. */
export function verbOf(from: usize, length: i32): Verb {
  if (length == 4) {
    const verb = fourLetterVerb(from);
    if (verb != Verb.other) return verb;
  }
  if (length <= 0 || !isVerbGrammar(from, length)) return Verb.invalid;
  if (length > 4) {
    for (let verb: i32 = Verb.starttls; verb <= Verb.xforward; verb++) {
      if (spells(from, length, verbName(verb))) return verb;
    }
  }
  return length > 1 && upper(load<u8>(from)) == 0x58 ? Verb.x_other : Verb.other;
}

/** ALPHA *(ALPHA / DIGIT / "-"), at most `VERB_MAX` bytes. */
function isVerbGrammar(from: usize, length: i32): bool {
  if (length > VERB_MAX || !isAlpha(load<u8>(from))) return false;
  for (let i = 1; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2d) return false;
  }
  return true;
}

/**
 * The verb that the four bytes at `from` spell, `other` for none: one compare, with the bytes in upper case as a
 * little-endian number.
 */
export function fourLetterVerb(from: usize): Verb {
  switch (load<u32>(from) & 0xdfdfdfdf) {
    case 0x4f4c4548:
      return Verb.helo;
    case 0x4f4c4845:
      return Verb.ehlo;
    case 0x4c49414d:
      return Verb.mail;
    case 0x54504352:
      return Verb.rcpt;
    case 0x41544144:
      return Verb.data;
    case 0x54455352:
      return Verb.rset;
    case 0x504f4f4e:
      return Verb.noop;
    case 0x54495551:
      return Verb.quit;
    case 0x59465256:
      return Verb.vrfy;
    case 0x4e505845:
      return Verb.expn;
    case 0x504c4548:
      return Verb.help;
    default:
      return fourLetterExtension(from);
  }
}

/** The same for verbs beyond RFC 5321 4.1.1. */
function fourLetterExtension(from: usize): Verb {
  switch (load<u32>(from) & 0xdfdfdfdf) {
    case 0x48545541:
      return Verb.auth;
    case 0x54414442:
      return Verb.bdat;
    case 0x4e525445:
      return Verb.etrn;
    case 0x4e525441:
      return Verb.atrn;
    case 0x4e525554:
      return Verb.turn;
    case 0x4c525542:
      return Verb.burl;
    case 0x4f4c484c:
      return Verb.lhlo;
    default:
      return Verb.other;
  }
}
