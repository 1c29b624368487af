import { BufferId, bufferLength } from "../envoy/host";
import { dataBeforeReply } from "../protections/data_before_reply";
import { malformedReply } from "../protections/malformed_reply";
import { mixedLineEndings } from "../protections/mixed_line_endings";
import { Reason } from "../protections/reason";
import { replyCodeMismatch } from "../protections/reply_code_mismatch";
import { replyTooLong } from "../protections/reply_too_long";
import { unexpectedReplyCode } from "../protections/unexpected_reply_code";
import { unsolicitedReply } from "../protections/unsolicited_reply";
import { reversesRoles } from "../session/modes";
import { Fact, Session } from "../session/session";
import { Reply, ReplyShape } from "../smtp/reply";
import { Verb } from "../smtp/verb";
import { evidence } from "./evidence";
import { hit, judgement } from "./judge";

/** Judges a reply to `verb` by all protections, in this order. */
export function judgeReply(s: Session, reply: Reply, verb: Verb, shape: ReplyShape): void {
  judgement.clear();
  evidence.bytes(reply.start, reply.next - reply.start, verb);
  hit(s, malformedReply(reply, shape));
  hit(s, replyTooLong(reply, shape));
  hit(s, replyCodeMismatch(reply));
  if (s.queueLength == 0) hit(s, unsolicitedReply(reply, shape));
  else hit(s, unexpectedReplyCode(verb, reply));
  if (reversesRoles(verb, reply.code)) hit(s, Reason.role_reversal);
  if (verb == Verb.data && hasHeldBytes(s)) {
    hit(s, dataBeforeReply(reply.code == 354));
    if (reply.code != 354) s.facts |= Fact.behind_refused_data;
  }
  noteLineEnds(s, reply);
}

/** Whether the client sent on before the reply that is being read. */
function hasHeldBytes(s: Session): bool {
  return s.clientRestLength > 0 || (s.holding && bufferLength(BufferId.downstream) > 0);
}

export function noteLineEnds(s: Session, reply: Reply): void {
  if (reply.hasLf) s.facts |= Fact.server_lf;
  if (reply.hasCrlf) s.facts |= Fact.server_crlf;
  const facts = s.facts;
  const told = (facts & Fact.told_server_mix) != 0;
  const reason = mixedLineEndings(
    (facts & Fact.server_crlf) != 0,
    (facts & Fact.server_lf) != 0,
    told,
    Reason.mixed_server,
  );
  if (reason != Reason.none) s.facts |= Fact.told_server_mix;
  hit(s, reason);
}
