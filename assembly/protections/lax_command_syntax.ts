import { Command } from "../smtp/command";
import { Path } from "../smtp/path";
import { isBlank } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/**
 * A spelling that some servers take and others do not, the gravest first: Postfix skips blanks before a verb and Exim
 * does not; text behind DATA or STARTTLS is ignored or refused; HT separates for Postfix, not for all.
 */
export function laxCommandSyntax(command: Command): Reason {
  const verb = command.verb;
  if (verb == Verb.empty || verb == Verb.invalid) return Reason.none;
  if (command.leadingBlank) return Reason.leading_blank;
  const hasArgument = command.argument < command.argumentEnd;
  if (hasArgument && (verb == Verb.data || verb == Verb.starttls)) return Reason.extra_argument;
  if (hasArgument && load<u8>(command.verbEnd) == 0x09) return Reason.tab;
  if (hasArgument && (verb == Verb.rset || verb == Verb.quit)) return Reason.idle_argument;
  return Reason.none;
}

/** A "<" inside a path: a phrase and its mailbox to Postfix (RFC 5322 3.4), refused by others. */
export function laxPath(path: Path): Reason {
  return path.found && path.hasInnerBracket ? Reason.inner_bracket : Reason.none;
}

/** Spellings that are common and harmless, each off until asked for: blanks where none belong, no angle brackets. */
export function laxCommandStyle(command: Command, path: Path): Reason {
  const verb = command.verb;
  if (verb == Verb.empty || verb == Verb.invalid) return Reason.none;
  if (command.argument < command.argumentEnd && command.argument > command.verbEnd + 1) {
    return Reason.multiple_blanks;
  }
  if ((verb == Verb.mail || verb == Verb.rcpt) && path.found) {
    if (path.hasColonBlank) return Reason.colon_blank;
    if (!path.isBracketed) return Reason.no_brackets;
  }
  return isBlank(load<u8>(command.end - 1)) ? Reason.trailing_blank : Reason.none;
}
