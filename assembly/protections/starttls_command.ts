import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/** STARTTLS (RFC 3207): after it nothing can be inspected. The announcement in the EHLO reply is no finding. */
export function starttlsCommand(verb: Verb): Reason {
  return verb == Verb.starttls ? Reason.starttls_command_starttls : Reason.none;
}
