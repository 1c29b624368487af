import { Command } from "../smtp/command";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * The last net: a line that cannot be read as a command, so that what follows cannot be inspected either. Two more
 * reasons are found elsewhere: `role_reversal` where replies are read, `half_closed` where a held stream ends.
 */
export function nonCompliantSmtp(command: Command, emptyLine: bool): Reason {
  if (command.verb == Verb.empty) return emptyLine ? Reason.non_compliant_smtp_empty : Reason.none;
  if (command.verb == Verb.invalid) return Reason.non_compliant_smtp_verb;
  return command.verb == Verb.xexch50 && command.size < 0
    ? Reason.non_compliant_smtp_xexch50_size
    : Reason.none;
}
