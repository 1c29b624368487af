import { awaitsReply } from "./client";
import { cutServer, answerWithheld, greetingOf, terminateInstead, terminationOf } from "./enforce";
import { serverEdits } from "./edits";
import { addToMetric, BufferId, bufferLength } from "./host";
import { hit, judgeBytes, judgement, preventsBy } from "./judge";
import { Policy } from "./policy/policy";
import { badServerGreeting } from "./protections/bad_server_greeting";
import { Action, Protection } from "./protections/catalogue";
import { dataBeforeReply } from "./protections/data_before_reply";
import { malformedReply } from "./protections/malformed_reply";
import { malformedServerGreeting } from "./protections/malformed_server_greeting";
import { mixedLineEndings } from "./protections/mixed_line_endings";
import { Reason } from "./protections/reason";
import { replyCodeMismatch } from "./protections/reply_code_mismatch";
import { replyTooLong } from "./protections/reply_too_long";
import { serverIsNotTls } from "./protections/starttls_not_tls";
import { starttlsReplyInjection } from "./protections/starttls_reply_injection";
import { unexpectedReplyCode } from "./protections/unexpected_reply_code";
import { unsolicitedReply } from "./protections/unsolicited_reply";
import { Entry, headKind, headValue, popEntry } from "./queue";
import { evidence } from "./report";
import { Fact, Session, SessionMode } from "./sessions";
import { contentEnd, lineEnd } from "./smtp/command";
import { Capability, capabilityOf } from "./smtp/ehlo";
import { Reply, ReplyShape } from "./smtp/reply";
import { tlsRecord, TlsShape } from "./smtp/tls";
import { Verb } from "./smtp/verb";
import { Statistics } from "./statistics";
import { reversesRoles, takeReply } from "./transitions";

const reply = new Reply();

/**
 * Reads [from, to), the server's next bytes, reply by reply; returns where an unfinished reply starts, or behind a reply
 * that the client's bytes waited for, so that they can be read before the next one: the server may have them already.
 */
export function readServer(s: Session, from: usize, to: usize): usize {
  const waits = awaitsReply(s);
  const limit = changetype<Policy>(s.policy).replyBytes;
  let at = from;
  while (at < to) {
    if (s.finished) {
      serverEdits.drop();
      return to;
    }
    if (s.mode == SessionMode.tls) return readServerTls(s, at, to);
    if (s.mode == SessionMode.lost) {
      serverEdits.keep(at, to - at);
      return to;
    }
    const shape = reply.read(at, to, limit);
    if (shape == ReplyShape.partial) return at;
    if (s.mode == SessionMode.greeting) readGreeting(s, shape);
    else readReply(s, shape);
    at = reply.next;
    if (waits && !awaitsReply(s)) return at;
  }
  return at;
}

/** Behind its 220 to STARTTLS the server has nothing to say before the client's hello, and then only TLS. */
function readServerTls(s: Session, at: usize, to: usize): usize {
  if (!s.serverTlsSeen) {
    let reason = starttlsReplyInjection(s.tlsSeen);
    if (reason == Reason.none) {
      if (tlsRecord(at, to) == TlsShape.partial) return at;
      reason = serverIsNotTls(at, to);
    }
    judgeBytes(s, reason, at, to - at, Verb.none);
    if (judgement.isTerminate) {
      cutServer(s);
      return to;
    }
    s.serverTlsSeen = true;
  }
  serverEdits.keep(at, to - at);
  return to;
}

/** The first reply of the server: only 220 opens a session. */
function readGreeting(s: Session, shape: ReplyShape): void {
  evidence.bytes(reply.start, reply.next - reply.start, Verb.none);
  judgement.clear();
  const malformed = malformedServerGreeting(reply, shape);
  hit(s, malformed != Reason.none ? malformed : badServerGreeting(reply));
  if (judgement.isTerminate) {
    terminateInstead(s, greetingOf(judgement.protection));
    return;
  }
  pass();
  noteLineEnds(s);
  s.mode = SessionMode.command;
  s.facts &= ~(Fact.told_early as u32);
}

