import { badServerGreeting } from "../protections/bad_server_greeting";
import { dataBeforeReply } from "../protections/data_before_reply";
import { ehloReplyMasked } from "../protections/ehlo_reply_masked";
import { malformedReply } from "../protections/malformed_reply";
import { malformedServerGreeting } from "../protections/malformed_server_greeting";
import { mixedLineEndings } from "../protections/mixed_line_endings";
import { Reason } from "../protections/generated-reasons";
import { replyCodeMismatch } from "../protections/reply_code_mismatch";
import { replyTooLong } from "../protections/reply_too_long";
import { unexpectedReplyCode } from "../protections/unexpected_reply_code";
import { unsolicitedReply } from "../protections/unsolicited_reply";
import { sourceAbuse } from "../protections/source_abuse";
import { Policy } from "../policy/policy";
import { Session } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { Fact } from "../smtp/facts";
import { Reply, ReplyShape } from "../smtp/reply";
import { SourceKind } from "../smtp/source-kind";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Evidence } from "./evidence";
import { Findings, LIST_BYTES } from "./findings";
import { preventing, wanting } from "./judge";
import { NOTHING, Outcome } from "./outcome";
import { Side } from "./side";

const evidence = new Evidence();
const findings = new Findings(memory.data(LIST_BYTES));

/** Judges the first reply of the server: only 220 opens a session. */
export function judgeGreeting(s: Session, reply: Reply, shape: ReplyShape): Outcome {
  findings.clear();
  findings.addFor(s, Side.live, sourceAbuse(<SourceKind>s.sourceKind));
  if (s.shadow != 0) {
    findings.addFor(s, Side.shadow, sourceAbuse(<SourceKind>changetype<Shadow>(s.shadow).sourceKind));
  }
  const malformed = malformedServerGreeting(reply, shape);
  findings.add(s, malformed != Reason.none ? malformed : badServerGreeting(reply));
  const goesOn = Side.both & ~findings.actingFor(s);
  if (goesOn != Side.none) judgeLineEnds(s, reply, goesOn);
  if (findings.isEmpty) return NOTHING;
  evidence.reply(reply.start, reply.next - reply.start, Verb.none);
  evidence.isTemporary = isTemporary(s, reply);
  return findings.conclude(s, evidence);
}

/**
 * Whether a client that is refused in the place of the greeting may come back: the server says so, or its source is refused and
 * the policy does not say for good.
 */
export function isTemporary(s: Session, reply: Reply): bool {
  const kind = <SourceKind>s.sourceKind;
  if (kind != SourceKind.none && (preventing(s, sourceAbuse(kind)) & Side.live) != 0) {
    return !changetype<Policy>(s.policy).source_abuse_permanent;
  }
  return reply.code >= 400 && reply.code < 500;
}

/**
 * Judges a reply to `verb`, the oldest outstanding command, by all protections in this order. `early` says that it
 * answers DATA and the client sent on before it.
 */
export function judgeReply(s: Session, reply: Reply, shape: ReplyShape, verb: Verb, early: bool): Outcome {
  findings.clear();
  findings.add(s, malformedReply(reply, shape));
  findings.add(s, replyTooLong(reply, shape));
  findings.add(s, replyCodeMismatch(reply));
  if (verb == Verb.none) findings.add(s, unsolicitedReply(reply, shape));
  else findings.add(s, unexpectedReplyCode(verb, reply, s.capabilities));
  if (offersExtensions(s, verb, reply.code)) findings.add(s, ehloReplyMasked(reply));
  if (reversesRoles(verb, reply.code)) findings.add(s, Reason.non_compliant_smtp_role_reversal);
  if (early) findings.add(s, dataBeforeReply(reply.code == 354));
  judgeLineEnds(s, reply, Side.both);
  if (findings.isEmpty) return NOTHING;
  evidence.reply(reply.start, reply.next - reply.start, verb);
  evidence.mayEcho = (s.facts & Fact.secret_seen) != 0;
  return findings.conclude(s, evidence);
}

/** Judges a further piece of a reply that is too long: by what its lines are, since its length was reported. */
export function judgePiece(s: Session, reply: Reply): Outcome {
  findings.clear();
  findings.add(s, replyCodeMismatch(reply));
  judgeLineEnds(s, reply, Side.both);
  if (findings.isEmpty) return NOTHING;
  evidence.reply(reply.start, reply.next - reply.start, Verb.none);
  evidence.mayEcho = (s.facts & Fact.secret_seen) != 0;
  return findings.conclude(s, evidence);
}

/** Whether the reply names extensions, and the policy wants to know how. */
function offersExtensions(s: Session, verb: Verb, code: i32): bool {
  if (code != 250 || (verb != Verb.ehlo && verb != Verb.lhlo)) return false;
  return wanting(s, Reason.ehlo_reply_masked_masked) != Side.none;
}

/** A server that accepts TURN or ATRN becomes the client: nothing here can read that. */
function reversesRoles(verb: Verb, code: i32): bool {
  return code >= 200 && code < 300 && hasTrait(verb, Trait.reverses);
}

function judgeLineEnds(s: Session, reply: Reply, side: Side): void {
  // Nearly always, and then nothing is asked.
  if (!reply.hasLf && (s.facts & Fact.server_lf) == 0) {
    if (reply.hasCrlf) s.facts |= Fact.server_crlf;
    return;
  }
  const before = areMixed(s);
  if (reply.hasLf) s.facts |= Fact.server_lf;
  if (reply.hasCrlf) s.facts |= Fact.server_crlf;
  findings.addFor(s, side, mixedLineEndings(before, areMixed(s), Reason.mixed_line_endings_server));
}

function areMixed(s: Session): bool {
  return (s.facts & Fact.server_crlf) != 0 && (s.facts & Fact.server_lf) != 0;
}
