import { Reply } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/**
 * The first complete reply is well formed but not 220. A refusal (RFC 5321 3.1: 554, RFC 7504: 521, or 421) is what a
 * server says that wants no mail from this client: the client must hear it, so it is never prevented.
 */
export function badServerGreeting(reply: Reply): Reason {
  if (reply.code == 220) return Reason.none;
  return reply.code == 421 || reply.code == 521 || reply.code == 554
    ? Reason.bad_server_greeting_refused
    : Reason.bad_server_greeting_foreign;
}
