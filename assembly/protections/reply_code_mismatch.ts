import { Reply } from "../smtp/reply";
import { Reason } from "./generated-reasons";

/** Lines of one reply differ in code (RFC 5321 4.2.1). Where one would open a mode, clients differ on whether it does. */
export function replyCodeMismatch(reply: Reply): Reason {
  if (!reply.mixed) return Reason.none;
  return reply.opensMode ? Reason.reply_code_mismatch_mode : Reason.reply_code_mismatch_text;
}
