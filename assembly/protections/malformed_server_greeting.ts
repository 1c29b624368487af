import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./reason";

/** The server's first line is no reply line (RFC 5321 4.2), or its lines disagree, or it does not end. */
export function malformedServerGreeting(reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.endless) return Reason.greeting_too_long;
  if (reply.hasNul) return Reason.greeting_nul;
  if (shape == ReplyShape.malformed) return Reason.greeting_no_reply;
  return reply.mixed ? Reason.greeting_mixed_codes : Reason.none;
}
