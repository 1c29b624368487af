import { Command } from "../smtp/command";
import { isDigit, spells } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/** Snort 3 smtp_xlink2state.cc: as many octets as the buffer of CVE-2005-0560 held. */
const CHUNK_MOST: i32 = 520;

/**
 * An X-LINK2STATE chunk that is longer than Exchange 2000 and 2003 had room for, by what it says or by what it is, or that
 * comes in a session without a FIRST: CVE-2005-0560. A set of reasons.
 */
export function xlink2stateOverflow(command: Command, hasBegun: bool): u32 {
  if (command.verb != Verb.x_link2state) return 0;
  let set: u32 = 0;
  const end = command.argumentEnd;
  for (let at = chunkAfter(command.argument, end); at != 0; at = chunkAfter(at, end)) {
    if (!hasBegun && !command.isFirstChunk)
      set |= bitOf(Reason.xlink2state_overflow_no_first, FirstReason.xlink2state_overflow);
    if (sizeOf(at, end) > CHUNK_MOST)
      set |= bitOf(Reason.xlink2state_overflow_announced, FirstReason.xlink2state_overflow);
    if (<i32>(end - at) > CHUNK_MOST)
      set |= bitOf(Reason.xlink2state_overflow_sent, FirstReason.xlink2state_overflow);
  }
  return set;
}

/** What stands after the next `CHUNK=` in [from, to), or 0. */
function chunkAfter(from: usize, to: usize): usize {
  for (let at = from; at + 6 <= to; at++) {
    if (spells(at, 6, "CHUNK=")) return at + 6;
  }
  return 0;
}

/** The number in `{…}`, hexadecimal; of more than eight digits more than any, without braces none. */
function sizeOf(from: usize, to: usize): i32 {
  if (from == to || load<u8>(from) != 0x7b) return 0;
  let size: i32 = 0;
  for (let at = from + 1; at < to; at++) {
    const byte: u32 = load<u8>(at);
    const isLetter = (byte | 0x20) - 0x61 < 6;
    if (!isLetter && !isDigit(byte)) break;
    if (at - from > 8) return i32.MAX_VALUE;
    const digit = isLetter ? (byte | 0x20) - 0x57 : byte - 0x30;
    size = min(size * 16 + <i32>digit, CHUNK_MOST + 1);
  }
  return size;
}
