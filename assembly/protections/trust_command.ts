import { Capability } from "../smtp/ehlo";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * A verb by which the client says that it speaks for somebody else, at whose address the server is to look instead.
 * `offered` is the set in the last accepted EHLO reply: a server offers such a verb only to those whom it believes.
 */
export function trustCommand(verb: Verb, offered: u32): Reason {
  const needed = capabilityFor(verb);
  if (needed == Capability.none) return Reason.none;
  return (offered & needed) != 0 ? Reason.trust_command_announced : Reason.trust_command_unannounced;
}

function capabilityFor(verb: Verb): u32 {
  switch (verb) {
    case Verb.xclient:
      return Capability.xclient;
    case Verb.xforward:
      return Capability.xforward;
    case Verb.xproxy:
      return Capability.xproxy;
    case Verb.xproxyfrom:
      return Capability.xproxyfrom;
    case Verb.xproxyto:
      return Capability.xproxyto;
    default:
      return Capability.none;
  }
}
