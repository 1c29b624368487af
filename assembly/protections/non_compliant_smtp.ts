import { Command } from "../smtp/command";
import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/**
 * The last net: a line that cannot be read as a command, so that what follows cannot be inspected either. Reasons for
 * whole sessions (`role_reversal`, `unexpected_354`, ...) are found where replies are read.
 */
export function nonCompliantSmtp(command: Command, emptyLine: bool): Reason {
  switch (command.verb) {
    case Verb.empty:
      return emptyLine ? Reason.empty : Reason.none;
    case Verb.invalid:
      return command.verbStart == command.verbEnd ? Reason.leading_blank : Reason.verb;
    case Verb.bdat:
      if (command.size < 0) return Reason.bdat_size;
      break;
    case Verb.xexch50:
      if (command.size < 0) return Reason.xexch50_size;
      break;
  }
  // Postfix skips blanks before a verb, Exim does not: two readings of one line.
  return command.leadingBlank ? Reason.leading_blank : Reason.none;
}
