import { Reply, ReplyShape } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/** A reply to nothing. 421 is always legal (RFC 5321 3.8); 4xx and 5xx are notices, as of a timeout. */
export function unsolicitedReply(reply: Reply, shape: ReplyShape): Reason {
  if (shape != ReplyShape.whole || reply.code == 421) return Reason.none;
  return reply.code >= 400 ? Reason.unsolicited_reply_notice : Reason.unsolicited_reply_injected;
}