/** The server ended in the middle of a line. As a greeting that is none; else what is left is not ours to lose. */
export function readLastReply(s: Session, from: usize, to: usize): void {
  if (s.mode == SessionMode.greeting) {
    reply.read(from, to, 0);
    reply.next = to;
    readGreeting(s, ReplyShape.malformed);
  } else if (!s.finished) serverEdits.write(from, <u32>(to - from));
}

/** Any later reply: it belongs to the oldest command that the server was given. */
function readReply(s: Session, shape: ReplyShape): void {
  answerWithheld(s);
  if (s.finished) {
    serverEdits.drop();
    return;
  }
  if (s.queueLength > 0 && headKind(s) == Entry.stand_in) {
    readStandInReply(s);
    return;
  }
  const verb: Verb = s.queueLength > 0 ? <Verb>headValue(s) : Verb.none;
  judgeReply(s, verb, shape);
  if (judgement.isTerminate) {
    terminateInstead(s, terminationOf(judgement.protection));
    return;
  }
  if (verb == Verb.ehlo && reply.code == 250 && stripsStarttls(s)) stripStarttls(s);
  else pass();
  if (verb == Verb.none) return;
  popEntry(s);
  takeReply(s, verb, reply);
  answerWithheld(s);
}

/**
 * The answer to a stand-in is nobody's but ours: it is swallowed, and not judged, since whether there is one depends on
 * how segments were cut. Only the server's own goodbye is the client's to hear.
 */
function readStandInReply(s: Session): void {
  popEntry(s);
  s.standIn = false;
  answerWithheld(s);
  if (reply.code == 421 && !s.finished) pass();
  else serverEdits.drop();
}

/** Judges a reply to `verb` by all protections, in this order. */
function judgeReply(s: Session, verb: Verb, shape: ReplyShape): void {
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
  noteLineEnds(s);
}

/** Whether the client sent on before the reply that is being read. */
function hasHeldBytes(s: Session): bool {
  return s.clientRestLength > 0 || (s.holding && bufferLength(BufferId.downstream) > 0);
}

function noteLineEnds(s: Session): void {
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

function pass(): void {
  serverEdits.keep(reply.start, reply.next - reply.start);
}

function stripsStarttls(s: Session): bool {
  return preventsBy(s, Protection.starttls_command, Action.strip);
}

/**
 * Takes STARTTLS out of the EHLO reply wherever it stands. Where the last line goes, the one before becomes the last:
 * its "-" becomes a space (RFC 5321 4.2.1).
 */
function stripStarttls(s: Session): void {
  let lastKept: usize = 0;
  let found = false;
  for (let at = reply.start; at < reply.next; at = lineEnd(at, reply.next)) {
    if (isStarttlsLine(at)) found = true;
    else lastKept = at;
  }
  if (!found) {
    pass();
    return;
  }
  addToMetric(changetype<Statistics>(s.statistics).capabilitiesStripped, 1);
  let next: usize = 0;
  for (let at = reply.start; at < reply.next; at = next) {
    next = lineEnd(at, reply.next);
    if (isStarttlsLine(at)) serverEdits.drop();
    else if (at == lastKept && next != reply.next && next - at > 3 && load<u8>(at + 3) == 0x2d) {
      serverEdits.keep(at, 3);
      serverEdits.drop();
      serverEdits.write(SPACE, 1);
      serverEdits.keep(at + 4, next - at - 4);
    } else serverEdits.keep(at, next - at);
  }
}

/** Whether the line at `at`, not the first of the reply, announces STARTTLS. */
function isStarttlsLine(at: usize): bool {
  if (at == reply.start) return false;
  return capabilityOf(at, contentEnd(at, lineEnd(at, reply.next) - 1)) == Capability.starttls;
}

const SPACE: usize = memory.data<u8>([0x20]);
