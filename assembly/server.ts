import { serverEdits } from "./edits";
import { answerWithheld, greetingOf, terminateInstead, terminationOf } from "./enforce";
import { addToMetric } from "./host";
import { hit, judgement, judgeStream, preventsBy } from "./judge";
import { Policy } from "./policy/policy";
import { badServerGreeting } from "./protections/bad_server_greeting";
import { Action, Protection } from "./protections/catalogue";
import { malformedServerGreeting } from "./protections/malformed_server_greeting";
import { Reason } from "./protections/reason";
import { Entry, headKind, headValue, popEntry } from "./queue";
import { evidence } from "./report";
import { Session, SessionMode } from "./sessions";
import { contentEnd, lineEnd } from "./smtp/command";
import { Capability, capabilityOf } from "./smtp/ehlo";
import { Reply, ReplyShape } from "./smtp/reply";
import { Verb } from "./smtp/verb";
import { Statistics } from "./statistics";
import { reasonToDistrust, takeReply } from "./transitions";

const reply = new Reply();

/** Reads [from, to), the server's next bytes, reply by reply; returns where an unfinished reply starts. */
export function readServer(s: Session, from: usize, to: usize): usize {
  const limit = changetype<Policy>(s.policy).replyBytes;
  let at = from;
  while (at < to) {
    if (s.mode == SessionMode.tls || s.mode == SessionMode.lost) {
      serverEdits.keep(at, to - at);
      return to;
    }
    if (s.finished) {
      serverEdits.drop();
      return to;
    }
    const shape = reply.read(at, to, limit);
    if (shape == ReplyShape.partial) return at;
    if (s.mode == SessionMode.greeting) readGreeting(s, shape);
    else readReply(s, shape);
    at = reply.next;
  }
  return at;
}

/** The first reply of the server: only 220 opens a session. */
function readGreeting(s: Session, shape: ReplyShape): void {
  evidence.bytes(reply.start, reply.next - reply.start, Verb.none);
  judgement.clear();
  let protection = Protection.malformed_server_greeting;
  const malformed = malformedServerGreeting(reply, shape);
  if (malformed != Reason.none) hit(s, protection, malformed, false);
  else {
    protection = Protection.bad_server_greeting;
    hit(s, protection, badServerGreeting(reply), false);
  }
  if (judgement.isTerminate) {
    terminateInstead(s, greetingOf(protection));
    return;
  }
  pass();
  s.mode = SessionMode.command;
}

/** Any later reply: it belongs to the oldest command that the server was given. */
function readReply(s: Session, shape: ReplyShape): void {
  answerWithheld(s);
  if (s.finished) {
    serverEdits.drop();
    return;
  }
  const isStandIn = s.queueLength > 0 && headKind(s) == Entry.stand_in;
  const verb: Verb = s.queueLength > 0 && !isStandIn ? <Verb>headValue(s) : Verb.none;
  const reason = reasonToDistrust(verb, reply, shape);
  if (reason != Reason.none) {
    evidence.bytes(reply.start, reply.next - reply.start, verb);
    judgeStream(s, reason);
    if (judgement.isTerminate) {
      terminateInstead(s, terminationOf(Protection.non_compliant_smtp));
      return;
    }
  }
  if (isStandIn) {
    popEntry(s);
    s.standIn = false;
    answerWithheld(s);
    // The server's own goodbye is the client's to hear; every other answer to a stand-in is nobody's.
    if (reply.code == 421 && !s.finished) pass();
    else serverEdits.drop();
    return;
  }
  if (verb == Verb.ehlo && reply.code == 250 && stripsStarttls(s)) stripStarttls(s);
  else pass();
  if (verb == Verb.none) return;
  popEntry(s);
  takeReply(s, verb, reply);
  answerWithheld(s);
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
