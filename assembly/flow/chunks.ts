import { clientEdits, serverEdits } from "../envoy/edits";
import { BufferId, bufferLength, closeConnection, continueDownstream, windowStart } from "../envoy/host";
import { Awaited } from "../policy/policy";
import { Reason } from "../protections/generated-reasons";
import { closeByDeadline, forgetDeadline } from "../session/deadlines";
import { freeEnvelope } from "../session/envelope";
import { freeQueue, headKind, Outstanding } from "../session/queue";
import {
  clientRestLength,
  clientRestStart,
  freeClientRest,
  freeServerRest,
  serverRestLength,
  freeHello,
  serverRestStart,
} from "../session/rest";
import { Session, SessionMode, Tls } from "../session/session";
import { freeShadow } from "../session/shadow";
import { findClientTls, isHello, mayOriginate } from "../session/starttls";
import { closeSession } from "../session/table";
import { awaitsReply, awaitsWithRest } from "../session/waiting";
import { Verb } from "../smtp/verb";
import { answerWithheld, endUnread, settle } from "../verdict/enforce";
import { noteRefusedEdit } from "../verdict/report";
import { judgeEarlyBuffer } from "./early";
import { heldBytes, readLastReply } from "./server";
import { writeOwnCommand } from "./originate";
import {
  noteHalfClosed,
  readClientBuffer,
  readLastRest,
  readRest,
  readServerBuffer,
  readWatchedRest,
} from "./windows";

/** What a data callback answers Envoy. */
export const enum Status {
  proceed,
  stop,
}

/**
 * `length` bytes from the client are in the downstream buffer, all that was not sent on yet. The end of the stream counts
 * only when they were read: it may come with them or after them.
 */
export function onClient(s: Session, length: u32, end: bool): Status {
  if (isOpaque(s)) {
    if (end) s.clientEnded = true;
    return Status.proceed;
  }
  if (!s.edits) {
    const waited = awaitsReply(s);
    clientEdits.begin(length, false);
    readClientBuffer(s, length);
    if (end) endWatchedClient(s, waited);
    return Status.proceed;
  }
  if ((s.tls & Tls.unseen) != 0 && length > 0) findClientTls(s);
  // Held as a whole; `onServer` takes it up when the reply is there.
  if (awaitsReply(s)) {
    if (length > 0) judgeEarlyBuffer(s, length);
    if (end) noteEnd(s, length);
    if (awaitsReply(s)) return end && mayEndNow(s, length) ? pass(s) : hold(s);
  }
  clientEdits.begin(length, true);
  if (s.clientEnded) readRest(s);
  readClientBuffer(s, length);
  if (end) endClient(s);
  if (!endClientChunk(s)) return hold(s);
  // All was said that can be. In this order Envoy still sends on what was let pass before it closes.
  if (s.finished && s.quitSent) {
    continueDownstream();
    closeConnection();
    return hold(s);
  }
  const pending =
    s.mode == SessionMode.closing ||
    s.queueLength > s.outstanding ||
    awaitsWithRest(s) ||
    (isHello(<Verb>s.asked) && mayOriginate(s));
  // A 421 of ours for a client that says nothing needs a buffer that can be written to.
  const idles = s.awaited != <u8>Awaited.unwatched && s.mode == SessionMode.command && !end;
  if (!pending && !idles) return pass(s);
  // Sending on and holding at once keeps the buffer writable: bytes can follow when the reply is there.
  if (!end || !awaitsWithRest(s)) continueDownstream();
  return hold(s);
}

/** `length` bytes from the server are in the upstream buffer. They are never held there: nothing could release them. */
export function onServer(s: Session, length: u32, end: bool): void {
  if (end && !s.clientEnded) s.serverClosed = true;
  if (s.mode == SessionMode.lost || (s.mode == SessionMode.tls && s.serverTlsSeen)) return;
  const waited = awaitsReply(s);
  if (length > 0) s.tls &= ~(Tls.unseen_server as u32);
  serverEdits.begin(length, s.edits);
  readServerBuffer(s, length);
  if (end) {
    answerWithheld(s);
    if (serverRestLength(s) > 0) {
      serverEdits.drop();
      readLastReply(s, serverRestStart(s), serverRestStart(s) + serverRestLength(s));
      freeServerRest(s);
    }
  }
  s.tls &= ~((Tls.begun | Tls.begun_client) as u32);
  if (!serverEdits.finish()) closeUnedited(s);
  else if ((s.tls & Tls.speaks) != 0) sayToServer(s);
  if (s.mode == SessionMode.closing || (waited && !awaitsReply(s))) resumeClient(s);
  // The reply that what is held waits for will not come. Nothing else would end the connection: Envoy does not read on.
  // Whether a stand-in is waited for depends on cuts (CONTRIBUTING.md, law 2), so that it ends none.
  if (end && s.holding && awaitsReply(s) && !s.standIn && heldBytes(s) > 0) closeByDeadline(s, 0);
}

