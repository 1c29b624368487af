import { clientEdits, serverEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { closeByDeadline } from "../session/deadlines";
import { forgetQueue, headKind, headValue, Outstanding, popEntry, pushEntry } from "../session/queue";
import { freeClientRest, freeServerRest } from "../session/rest";
import { isMute, Session, SessionMode, Tls } from "../session/session";
import { Verdict } from "../session/verdict";
import { Shadow } from "../session/shadow-record";
import { beginClientTls } from "../session/starttls";
import { hasTeased } from "../session/waiting";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { countRejection, endShadow, findEnd } from "./judge";
import { answerIn, isPrevented, isTerminate, NOTHING, Outcome, protectionIn } from "./outcome";
import { noteOverMemory } from "./report";
import { GREETINGS, NOOP, OWN_REPLIES, OwnReply, QUIT, rejectionBy, TERMINATIONS } from "./wording";

/**
 * The one place where a verdict becomes bytes.
 *
 * A command that is kept from the server has its reply written in its place in the order of replies: after the reply
 * to the command before it, or before the reply to the next one. Only when the server owes no reply at all is a NOOP
 * sent in its stead and the answer to that swallowed; nothing follows a NOOP until it is answered, since Postfix hangs
 * up on input after one (smtpd_forbid_unauth_pipelining).
 */

const unread = new Evidence();

/** Ends the session where `outcome`, of something that the client sent, says so; returns whether it did. */
export function enforceOnClient(s: Session, outcome: Outcome): bool {
  if (!isTerminate(outcome)) return false;
  terminate(s, protectionIn(outcome));
  return true;
}

/**
 * Ends the session where `outcome`, of something that the server sent, says so; returns whether it did. A reply of ours
 * takes the place of what the server sent and of all that follows; inside TLS none can be written. `temporary`: the server
 * itself refused with 4xx, and so must we, else the sender would give the message up.
 */
export function enforceOnServer(s: Session, outcome: Outcome, temporary: bool): bool {
  if (!isTerminate(outcome)) return false;
  const protection = protectionIn(outcome);
  serverEdits.drop();
  freeClientRest(s);
  freeServerRest(s);
  s.tls &= ~(Tls.speaks as u32);
  // After a 220 of ours a reply in clear would be read as one inside TLS.
  if (s.mode == SessionMode.tls || (s.tls & Tls.begun_client) != 0) {
    s.mode = <u8>SessionMode.closing;
    endNow(s);
    return true;
  }
  // RFC 5321 3.1 asks for 554 instead of a greeting.
  const greets = s.mode == SessionMode.greeting && !temporary;
  write(greets ? GREETINGS[protection] : TERMINATIONS[protection]);
  // A QUIT would be read as content, or as part of a payload that is open.
  if (isMute(s) || s.payload > 0) s.quitSent = true;
  while (s.queueLength > 0) popEntry(s);
  s.mode = <u8>SessionMode.closing;
  s.asked = <u8>Verb.none;
  s.standIn = false;
  s.finished = true;
  s.payload = 0;
  closeByDeadline(s, changetype<Policy>(s.policy).closeDeadlineMs);
  return true;
}

/** Keeps a command from the server, as `outcome` says, and answers it. */
export function withhold(s: Session, outcome: Outcome): void {
  clientEdits.drop();
  countRejection(s, outcome);
  pushEntry(s, Outstanding.withheld, <u8>answerIn(outcome));
}

/**
 * Ends the session because of what the client sent. In command mode the client still gets the replies owed to it and
 * then 421. Inside data, AUTH or TLS, or where STARTTLS is asked, a QUIT would be read as content: nothing more is
 * sent, and the next callback closes. The server has seen no end of data and drops the message (RFC 5321 4.1.1.4).
 * It is not this callback that closes, since that would lose what was let pass in it.
 */
function terminate(s: Session, protection: Protection): void {
  endBy(s, Outstanding.termination, <u8>protection);
}

/** Ends the session by a reply of ours that no protection gives. */
export function endByOwnReply(s: Session, reply: OwnReply): void {
  endBy(s, Outstanding.own_reply, <u8>reply);
}

function endBy(s: Session, kind: Outstanding, value: u8): void {
  clientEdits.drop();
  freeClientRest(s);
  // A payload that is open would swallow our QUIT. To wait for the rest of a greeting is to be taken for a client that does.
  const silent = isMute(s) || s.payload > 0 || hasTeased(s);
  s.mode = <u8>SessionMode.closing;
  s.payload = 0;
  s.heldCr = false;
  if (silent && s.outstanding <= 1) {
    endNow(s);
    return;
  }
  // Replies to what came before STARTTLS are owed: a message before it may be delivered already.
  if (silent) s.quitSent = true;
  else pushEntry(s, kind, value);
  closeByDeadline(s, changetype<Policy>(s.policy).closeDeadlineMs);
}

/** Ends a session in which something was waited for for too long. */
export function endByTimeout(s: Session): void {
  endVerdict(s);
  terminate(s, Protection.count);
}

/** The same where nothing can be said: the tick closes. */
export function endSilently(s: Session): void {
  endVerdict(s);
  s.mode = <u8>SessionMode.closing;
  endNow(s);
}

/** The time that the policy allows is the shadow's too. */
function endVerdict(s: Session): void {
  s.timedOut = true;
  s.verdict = <u8>Verdict.terminated;
  if (s.shadow != 0) changetype<Shadow>(s.shadow).verdict = <u8>Verdict.terminated;
}

/**
 * Ends a session whose bytes cannot be read in order, or the inspection of one that is only watched. Whatever mode the
 * protection has: as long as anything prevents, nothing passes unread (CONTRIBUTING.md, law 4).
 */
export function endUnread(s: Session, reason: Reason, from: usize, length: i32): void {
  showUnread(s, reason, from, length);
  const outcome = findEnd(s, unread, reason);
  if (s.edits) {
    enforceOnClient(s, outcome);
    return;
  }
  freeClientRest(s);
  forgetQueue(s);
  s.mode = <u8>SessionMode.lost;
}

/**
 * Where the live policy goes on: by `reason` a shadow that prevents would have ended the session, unless it has before, or what
 * it would have done to the line has settled that.
 */
export function noteShadowEnd(s: Session, reason: Reason, from: usize, length: i32): void {
  if (s.shadow == 0) return;
  const shadow = changetype<Shadow>(s.shadow);
  if (!shadow.prevents || isPrevented(shadow.line) || shadow.verdict == <u8>Verdict.terminated) return;
  showUnread(s, reason, from, length);
  endShadow(s, unread, reason, NOTHING);
}

function showUnread(s: Session, reason: Reason, from: usize, length: i32): void {
  const payload = reason == Reason.exchange_command_payload_may_follow;
  unread.unread(from, length, payload ? Verb.xexch50 : <Verb>s.asked);
}

/** The same for a session that asks for more memory than the VM has left. */
export function endOverMemory(s: Session, from: usize, length: i32): void {
  noteOverMemory(s);
  endUnread(s, Reason.too_many_pending_memory, from, length);
}

/** The same where the server's bytes have no room. */
export function endReplyOverMemory(s: Session, from: usize, length: i32): void {
  noteOverMemory(s);
  if (!s.edits) {
    freeServerRest(s);
    endUnread(s, Reason.too_many_pending_memory, from, length);
    return;
  }
  endByServer(s, Reason.too_many_pending_memory, from, length);
}

/**
 * Ends the session because of what the server sent, whatever mode the protection has: bytes that were sent in clear are never
 * read as sent inside TLS, and what must be encrypted is not sent in clear.
 */
export function endByServer(s: Session, reason: Reason, from: usize, length: usize): void {
  unread.unread(from, length, Verb.none);
  unread.fromServer = true;
  enforceOnServer(s, findEnd(s, unread, reason), false);
}

/** Nothing more passes either way: a client callback closes as it ends, else the next tick does. */
function endNow(s: Session): void {
  s.finished = s.quitSent = true;
  closeByDeadline(s, 0);
}

/** Called when a client chunk was read: the server must have something to answer wherever the client waits for us. */
export function settle(s: Session): void {
  if (s.outstanding > 0) return;
  if (s.mode == SessionMode.closing) {
    // Before the greeting a QUIT would make us the early talker (Postfix postscreen PREGREET).
    if ((s.facts & Fact.greeted) == 0) return;
    if (s.quitSent) s.finished = true;
    else sendStandIn(s, QUIT, Verb.quit);
    s.quitSent = true;
  } else if (s.queueLength > 0 && (s.facts & Fact.unended_line) == 0) {
    s.standIn = true;
    sendStandIn(s, NOOP, Verb.noop);
  }
}

/** Writes the replies to the withheld commands that are next in order. */
export function answerWithheld(s: Session): void {
  // The queue holds more than the server will answer: some of it is ours to answer.
  while (s.queueLength > s.outstanding) {
    const kind = headKind(s);
    if (kind == Outstanding.withheld) write(rejectionBy(changetype<Policy>(s.policy), headValue(s)));
    else if (kind == Outstanding.termination) {
      write(TERMINATIONS[headValue(s)]);
      s.finished = true;
    } else if (kind == Outstanding.own_reply) giveOwnReply(s, <OwnReply>headValue(s));
    else return;
    popEntry(s);
    // Nothing is read after a withheld XEXCH50: its reply is the last of those that are still to be given.
    if (s.queueLength == s.outstanding) s.payloadMayFollow = false;
  }
}

function giveOwnReply(s: Session, reply: OwnReply): void {
  // The client ended its stream, or what it sent after STARTTLS has ended the session: no TLS begins.
  const moot = reply == OwnReply.go_ahead && (s.clientEnded || s.mode == SessionMode.closing);
  if (moot && s.mode != SessionMode.closing) {
    s.mode = <u8>SessionMode.closing;
    endNow(s);
  }
  if (moot) return;
  write(OWN_REPLIES[reply]);
  if (reply == OwnReply.go_ahead) beginClientTls(s);
  else if (reply >= OwnReply.ends_payload) s.finished = true;
}

function sendStandIn(s: Session, text: ArrayBuffer, verb: Verb): void {
  clientEdits.write(changetype<usize>(text), text.byteLength);
  pushEntry(s, Outstanding.stand_in, <u8>verb);
}

function write(text: ArrayBuffer): void {
  serverEdits.write(changetype<usize>(text), text.byteLength);
}
