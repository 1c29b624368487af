import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/** Commands that move no mail: those of Postfix's smtpd_junk_command_limit, and what else only asks. */
const JUNK: u64 =
  ((<u64>1) << (<u64>Verb.helo)) |
  ((<u64>1) << (<u64>Verb.ehlo)) |
  ((<u64>1) << (<u64>Verb.lhlo)) |
  ((<u64>1) << (<u64>Verb.rset)) |
  ((<u64>1) << (<u64>Verb.noop)) |
  ((<u64>1) << (<u64>Verb.vrfy)) |
  ((<u64>1) << (<u64>Verb.expn)) |
  ((<u64>1) << (<u64>Verb.etrn)) |
  ((<u64>1) << (<u64>Verb.help));

/** Whether `verb` moves no mail. */
export function isJunk(verb: Verb): bool {
  return ((JUNK >> (<u64>verb)) & 1) != 0;
}

/** One more than `most` such commands since the last accepted message. */
export function junkCommandFlood(commands: i32, most: i32): Reason {
  return commands == most + 1 ? Reason.junk_command_flood_commands : Reason.none;
}
