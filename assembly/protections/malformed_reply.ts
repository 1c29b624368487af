import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/** A server line that is no reply line, or text with NUL in it (RFC 5321 4.2). */
export function malformedReply(reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.malformed) return Reason.malformed_reply_no_code;
  return reply.hasNul && shape != ReplyShape.endless ? Reason.malformed_reply_control : Reason.none;
}