/** The connection is gone: gives back all that it held. */
export function onClose(s: Session): void {
  forgetDeadline(s);
  freeClientRest(s);
  freeServerRest(s);
  freeHello(s);
  freeEnvelope(s);
  freeQueue(s);
  freeShadow(s);
  closeSession(s);
}

/** The client's stream ends while a reply is awaited, with `length` bytes in the buffer. */
function noteEnd(s: Session, length: u32): void {
  s.endWaits = isHelloWithRest(s, length);
  s.clientEnded = true;
  // What TLS with the server still asks for could not be sent any more.
  const asks = s.queueLength > 0 && headKind(s) == Outstanding.own_command;
  if (asks) endUnread(s, Reason.non_compliant_smtp_half_closed, windowStart(), 0);
}

/** Whether bytes are held whose meaning the reply to EHLO decides, which the server has been given already. */
function isHelloWithRest(s: Session, length: u32): bool {
  const asked = s.asked == Verb.ehlo || s.asked == Verb.lhlo;
  return asked && s.mode == SessionMode.command && (length > 0 || clientRestLength(s) > 0);
}

/** The client's stream ends where nothing is held; `waited`: a reply was awaited before its last bytes. */
function endWatchedClient(s: Session, waited: bool): void {
  s.endWaits = isHelloWithRest(s, 0);
  s.clientEnded = true;
  const waits = waited && awaitsReply(s);
  readRest(s);
  if (!waits) noteHalfClosed(s);
  if (!awaitsReply(s)) readLastRest(s);
}

/** With the end of stream some replies are no longer waited for: what was kept may hold whole lines. */
function endClient(s: Session): void {
  s.clientEnded = true;
  readRest(s);
}

/**
 * The client says no more and nothing of it is held, so that no reply decides anything. Its end goes to the server, which
 * may never reply: it would wait for a client that has left, and the session with it.
 */
function mayEndNow(s: Session, length: u32): bool {
  // Where a command was rejected, what is held and what is owed depends on cuts (the stand-in of CONTRIBUTING.md, law 2).
  return length == 0 && clientRestLength(s) == 0 && s.rejections == 0;
}

function isOpaque(s: Session): bool {
  return s.mode == SessionMode.lost || (s.mode == SessionMode.tls && s.tlsSeen);
}

function pass(s: Session): Status {
  s.holding = false;
  return Status.proceed;
}

function hold(s: Session): Status {
  s.holding = true;
  return Status.stop;
}

/** What must be true at the end of every client chunk that may be edited; false when it had to be closed. */
function endClientChunk(s: Session): bool {
  if (s.clientEnded) {
    if (awaitsWithRest(s)) {
      // The end of stream goes out with the next bytes, so nothing could be sent in a second step.
      endUnread(s, Reason.non_compliant_smtp_half_closed, clientRestStart(s), clientRestLength(s));
    } else readLastRest(s);
  }
  settle(s);
  return clientEdits.finish() || closeUnedited(s);
}

/** What should not pass is still in the buffer: nothing of it may. Returns false. */
function closeUnedited(s: Session): bool {
  noteRefusedEdit(s);
  closeConnection();
  return false;
}

/** Sends what TLS with the server asks for; all that the client sent meanwhile is kept for later. */
function sayToServer(s: Session): void {
  const held = bufferLength(BufferId.downstream);
  clientEdits.begin(held, true);
  writeOwnCommand(s);
  readClientBuffer(s, held);
  if (endClientChunk(s)) continueDownstream();
}

/** The awaited reply is there: reads what was held, in memory first, then in Envoy's buffer, and sends it on. */
function resumeClient(s: Session): void {
  if (!s.edits) {
    readWatchedRest(s);
    return;
  }
  if (!s.holding) return;
  const held = bufferLength(BufferId.downstream);
  clientEdits.begin(held, true);
  readRest(s);
  readClientBuffer(s, held);
  if (endClientChunk(s)) continueDownstream();
}
