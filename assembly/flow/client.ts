import { clientEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { tooManyPending } from "../protections/too_many_pending";
import { isQueueFull, lacksQueueRoom, Outstanding, pushEntry } from "../session/queue";
import { keepHello } from "../session/rest";
import { Session, SessionMode, Skip } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { isHello, mayOriginate } from "../session/starttls";
import { tallyData } from "../session/tally";
import { noteForwarded, noteJudged } from "../session/transaction";
import { awaitsReply } from "../session/waiting";
import { Command, contentEnd, lineEnd } from "../smtp/command";
import { Fact } from "../smtp/facts";
import { Path, PathKeyword } from "../smtp/path";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { judgeCommand, judgeResponse } from "../verdict/command";
import { endOverMemory, enforceOnClient, endUnread, noteShadowEnd, withhold } from "../verdict/enforce";
import { judgeClientBytes, markReported } from "../verdict/judge";
import { isReject, NOTHING, Outcome, stronger } from "../verdict/outcome";
import { firstSide, nextSide, policyOf, Side } from "../verdict/side";
import { ownReplyTo, withholdBy } from "../verdict/starttls";
import { OwnReply } from "../verdict/wording";
import { readData } from "./data";
import { judgeEarly, judgeEarlyHello } from "./early";
import { countPayload, noteRead } from "./payload";
import { readPayload, readsPayload } from "./message";
import { readTls } from "./tls";

const command = new Command();
const path = new Path();

/** What becomes of a line. */
const enum Fate {
  passes,
  withheld,
  /** It ends the session. */
  ends,
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
      if (!readsPayload(s)) clientEdits.pass(at, length);
      else if (readPayload(s, at, at + length)) return to;
      at += length;
      countPayload(s, length);
      noteRead(s, length);
      continue;
    }
    let stopped = to;
    if (s.mode == SessionMode.data) stopped = readContent(s, at, to);
    else if (s.mode == SessionMode.tls) stopped = readTls(s, at, to);
    else if (s.mode == SessionMode.lost) clientEdits.pass(at, to - at);
    else if (s.mode == SessionMode.closing) clientEdits.drop();
    else stopped = readCommands(s, at, to, fresh);
    if (stopped == at) return at;
    noteRead(s, <u64>(stopped - at));
    at = stopped;
  }
  return at;
}

function readContent(s: Session, at: usize, to: usize): usize {
  const stopped = readData(s, at, to);
  tallyData(s, <u64>(stopped - at), s.mode == SessionMode.command);
  return stopped;
}

/** Reads what is a command or a response; returns `at` when it is not whole or must wait for a reply. */
function readCommands(s: Session, at: usize, to: usize, fresh: usize): usize {
  if (s.payloadMayFollow) {
    // XEXCH50 was refused, but these bytes were sent before the client could know: they may be its payload.
    endUnread(s, Reason.exchange_command_payload_may_follow, at, <i32>(to - at));
    return to;
  }
  if (s.skip != Skip.none) return skipLine(s, at, lineEnd(max(at, fresh), to), to);
  if (awaitsReply(s)) return at;
  if (isQueueFull(s) || lacksQueueRoom(s)) return endAtQueue(s, at, to);
  // After the client's end of stream most replies are not waited for: what comes before them is early still.
  if (s.asked != Verb.none && judgeEarly(s, at, to, <u32>(to - at))) return to;
  return readLine(s, at, lineEnd(max(at, fresh), to), to);
}

/** Ends a session for whose next line there is no place among those that wait for a reply. */
function endAtQueue(s: Session, at: usize, to: usize): usize {
  const length = <i32>(to - at);
  if (isQueueFull(s)) endUnread(s, Reason.too_many_pending_commands, at, length);
  else endOverMemory(s, at, length);
  return s.mode == SessionMode.lost ? passLost(at, to) : to;
}

function passLost(at: usize, to: usize): usize {
  clientEdits.pass(at, to - at);
  return to;
}

/** The end of the client's stream: what is left of a line is judged as one, since a server may take it for one. */
export function readLastLine(s: Session, from: usize, to: usize): void {
  if (from == to) return;
  if (s.mode == SessionMode.command && judgeLine(s, from, to, to, true) != Fate.passes) return;
  clientEdits.pass(from, to - from);
  s.facts |= Fact.unended_line;
}

/** The rest of an over-long line goes the way of its beginning. */
function skipLine(s: Session, at: usize, next: usize, to: usize): usize {
  const end = next == 0 ? to : next;
  if (s.skip == Skip.pass) clientEdits.pass(at, end - at);
  else clientEdits.drop();
  if (next != 0) s.skip = <u8>Skip.none;
  return end;
}

/** Reads one line, or the part of an over-long one, at `at`; returns `at` when it is not whole yet. */
function readLine(s: Session, at: usize, next: usize, to: usize): usize {
  if (s.mode == SessionMode.command && judgeHello(s, at, to)) return to;
  const limit = <usize>changetype<Policy>(s.policy).commandLineBytes;
  const length = (next == 0 ? to : next) - at;
  if (length > limit) {
    return readCutLine(s, at, at + limit);
  }
  if (next == 0) return at;
  if (judgeLine(s, at, contentEnd(at, next - 1), next, true) == Fate.passes) forward(s, at, next);
  return next;
}

