import { Command } from "../smtp/command";
import { Capability, isKeywordOf } from "../smtp/ehlo";
import { upper } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * A well-formed verb of two letters or more that starts with X (RFC 5321 4.1.5), whichever it is but those of trust_command.
 * XUSR by itself where it is in `offered`, the capabilities in the last accepted EHLO reply: GNU Emacs says it there.
 */
export function privateCommand(command: Command, offered: u32): Reason {
  const verb = command.verb;
  if (verb == Verb.invalid || verb == Verb.empty) return Reason.none;
  const length = <i32>(command.verbEnd - command.verbStart);
  if (length < 2 || upper(load<u8>(command.verbStart)) != 0x58) return Reason.none;
  return isKeywordOf(offered & Capability.xusr, command.verbStart, length)
    ? Reason.private_command_announced
    : Reason.private_command_private_verb;
}
