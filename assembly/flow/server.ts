import { serverEdits } from "../envoy/edits";
import { BufferId, bufferLength } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Reason } from "../protections/generated-reasons";
import { closeByDeadline, forgetDeadline } from "../session/deadlines";
import { isLastReply, takeReply } from "../session/modes";
import { headKind, headValue, Outstanding, popEntry } from "../session/queue";
import { clientRestLength, freeHello } from "../session/rest";
import { Session, SessionMode, Tls } from "../session/session";
import { isHello } from "../session/starttls";
import { tallyReply } from "../session/tally";
import { awaitsReply } from "../session/waiting";
import { Fact } from "../smtp/facts";
import { Reply, ReplyShape } from "../smtp/reply";
import { SourceKind } from "../smtp/source-kind";
import { Verb } from "../smtp/verb";
import { judgeRefusal } from "../verdict/abuse";
import { answerWithheld, endByServer, enforceOnClient, enforceOnServer } from "../verdict/enforce";
import { stripsByOwnRules } from "../verdict/own-rules";
import { isTemporary, judgeGreeting, judgePiece, judgeReply } from "../verdict/reply";
import { noteForSource } from "../verdict/sources";
import { judgeEarlyAtGreeting, judgeEarlyHello } from "./early";
import { noteOffered, offersStarttls, passOffers, strippedCapabilities } from "./offers";
import { endEarlyReply, endInjection, takeHelloReply, takeOwnReply } from "./originate";
import { readServerTls } from "./tls";

const reply = new Reply();

/**
 * Reads [from, to), the server's next bytes, reply by reply; returns where an unfinished reply starts, or after a reply
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
    if ((s.tls & Tls.begun) != 0) {
      endInjection(s, at, to);
      return to;
    }
    if (s.mode == SessionMode.greeting) judgeEarlyAtGreeting(s, at, to);
    if (s.mode == SessionMode.closing && (s.facts & Fact.greeted) == 0) {
      endBeforeGreeting(s);
      return to;
    }
    if (s.mode == SessionMode.tls) return readServerTls(s, at, to);
    if (s.mode == SessionMode.lost) {
      serverEdits.pass(at, to - at);
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

/**
 * The session was ended before the greeting: whatever the server says first, be it a part of a greeting, gives way to our
 * reply. Postfix's postscreen sends such a part and watches who does not wait for the rest: the client must not be seen to
 * wait, nor may we speak (its PREGREET), so that the connection is closed at once and without QUIT.
 */
function endBeforeGreeting(s: Session): void {
  serverEdits.drop();
  answerWithheld(s);
  s.quitSent = true;
  // The deadline so far is for a server that says nothing.
  forgetDeadline(s);
  closeByDeadline(s, 0);
}

/** The first reply of the server: only 220 opens a session. */
function readGreeting(s: Session, shape: ReplyShape): void {
  s.facts |= shape == ReplyShape.endless ? Fact.greeted | Fact.endless_reply : Fact.greeted;
  if (enforceOnServer(s, judgeGreeting(s, reply, shape), isTemporary(s, reply))) return;
  pass();
  s.mode = <u8>SessionMode.command;
  s.facts &= ~(Fact.early_judged as u32);
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
  s.facts |= Fact.greeted;
  if ((s.facts & Fact.endless_reply) != 0 && readOn(s, shape)) return;
  answerWithheld(s);
  if (s.finished) {
    serverEdits.drop();
    return;
  }
  if (answersStandIn(s)) {
    readStandInReply(s, shape);
    return;
  }
  if (isOurs(s)) return;
  const verb = answeredVerb(s);
  const endless = shape == ReplyShape.endless;
  if (endless && endsByLength(s, verb)) return;
  const held = verb == Verb.data && !endless ? heldBytes(s) : 0;
  if (enforceOnServer(s, judgeReply(s, reply, shape, verb, held != 0), false)) return;
  if (endless) return passFirstPiece(s);
  if (held != 0 && reply.code != 354) noteRefusedRest(s, held);
  if (!isHello(verb)) pass();
  else if (answersHello(s, verb)) return;
  if (verb == Verb.none || (verb == Verb.end_of_data && !isLastReply(s, reply.code))) return;
  tallyReply(s, verb, reply.code);
  if (s.queueLength > 0) popEntry(s);
  takeReply(s, verb, reply);
  if (offersCapabilities(verb)) noteOffered(s, verb, reply);
  if (verb == Verb.ehlo) judgeEarlyHello(s);
  // The client has its reply, and gets those that are owed: 421 comes after them.
  if (verb == Verb.end_of_data && reply.code == 250) noteForSource(s, SourceKind.messages);
  if (reply.code >= 400 && s.mode != SessionMode.closing) enforceOnClient(s, judgeRefusal(s, reply, verb));
  answerWithheld(s);
}

