import { Command } from "../smtp/command";
import { Path } from "../smtp/path";
import { PathShape } from "../smtp/path-scanner";
import { isBlank } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * Spellings that some servers take and others do not: Postfix skips blanks before a verb and Exim does not; text after
 * DATA or STARTTLS is ignored or refused; HT separates for Postfix, not for all. A line may have several, and none may
 * hide another for which the policy has a stronger mode, so they come as a set.
 */
export function laxCommandSyntax(command: Command): u32 {
  const verb = command.verb;
  if (verb == Verb.empty || verb == Verb.invalid) return 0;
  let set: u32 = 0;
  if (command.leadingBlank)
    set |= bitOf(Reason.lax_command_syntax_leading_blank, FirstReason.lax_command_syntax);
  if (command.argument == command.argumentEnd) return set;
  if (verb == Verb.data || verb == Verb.starttls)
    set |= bitOf(Reason.lax_command_syntax_argument, FirstReason.lax_command_syntax);
  if (verb == Verb.rset || verb == Verb.quit)
    set |= bitOf(Reason.lax_command_syntax_idle_argument, FirstReason.lax_command_syntax);
  if (!command.isPlain && load<u8>(command.verbEnd) == 0x09)
    set |= bitOf(Reason.lax_command_syntax_tab, FirstReason.lax_command_syntax);
  return set;
}

/**
 * Spellings of paths and blanks, also as a set: one "<" inside another, what Postfix reads as a phrase and its
 * mailbox (RFC 5322 3.4) and others refuse; then those that are common and harmless, off outside `strict`. Of a path
 * that `bad_path_syntax` finds fault with, how it is written is said already.
 */
export function laxCommandStyle(command: Command, path: Path, isBadPath: bool): u32 {
  const verb = command.verb;
  if (verb == Verb.empty || verb == Verb.invalid) return 0;
  let set: u32 = 0;
  if (!command.isPlain) {
    if (command.argument < command.argumentEnd && command.argument > command.verbEnd + 1) {
      set |= bitOf(Reason.lax_command_syntax_multiple_blanks, FirstReason.lax_command_syntax);
    }
    if (isBlank(load<u8>(command.end - 1)))
      set |= bitOf(Reason.lax_command_syntax_trailing_blank, FirstReason.lax_command_syntax);
  }
  if ((verb == Verb.mail || verb == Verb.rcpt) && path.found) {
    if (path.hasColonBlank)
      set |= bitOf(Reason.lax_command_syntax_colon_blank, FirstReason.lax_command_syntax);
    if (path.isUsual) return set;
    if (path.hasInnerBracket)
      set |= bitOf(Reason.lax_command_syntax_inner_bracket, FirstReason.lax_command_syntax);
    if (!path.isBracketed)
      set |= bitOf(Reason.lax_command_syntax_no_brackets, FirstReason.lax_command_syntax);
    if (path.shape != PathShape.regular && !isBadPath)
      set |= bitOf(Reason.lax_command_syntax_path, FirstReason.lax_command_syntax);
  }
  return set;
}
