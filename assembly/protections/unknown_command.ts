import { isKeywordOf } from "../smtp/ehlo";
import { Command } from "../smtp/command";
import { Reason } from "./generated-reasons";

/**
 * A well-formed verb that `Verb` does not name, that legacy_command does not, and that is no keyword of `offered`, the
 * capabilities in the last accepted EHLO reply. Only for `Verb.other`.
 */
export function unknownCommand(command: Command, offered: u32): Reason {
  const from = command.verbStart;
  const length = <i32>(command.verbEnd - from);
  return isKeywordOf(offered, from, length) ? Reason.none : Reason.unknown_command_unknown_verb;
}
