import { Command } from "../smtp/command";
import { Capability, capabilityOfParameter } from "../smtp/ehlo";
import { Parameter } from "../smtp/parameter-names";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * A verb or an ESMTP parameter whose keyword was not in the last accepted EHLO reply (RFC 5321 4.1.1.1), of which
 * `offered` is the set. BDAT has an id of its own.
 */
export function unannouncedExtension(command: Command, offered: u32): Reason {
  const verb = command.verb;
  const needed = capabilityForVerb(verb);
  if (needed != Capability.none && (offered & needed) == 0) return Reason.unannounced_extension_verb;
  if (verb != Verb.mail && verb != Verb.rcpt) return Reason.none;
  for (let set = command.parameters.seen & Parameter.known; set != 0; set &= set - 1) {
    if ((capabilityOfParameter(set & -set) & offered) == 0) return Reason.unannounced_extension_parameter;
  }
  return Reason.none;
}

function capabilityForVerb(verb: Verb): u32 {
  switch (verb) {
    case Verb.auth:
      return Capability.auth;
    case Verb.starttls:
      return Capability.starttls;
    case Verb.etrn:
      return Capability.etrn;
    case Verb.atrn:
      return Capability.atrn;
    case Verb.burl:
      return Capability.burl;
    default:
      return Capability.none;
  }
}
