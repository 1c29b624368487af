import { Reply } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/**
 * The first complete reply is well formed but not 220. Any 4xx or 5xx (RFC 5321 3.1 and 4.2.1) is what a server says
 * that wants no mail from this client, now or ever: the client must hear it, with its reason.
 */
export function badServerGreeting(reply: Reply): Reason {
  if (reply.code == 220) return Reason.none;
  return reply.code >= 400 ? Reason.bad_server_greeting_refused : Reason.bad_server_greeting_foreign;
}
