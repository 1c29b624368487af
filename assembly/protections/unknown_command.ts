import { isKeywordOf } from "../smtp/ehlo";
import { Command } from "../smtp/command";
import { spells } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/**
 * A well-formed verb that `Verb` does not name, so no other protection does, and that is no keyword of `offered`, the
 * capabilities in the last accepted EHLO reply. Only for `Verb.other`.
 */
export function unknownCommand(command: Command, offered: u32): Reason {
  const from = command.verbStart;
  const length = <i32>(command.verbEnd - from);
  if (isKeywordOf(offered, from, length)) return Reason.none;
  for (let i = 0; i < KNOWN.length; i++) {
    if (spells(from, length, unchecked(KNOWN[i]))) return Reason.none;
  }
  return Reason.unknown_command_unknown_verb;
}

/** RFC 821 3.4, dropped by RFC 5321 F.6; VERB and ONEX are keywords that sendmail announces, and the session keeps no others. */
const KNOWN: StaticArray<string> = ["SEND", "SOML", "SAML", "VERB", "ONEX"];
