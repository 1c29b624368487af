import { clientEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { authResponseViolation } from "../protections/auth_exchange_violation";
import { commandLineTooLong } from "../protections/command_line_too_long";
import { Reason } from "../protections/reason";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { tooManyPending } from "../protections/too_many_pending";
import { freeEnvelope, keepHelo, keepMailFrom, keepRcptTo } from "../session/envelope";
import { Entry, isQueueFull, pushEntry } from "../session/queue";
import { Fact, Session, SessionMode, Skip, TRANSACTION_FACTS } from "../session/session";
import { awaitsReply } from "../session/waiting";
import { Command, contentEnd, lineEnd } from "../smtp/command";
import { Path, PathKeyword } from "../smtp/path";
import { isAsking, Verb } from "../smtp/verb";
import { judgeCommand } from "../verdict/command";
import { endUnread, terminate, withhold } from "../verdict/enforce";
import { evidence } from "../verdict/evidence";
import { hit, judgeBytes, judgement } from "../verdict/judge";
import { readData } from "./data";
import { endsEarly } from "./early";
import { readTls } from "./tls";

const command = new Command();
const path = new Path();

/** `length` octets of a payload went by. XEXCH50's has a reply of its own, BDAT's has that to its line. */
export function countPayload(s: Session, length: u64): void {
  s.payload -= length;
  if (s.payload > 0 || !s.payloadHasReply) return;
  s.payloadHasReply = false;
  pushEntry(s, Entry.forwarded, <u8>Verb.payload);
}

/**
 * Reads [from, to), the client's next bytes, and decides what becomes of each; returns where it stopped because a line
 * is not whole or a reply is awaited. Bytes before `fresh` are known to hold no line end.
 */
export function readClient(s: Session, from: usize, to: usize, fresh: usize): usize {
  let at = from;
  while (at < to) {
    if (s.payload > 0) {
      const length = <usize>min<u64>(s.payload, <u64>(to - at));
      clientEdits.keep(at, length);
      at += length;
      countPayload(s, length);
    } else if (s.mode == SessionMode.data) {
      at = readData(s, at, to);
    } else if (s.mode == SessionMode.tls) {
      const stopped = readTls(s, at, to);
      if (stopped == at) return at;
      at = stopped;
    } else if (s.mode == SessionMode.lost) {
      clientEdits.keep(at, to - at);
      return to;
    } else if (s.mode == SessionMode.closing) {
      clientEdits.drop();
      return to;
    } else if (s.payloadMayFollow) {
      readUnasked(s, at, to);
    } else if (s.skip == Skip.none && awaitsReply(s)) {
      return at;
    } else if (isQueueFull(s)) {
      endUnread(s, Reason.pending_commands, at, <i32>(to - at));
    } else if (s.asked != Verb.none && endsEarly(s, at, to)) {
      return to;
    } else {
      const next = lineEnd(max(at, fresh), to);
      const stopped = readLine(s, at, next, to);
      if (stopped == at) return at;
      at = stopped;
    }
  }
  return at;
}

/** The end of the client's stream: what is left of a line is judged as one, since a server may take it for one. */
export function readLastLine(s: Session, from: usize, to: usize): void {
  if (from == to) return;
  if (s.mode == SessionMode.command && !judge(s, from, to, to, true)) return;
  clientEdits.keep(from, to - from);
  s.facts |= Fact.unended_line;
}

/** Reads one line, or the part of an over-long one, at `at`; returns `at` when it is not whole yet. */
function readLine(s: Session, at: usize, next: usize, to: usize): usize {
  if (s.skip != Skip.none) {
    const end = next == 0 ? to : next;
    if (s.skip == Skip.keep) clientEdits.keep(at, end - at);
    else clientEdits.drop();
    if (next != 0) s.skip = Skip.none;
    return end;
  }
  const hello = s.mode == SessionMode.command ? tlsWithoutStarttls(at, to) : Reason.none;
  if (hello != Reason.none && !s.toldTls) {
    s.toldTls = true;
    judgeBytes(s, hello, at, to - at, Verb.none);
    if (judgement.isTerminate) {
      terminate(s, judgement.protection);
      return to;
    }
  }
  const limit = <usize>changetype<Policy>(s.policy).commandLineBytes;
  const length = (next == 0 ? to : next) - at;
  if (length > limit) {
    // The first `limit` bytes stand for the line, wherever it was cut; the rest goes the same way up to its end.
    const kept = judge(s, at, at + limit, at + limit, false);
    if (kept) forward(s, at, at + limit);
    if (s.mode != SessionMode.closing) s.skip = kept ? Skip.keep : Skip.drop;
    return at + limit;
  }
  if (next == 0) return at;
  if (judge(s, at, contentEnd(at, next - 1), next, true)) forward(s, at, next);
  return next;
}

/** Judges the line whose content is [start, end); false when it was kept from the server. */
function judge(s: Session, start: usize, end: usize, next: usize, whole: bool): bool {
  if (s.mode == SessionMode.auth) judgeResponse(s, start, end, next, whole);
  else {
    command.read(start, end, next);
    s.commands++;
    if (command.verb == Verb.rcpt) path.read(command.argument, command.argumentEnd, PathKeyword.to);
    else if (command.verb == Verb.mail) {
      path.read(command.argument, command.argumentEnd, PathKeyword.from);
      if (path.found) command.readParameters(path.next);
    }
    noteForEvents(s);
    judgeCommand(s, command, path, whole);
    // Sent is sent, whatever becomes of it: DATA behind refused recipients is in order (RFC 5321 4.1.4).
    if (command.verb == Verb.rcpt && (s.facts & Fact.mail) != 0) s.facts |= Fact.rcpt;
  }
  if (judgement.isTerminate) {
    terminate(s, judgement.protection);
    return false;
  }
  if (!judgement.isReject) return true;
  withhold(s, judgement.protection);
  s.payloadMayFollow = command.verb == Verb.xexch50;
  return false;
}

/** A line inside an AUTH exchange is never a command, whatever it spells. */
function judgeResponse(s: Session, start: usize, end: usize, next: usize, whole: bool): void {
  command.read(start, start, next);
  command.verb = Verb.auth_response;
  judgement.clear();
  evidence.bytes(start, end - start, Verb.auth_response);
  s.authRounds++;
  if (end - start == 1 && load<u8>(start) == 0x2a) s.facts |= Fact.cancelled_auth;
  hit(s, authResponseViolation(start, end, s.authRounds));
  if (next - end == 1) hit(s, Reason.bare_lf);
  hit(s, commandLineTooLong(Verb.auth_response, <i32>(next - start), whole));
}

/** Lets a line pass and notes what it asks of the server. */
function forward(s: Session, at: usize, next: usize): void {
  const verb = command.verb;
  const pending = tooManyPending(<i32>s.outstanding + 1, changetype<Policy>(s.policy).pendingCommands);
  if (pending != Reason.none && !s.toldPending) {
    s.toldPending = true;
    judgeBytes(s, pending, at, next - at, verb);
    if (judgement.isTerminate) {
      terminate(s, judgement.protection);
      return;
    }
  }
  clientEdits.keep(at, next - at);
  // The reply to the last chunk is the reply to the message (RFC 3030 2).
  pushEntry(s, Entry.forwarded, <u8>(command.last ? Verb.end_of_data : verb));
  if (isAsking(verb)) {
    s.asked = verb;
    s.facts &= ~(Fact.told_early as u32);
  }
  switch (verb) {
    case Verb.helo:
    case Verb.ehlo:
      s.facts |= Fact.helo;
      return;
    case Verb.mail:
      s.facts = (s.facts & ~TRANSACTION_FACTS) | Fact.mail;
      if (!path.found) return;
      if (command.asksUtf8) s.facts |= Fact.utf8;
      if (command.asksBinarymime) s.facts |= Fact.binarymime;
      return;
    case Verb.rset:
      s.facts &= ~TRANSACTION_FACTS;
      freeEnvelope(s);
      return;
    case Verb.bdat:
      if (command.size > 0) s.payload = <u64>command.size;
      if (command.last) s.facts = (s.facts & ~TRANSACTION_FACTS) | Fact.last_chunk;
      else s.facts |= Fact.chunks;
      return;
    case Verb.auth:
    case Verb.x_exps:
      s.authRounds = 0;
      return;
    case Verb.xexch50:
      s.announced = <u32>min<i64>(max<i64>(command.size, 0), <i64>u32.MAX_VALUE);
      return;
  }
}

/** Bytes behind an XEXCH50 that was refused, sent before the client could know: they may be its payload. */
function readUnasked(s: Session, at: usize, to: usize): void {
  judgeBytes(s, Reason.payload_may_follow, at, to - at, Verb.xexch50);
  terminate(s, judgement.protection);
}

/** Keeps names and addresses before the verdict, so that the event about this very line can tell them. */
function noteForEvents(s: Session): void {
  const verb = command.verb;
  if (verb == Verb.mail) keepMailFrom(s, path.start, path.end - path.start);
  else if (verb == Verb.rcpt) keepRcptTo(s, path.start, path.end - path.start);
  else if (verb == Verb.helo || verb == Verb.ehlo) {
    keepHelo(s, command.argument, command.argumentEnd - command.argument);
  }
}