/** Lets the reply to EHLO, HELO or LHLO pass, unless it is kept while TLS with the server is set up: then true. */
function answersHello(s: Session, verb: Verb): bool {
  if (reply.code == 250 && takeHelloReply(s, verb, reply)) return true;
  passReply(s, verb);
  freeHello(s);
  return false;
}

/** Takes a reply to what we asked of the server to set up TLS; whether it was one. */
function isOurs(s: Session): bool {
  // It came with the reply before, and what it would answer is not written yet.
  if ((s.tls & Tls.speaks) != 0) endEarlyReply(s, reply);
  else if (s.queueLength > 0 && headKind(s) == Outstanding.own_command) takeOwnReply(s, reply);
  else return false;
  return true;
}

/**
 * A reply that is too long to be read in one piece is one reply: it is reported with its first piece, and answers a
 * command with its last. Returns whether this piece is neither.
 */
function readOn(s: Session, shape: ReplyShape): bool {
  if (shape != ReplyShape.endless) {
    s.facts &= ~(Fact.endless_reply as u32);
    return false;
  }
  if (answersStandIn(s)) serverEdits.drop();
  else if (!enforceOnServer(s, judgePiece(s, reply), false)) pass();
  return true;
}

function passFirstPiece(s: Session): void {
  s.facts |= Fact.endless_reply;
  pass();
}

/** What is to be taken out of a reply to EHLO cannot be found in pieces of it. Returns whether that ended the session. */
function endsByLength(s: Session, verb: Verb): bool {
  if ((verb != Verb.ehlo && verb != Verb.lhlo) || !stripsByOwnRules(s)) return false;
  endByServer(s, Reason.reply_too_long_endless, reply.start, reply.next - reply.start);
  return true;
}

function answersStandIn(s: Session): bool {
  return s.queueLength > 0 && headKind(s) == Outstanding.stand_in;
}

/** DATA was refused, and the client had sent `held` bytes after it. */
function noteRefusedRest(s: Session, held: u32): void {
  s.refusedRest = held;
  s.facts &= ~(Fact.refused_reported as u32);
}

/** Lets the reply pass, an EHLO reply without what is not to be offered and with what we offer. */
function passReply(s: Session, verb: Verb): void {
  if (!offersCapabilities(verb)) pass();
  else passOffers(s, reply, strippedCapabilities(s), offersStarttls(s));
}

function offersCapabilities(verb: Verb): bool {
  return (verb == Verb.ehlo || verb == Verb.lhlo) && reply.code == 250;
}

/**
 * What the reply answers: the oldest outstanding command. In data nothing is outstanding; where bytes passed that only
 * look like its end, a reply says that this server took them for it.
 */
function answeredVerb(s: Session): Verb {
  if (s.queueLength > 0) return <Verb>headValue(s);
  const ended = s.mode == SessionMode.data && (s.facts & Fact.candidate_end) != 0 && reply.code != 421;
  return ended ? Verb.end_of_data : Verb.none;
}

/**
 * The answer to a stand-in is nobody's but ours: it is swallowed, and not judged, since whether there is one depends on
 * how segments were cut. Only the server's own goodbye is the client's to hear.
 */
function readStandInReply(s: Session, shape: ReplyShape): void {
  if (shape == ReplyShape.endless) {
    s.facts |= Fact.endless_reply;
    serverEdits.drop();
    return;
  }
  popEntry(s);
  s.standIn = false;
  answerWithheld(s);
  if (reply.code == 421 && !s.finished && (s.tls & Tls.begun_client) == 0) pass();
  else serverEdits.drop();
}

function pass(): void {
  serverEdits.pass(reply.start, reply.next - reply.start);
}

/** How much the client sent on before the reply that is being read. */
export function heldBytes(s: Session): u32 {
  return <u32>clientRestLength(s) + (s.holding ? bufferLength(BufferId.downstream) : 0);
}
