import { Command } from "../smtp/command";
import { isPrintable } from "../smtp/scan";
import { isUtf8 } from "../smtp/utf8";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * NUL, control or 8-bit bytes in a command line. 8-bit is legal only as UTF-8 in the argument of MAIL, RCPT, VRFY or
 * EXPN (RFC 6531 3.1) when `utf8` says that the server announced SMTPUTF8 and this transaction, or this VRFY, asked
 * for it. NUL has a reason of its own because Postfix stops reading at it, Exim refuses it and Zeek drops it.
 */
export function binaryDataInCommand(command: Command, utf8: bool): Reason {
  if (isPrintable(command.start, command.end)) return Reason.none;
  let reason: Reason = Reason.none;
  let eightBit: usize = 0;
  let lastEightBit: usize = 0;
  for (let at = command.start; at < command.end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0) return Reason.binary_data_in_command_nul;
    if (byte >= 0x80) {
      if (eightBit == 0) eightBit = at;
      lastEightBit = at;
    } else if (byte == 0x7f || (byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d)) {
      reason = Reason.binary_data_in_command_control;
    }
  }
  if (reason != Reason.none || eightBit == 0) return reason;
  const verb = command.verb;
  const mayBeUtf8 = verb == Verb.mail || verb == Verb.rcpt || verb == Verb.vrfy || verb == Verb.expn;
  if (utf8 && mayBeUtf8 && eightBit >= command.argument && isUtf8(command.argument, command.argumentEnd)) {
    return Reason.none;
  }
  // As letters of a host name they are bad_helo_argument's.
  const greets = verb == Verb.helo || verb == Verb.ehlo || verb == Verb.lhlo;
  if (greets && eightBit >= command.argument && lastEightBit < command.nameEnd) return Reason.none;
  return Reason.binary_data_in_command_8bit;
}
