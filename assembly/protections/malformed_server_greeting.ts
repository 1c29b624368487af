import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/** The server's first line is not a valid reply (RFC 5321 4.2), its lines have different codes, or it is too long. */
export function malformedServerGreeting(reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.endless) return Reason.malformed_server_greeting_too_long;
  if (reply.hasNul) return Reason.malformed_server_greeting_nul;
  if (shape == ReplyShape.malformed) return Reason.malformed_server_greeting_no_reply;
  // `220-mx` and then `521 blocked` refuses, as postscreen does: that is no welcome, however it began.
  return reply.mixed && reply.code < 400 ? Reason.malformed_server_greeting_mixed_codes : Reason.none;
}
