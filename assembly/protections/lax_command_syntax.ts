import { Command } from "../smtp/command";
import { Path } from "../smtp/path";
import { PathShape } from "../smtp/path-scanner";
import { isBlank } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { FirstReason, Reason } from "./generated-reasons";

/**
 * Spellings that some servers take and others do not: Postfix skips blanks before a verb and Exim does not; text after
 * DATA or STARTTLS is ignored or refused; HT separates for Postfix, not for all. A line may have several, and none may
 * hide another for which the policy has a stronger mode, so they come as a set.
 */
export function laxCommandSyntax(command: Command): u32 {
  const verb = command.verb;
  if (verb == Verb.empty || verb == Verb.invalid) return 0;
  let set: u32 = 0;
  if (command.leadingBlank) set |= bit(Reason.lax_command_syntax_leading_blank);
  if (command.argument == command.argumentEnd) return set;
  if (verb == Verb.data || verb == Verb.starttls) set |= bit(Reason.lax_command_syntax_argument);
  if (verb == Verb.rset || verb == Verb.quit) set |= bit(Reason.lax_command_syntax_idle_argument);
  if (!command.isPlain && load<u8>(command.verbEnd) == 0x09) set |= bit(Reason.lax_command_syntax_tab);
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
      set |= bit(Reason.lax_command_syntax_multiple_blanks);
    }
    if (isBlank(load<u8>(command.end - 1))) set |= bit(Reason.lax_command_syntax_trailing_blank);
  }
  if ((verb == Verb.mail || verb == Verb.rcpt) && path.found) {
    if (path.hasColonBlank) set |= bit(Reason.lax_command_syntax_colon_blank);
    if (path.isUsual) return set;
    if (path.hasInnerBracket) set |= bit(Reason.lax_command_syntax_inner_bracket);
    if (!path.isBracketed) set |= bit(Reason.lax_command_syntax_no_brackets);
    if (path.shape != PathShape.regular && !isBadPath) set |= bit(Reason.lax_command_syntax_path);
  }
  return set;
}

function bit(reason: Reason): u32 {
  return 1 << (reason - FirstReason.lax_command_syntax);
}
