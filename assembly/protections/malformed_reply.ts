import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/** The server sent a line that is not a valid reply, or a NUL (RFC 5321 4.2). */
export function malformedReply(reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.malformed) return Reason.malformed_reply_no_code;
  return reply.hasNul && shape != ReplyShape.endless ? Reason.malformed_reply_control : Reason.none;
}
