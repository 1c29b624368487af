import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/** VRFY and EXPN (RFC 5321 3.5, 7.3): who asks learns which addresses there are, without sending a mail. */
export function reconCommand(verb: Verb): Reason {
  if (verb == Verb.vrfy) return Reason.recon_command_vrfy;
  return verb == Verb.expn ? Reason.recon_command_expn : Reason.none;
}
