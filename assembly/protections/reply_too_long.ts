import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/**
 * A line over 512 bytes (RFC 5321 4.5.3.1.5), or a reply without an end: a line over 8192 bytes is four times what Postfix's
 * client reads of one (line_length_limit).
 */
export function replyTooLong(reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.endless || reply.longest > 8192) return Reason.reply_too_long_endless;
  return reply.longest > 512 ? Reason.reply_too_long_line : Reason.none;
}
