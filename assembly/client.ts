import { clientEdits } from "./edits";
import { keepHelo, keepMailFrom, keepRcptTo } from "./envelope";
import { terminate, withhold } from "./enforce";
import { hit, judgeCommand, judgement, judgeStream } from "./judge";
import { Policy } from "./policy/policy";
import { Protection } from "./protections/catalogue";
import { Reason } from "./protections/reason";
import { Entry, pushEntry } from "./queue";
import { evidence } from "./report";
import { Session, SessionMode, Skip } from "./sessions";
import { Command, contentEnd, lineEnd } from "./smtp/command";
import { DataScan } from "./smtp/data";
import { Path } from "./smtp/path";
import { isAsking, Verb } from "./smtp/verb";

const command = new Command();
const path = new Path();
const scan = new DataScan();

/** Whether the client's next bytes cannot be read before the server has answered: it decides what they are. */
export function awaitsReply(s: Session): bool {
  if (s.payload > 0 || s.payloadMayFollow || s.skip != Skip.none) return false;
  if (s.mode == SessionMode.greeting) return true;
  if (s.mode != SessionMode.command && s.mode != SessionMode.auth) return false;
  if (s.standIn) return true;
  if (s.asked != Verb.none) {
    // After the client's end of stream nothing can be sent in two steps, and these replies change no meaning.
    return !s.clientEnded || (s.asked != Verb.ehlo && s.asked != Verb.helo && s.asked != Verb.quit);
  }
  return <i32>s.queueLength >= changetype<Policy>(s.policy).pendingCommands;
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
      s.payload -= length;
      at += length;
    } else if (s.mode == SessionMode.data) {
      at = readData(s, at, to);
    } else if (s.mode == SessionMode.tls) {
      return readTls(s, at, to);
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
  if (s.mode != SessionMode.command) {
    clientEdits.keep(from, to - from);
    return;
  }
  if (!judge(s, from, to, to, true)) return;
  clientEdits.keep(from, to - from);
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
  if (s.mode == SessionMode.auth) {
    command.read(start, start, next);
    command.verb = Verb.auth_response;
    evidence.bytes(start, end - start, Verb.auth_response);
    if (whole) return true;
    judgeStream(s, Reason.line_too_long);
  } else {
    command.read(start, end, next);
    s.commands++;
    if (command.verb == Verb.rcpt) path.read(command.argument, command.argumentEnd, "TO");
    else if (command.verb == Verb.mail) path.read(command.argument, command.argumentEnd, "FROM");
    noteForEvents(s);
    judgeCommand(s, command, path, whole);
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

/** Lets a line pass and notes what it asks of the server. */
function forward(s: Session, at: usize, next: usize): void {
  clientEdits.keep(at, next - at);
  const verb = command.verb;
  // The reply to the last chunk is the reply to the message (RFC 3030 2).
  pushEntry(s, Entry.forwarded, <u8>(command.last ? Verb.end_of_data : verb));
  if (isAsking(verb)) s.asked = verb;
  if (verb == Verb.bdat && command.size > 0) s.payload = <u64>command.size;
  else if (verb == Verb.xexch50) s.announced = <u32>min<i64>(max<i64>(command.size, 0), <i64>u32.MAX_VALUE);
  else if (verb == Verb.mail) s.utf8 = command.hasParameter("SMTPUTF8");
  else if (verb == Verb.rset) s.utf8 = false;
}

function readData(s: Session, at: usize, to: usize): usize {
  scan.state = s.data;
  const end = scan.run(at, to);
  s.data = scan.state;
  clientEdits.keep(at, end - at);
  if (scan.ended) {
    s.mode = SessionMode.command;
    pushEntry(s, Entry.forwarded, <u8>Verb.end_of_data);
  }
  return end;
}

/** Behind an accepted STARTTLS only a TLS record may come (RFC 8446 5.1: type 22), or SSLv2's hello (0x80). */
function readTls(s: Session, at: usize, to: usize): usize {
  const type: u32 = load<u8>(at);
  if (!s.tlsSeen && type != 0x16 && type != 0x80) {
    evidence.bytes(at, min<usize>(to - at, 64), Verb.none);
    judgeStream(s, Reason.not_tls);
    if (judgement.isTerminate) {
      terminate(s, judgement.protection);
      return to;
    }
  }
  s.tlsSeen = true;
  clientEdits.keep(at, to - at);
  return to;
}

/** Bytes behind an XEXCH50 that was refused, sent before the client could know: they may be its payload. */
function readUnasked(s: Session, at: usize, to: usize): void {
  evidence.bytes(at, min<usize>(to - at, 64), Verb.xexch50);
  judgement.clear();
  hit(s, Protection.exchange_command, Reason.payload_may_follow, false);
  terminate(s, Protection.exchange_command);
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
