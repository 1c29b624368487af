import { Command } from "../smtp/command";
import { isPlainName } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/**
 * A name in HELO, EHLO or LHLO that no host can have (RFC 5321 4.1.1.1, 4.1.3). Control characters, and 8-bit ones outside
 * the name, are binary_data_in_command's. Only for these verbs.
 */
export function badHeloArgument(command: Command): Reason {
  const from = command.argument;
  const to = command.nameEnd;
  if (from == to) return Reason.bad_helo_argument_empty;
  if (to - from > NAME_MAX) return Reason.bad_helo_argument_long;
  return isPlainName(from, to) ? Reason.none : judgeName(from, to);
}

/** RFC 5321 4.5.3.1.2. */
const NAME_MAX: usize = 255;

/** Among "@" to DEL: letters, "[", "]" and "_", which host names of Windows have. */
const LETTERS: u64 = ((<u64>0x07ff_fffe) << 32) | 0xafff_fffe;
/** Below "@": digits, "-", ".", ":". */
const DIGITS: u64 = (<u64>0x07ff_6000) << 32;
/** The zone of a link-local address, which Java prints: `[fe80::1%eth0]`. */
const PERCENT: u64 = (<u64>0x20) << 32;
const CONTROLS: u64 = 0xffff_ffff;

function judgeName(from: usize, to: usize): Reason {
  let low = DIGITS | CONTROLS;
  if (load<u8>(from) == 0x5b) low |= PERCENT;
  let before: u32 = 0;
  let found: Reason = Reason.none;
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte >= 0x80) found = Reason.bad_helo_argument_8bit;
    else if (byte < 0x40) {
      if (((low >> (<u64>byte)) & 1) == 0) return Reason.bad_helo_argument_characters;
    } else if (((LETTERS >> (<u64>(byte & 0x3f))) & 1) == 0 && byte != 0x7f && before < 0x80) {
      return Reason.bad_helo_argument_characters;
    }
    // In Shift JIS, GBK and Big5 the second octet of a letter may be any from "@" on.
    before = byte >= 0x80 && before >= 0x80 ? 0 : byte;
  }
  return found;
}