/**
 * Reads [at, to), as much of a line as is ever read, wherever it was cut. The rest goes the same way, but for commands
 * whose meaning, or whose size, might stand in it: a server that reads on would read another command than we did.
 */
function readCutLine(s: Session, at: usize, to: usize): usize {
  if (s.shadow != 0) changetype<Shadow>(s.shadow).line = NOTHING;
  const fate = judgeLine(s, at, to, to, false);
  const decides = hasTrait(command.verb, Trait.decides);
  const unclear = hasTrait(command.verb, Trait.payload) || (s.edits && decides);
  if (fate == Fate.passes && unclear) endUnread(s, Reason.command_line_too_long_endless, at, <i32>(to - at));
  else if (decides) noteShadowEnd(s, Reason.command_line_too_long_endless, at, <i32>(to - at));
  else if (fate == Fate.passes) forward(s, at, to);
  if (s.mode == SessionMode.lost) return passLost(at, to);
  if (s.mode != SessionMode.closing) s.skip = <u8>(fate == Fate.passes ? Skip.pass : Skip.drop);
  return to;
}

/** Judges the beginning of a TLS record where a command should stand, once a session; returns whether that ended it. */
function judgeHello(s: Session, at: usize, to: usize): bool {
  const hello = tlsWithoutStarttls(at, to);
  if (hello == Reason.none || !markReported(s, Protection.tls_without_starttls)) return false;
  return enforceOnClient(s, judgeClientBytes(s, hello, at, to - at, Verb.none));
}

/** Judges the line whose content is [start, end) and carries out the verdict, but for letting it pass. */
function judgeLine(s: Session, start: usize, end: usize, next: usize, whole: bool): Fate {
  const inAuth = s.mode == SessionMode.auth;
  if (inAuth) command.readResponse(start, end, next);
  else parse(start, end, next, whole);
  // What came before the greeting and began like EHLO was another command.
  if ((s.facts & Fact.before_greeting) != 0 && command.verb != Verb.ehlo) {
    judgeEarlyHello(s);
    if (s.mode == SessionMode.closing) return Fate.ends;
  }
  const outcome = inAuth ? judgeAuth(s, whole) : judgeCommand(s, command, path, whole);
  noteJudged(s, command);
  if (enforceOnClient(s, outcome)) return Fate.ends;
  if (!isReject(outcome)) {
    const fate = inAuth ? Fate.passes : answerByStarttls(s);
    if (fate != Fate.withheld) return fate;
  } else withhold(s, outcome);
  s.payloadMayFollow = command.verb == Verb.xexch50;
  if (command.verb == Verb.ehlo) judgeEarlyHello(s);
  return Fate.withheld;
}

/** What the policy's "starttls" makes of a command that no protection rejects. */
function answerByStarttls(s: Session): Fate {
  if (!changetype<Policy>(s.policy).handlesTls) return Fate.passes;
  const reply = ownReplyTo(s, command);
  if (reply == OwnReply.none) return Fate.passes;
  return withholdBy(s, command, reply) ? Fate.withheld : Fate.ends;
}

function parse(start: usize, end: usize, next: usize, whole: bool): void {
  command.read(start, end, next);
  if (command.verb == Verb.mail || command.verb == Verb.rcpt) {
    const keyword = command.verb == Verb.mail ? PathKeyword.from : PathKeyword.to;
    path.read(command.argument, command.argumentEnd, keyword);
    command.readParameters(path.found ? path.next : command.argumentEnd);
  }
  if (whole) return;
  command.markCut();
  path.markCut();
}

/** A line inside an AUTH exchange. */
function judgeAuth(s: Session, whole: bool): Outcome {
  // Far beyond what is reported, and so that it never begins anew.
  if (s.authRounds < 255) s.authRounds++;
  if (command.isCancel) s.facts |= Fact.cancelled_auth;
  return judgeResponse(s, command, s.authRounds, whole);
}

/** How many commands wait for a reply, with the line [at, next) that is about to pass. */
function judgePending(s: Session, at: usize, next: usize): Outcome {
  let outcome = NOTHING;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const pending = tooManyPending(<i32>s.outstanding + 1, policyOf(s, side).pendingCommands);
    if (pending == Reason.none || !markReported(s, Protection.too_many_pending, side)) continue;
    outcome = stronger(outcome, judgeClientBytes(s, pending, at, next - at, command.verb, side));
  }
  return outcome;
}

/** Lets a line pass and notes what it asks of the server. */
function forward(s: Session, at: usize, next: usize): void {
  const verb = command.verb;
  const many = <i32>s.outstanding >= changetype<Policy>(s.policy).pendingLeast;
  if (many && enforceOnClient(s, judgePending(s, at, next))) return;
  if (isHello(verb) && mayOriginate(s) && !keepHello(s, at, <i32>(next - at))) {
    endOverMemory(s, at, <i32>(next - at));
    return;
  }
  clientEdits.pass(at, next - at);
  // The reply to the last chunk is the reply to the message (RFC 3030 2).
  pushEntry(s, Outstanding.forwarded, <u8>(command.last ? Verb.end_of_data : verb));
  if (hasTrait(verb, Trait.asks)) {
    s.asked = <u8>verb;
    s.facts &= ~(Fact.early_judged as u32);
  }
  noteForwarded(s, command, path);
}
