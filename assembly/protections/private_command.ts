import { Command } from "../smtp/command";
import { upper } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/** A well-formed verb of two letters or more that starts with X (RFC 5321 4.1.5), whichever it is but those of trust_command. */
export function privateCommand(command: Command): Reason {
  const verb = command.verb;
  if (verb == Verb.invalid || verb == Verb.empty) return Reason.none;
  const long = command.verbEnd - command.verbStart > 1;
  return long && upper(load<u8>(command.verbStart)) == 0x58
    ? Reason.private_command_private_verb
    : Reason.none;
}
