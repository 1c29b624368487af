import { Command } from "../smtp/command";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * The fallback: a line that cannot be read as a command, so that what follows cannot be inspected either. Two more
 * reasons are found elsewhere: `role_reversal` where replies are read, `half_closed` where a held stream ends.
 */
export function nonCompliantSmtp(command: Command, emptyLine: bool): Reason {
  if (command.verb == Verb.empty) return emptyLine ? Reason.non_compliant_smtp_empty : Reason.none;
  if (command.verb == Verb.invalid) return Reason.non_compliant_smtp_verb;
  if (command.verb != Verb.xexch50) return Reason.none;
  // Servers read sizes over 31 bits in different ways, as with BDAT.
  const isUsable = command.size >= 0 && command.size <= <i64>i32.MAX_VALUE;
  return isUsable ? Reason.none : Reason.non_compliant_smtp_xexch50_size;
}
