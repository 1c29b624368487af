import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/** A verb that asks the server to send: over a new connection (ETRN, RFC 1985) or, as the client, over this one. */
export function queueTurnCommand(verb: Verb): Reason {
  if (hasTrait(verb, Trait.reverses)) return Reason.queue_turn_command_role_reversal;
  return verb == Verb.etrn ? Reason.queue_turn_command_etrn : Reason.none;
}
