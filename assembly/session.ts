import { awaitsReply, readClient, readLastLine } from "./client";
import { forgetDeadline } from "./closing";
import { writeHeldCr } from "./content";
import { noteEarly, noteEarlyBuffer } from "./early";
import { clientEdits, serverEdits } from "./edits";
import { answerWithheld, settle, terminate } from "./enforce";
import { freeEnvelope } from "./envelope";
import { BufferId, bufferLength, closeConnection, continueDownstream, readBuffer, windowStart } from "./host";
import { hit, judgement, protectionOf } from "./judge";
import { Policy } from "./policy/policy";
import { Action } from "./protections/catalogue";
import { Reason } from "./protections/reason";
import { freeQueue } from "./queue";
import { evidence, report } from "./report";
import { freeClientRest, freeServerRest, keepClientRest, keepServerRest, takeClientRest } from "./rest";
import { readServer } from "./server";
import { Fact, Session, SessionMode } from "./sessions";
import { closeSession } from "./slab";

/** What a data callback answers Envoy. */
export const enum Status {
  proceed,
  stop,
}

/** `length` bytes from the client are in the downstream buffer, all that was not sent on yet. */
export function onClient(s: Session, length: u32, end: bool): Status {
  if (end) s.clientEnded = true;
  if (isOpaque(s)) return Status.proceed;
  if (!s.edits) {
    clientEdits.begin(length, false);
    if (end) readRest(s);
    readClientBuffer(s, length);
    if (end && !awaitsReply(s)) readLastRest(s);
    return Status.proceed;
  }
  // Held as a whole; `onServer` takes it up when the reply is there.
  if (awaitsReply(s)) {
    if (length > 0) noteEarlyBuffer(s);
    if (awaitsReply(s)) return hold(s);
  }
  clientEdits.begin(length, true);
  // With the end of stream some replies are no longer waited for: what was kept may hold whole lines.
  if (end) readRest(s);
  readClientBuffer(s, length);
  endClientChunk(s);
  // All was said that can be. In this order Envoy still sends on what was let pass before it closes.
  if (s.finished && s.quitSent) {
    continueDownstream();
    closeConnection();
    return hold(s);
  }
  const pending = s.mode == SessionMode.closing || s.queueLength > s.outstanding || awaitsWithRest(s);
  if (!pending) {
    s.holding = false;
    return Status.proceed;
  }
  // Sending on and holding at once keeps the buffer writable: bytes can follow when the reply is there.
  if (!end || !awaitsWithRest(s)) continueDownstream();
  return hold(s);
}

/** `length` bytes from the server are in the upstream buffer. They are never held there: nothing could release them. */
export function onServer(s: Session, length: u32, end: bool): void {
  if (s.mode == SessionMode.lost || (s.mode == SessionMode.tls && s.serverTlsSeen)) return;
  const waited = awaitsReply(s);
  serverEdits.begin(length, s.edits);
  readServerBuffer(s, length);
  if (end && s.edits) {
    answerWithheld(s);
    // What is left of a reply is not ours to lose.
    if (s.serverRestLength > 0 && !s.finished) serverEdits.write(s.serverRest, s.serverRestLength);
    freeServerRest(s);
  }
  serverEdits.finish();
  if (s.mode == SessionMode.closing || (waited && !awaitsReply(s))) resumeClient(s);
}

/** The connection is gone: gives back all that it held. */
export function onClose(s: Session): void {
  forgetDeadline(s);
  freeClientRest(s);
  freeServerRest(s);
  freeEnvelope(s);
  freeQueue(s);
  closeSession(s);
}

function isOpaque(s: Session): bool {
  return s.mode == SessionMode.lost || (s.mode == SessionMode.tls && s.tlsSeen);
}

function hold(s: Session): Status {
  s.holding = true;
  return Status.stop;
}

function awaitsWithRest(s: Session): bool {
  return s.clientRestLength > 0 && awaitsReply(s);
}

/** Reads the downstream buffer of `length` bytes window by window, behind what was kept of earlier chunks. */
function readClientBuffer(s: Session, length: u32): void {
  let offset: u32 = 0;
  while (offset < length) {
    const left = length - offset;
    // Octets of a payload are counted, not looked at.
    if (s.payload >= <u64>left && clientEdits.isUnchanged) {
      clientEdits.keepUnread(left);
      s.payload -= left;
      return;
    }
    const window = windowStart();
    const got = readBuffer(BufferId.downstream, offset, left, window);
    if (got <= 0) return;
    clientEdits.window = offset;
    const end = window + got;
    if (awaitsReply(s)) holdBack(s, window, got);
    else {
      const kept = s.clientRestLength;
      const start = window - kept;
      if (kept > 0) {
        memory.copy(start, s.clientRest, kept);
        freeClientRest(s);
        // These bytes are not in Envoy's buffer any more.
        clientEdits.drop();
      }
      const stopped = readClient(s, start, end, window);
      if (stopped < end) holdBack(s, stopped, <i32>(end - stopped));
    }
    offset += <u32>got;
  }
}

/** Takes bytes out that cannot be read yet: part of a line, or what a reply has to decide on. */
function holdBack(s: Session, from: usize, length: i32): void {
  clientEdits.drop();
  const most = changetype<Policy>(s.policy).heldBytes;
  if (s.clientRestLength + length > most) {
    endUnread(s, Reason.pending_bytes, from, length);
    return;
  }
  keepClientRest(s, from, length);
  if (awaitsReply(s)) noteEarly(s, s.clientRest, s.clientRest + s.clientRestLength);
}

/**
 * Ends a session whose bytes cannot be read in order, or the inspection of one that is only watched. Whatever mode the
 * protection has: as long as anything prevents, nothing passes unread (design law 4).
 */
function endUnread(s: Session, reason: Reason, from: usize, length: i32): void {
  evidence.bytes(from, min(length, 64), s.asked);
  if (s.edits) {
    report(s, protectionOf(reason), reason, Action.terminate);
    terminate(s, protectionOf(reason));
    return;
  }
  judgement.clear();
  hit(s, reason);
  freeClientRest(s);
  s.mode = SessionMode.lost;
}

/** What must be true at the end of every client chunk that may be edited. */
function endClientChunk(s: Session): void {
  if (s.clientEnded) {
    if (awaitsWithRest(s)) {
      // The end of stream goes out with the next bytes, so nothing could be sent in a second step.
      endUnread(s, Reason.half_closed, s.clientRest, s.clientRestLength);
    } else readLastRest(s);
  }
  settle(s);
  clientEdits.finish();
}

/** Judges what is left of a line when no more will come. */
function readLastRest(s: Session): void {
  writeHeldCr(s);
  const length = s.clientRestLength;
  if (length == 0) return;
  const block = takeClientRest(s);
  clientEdits.drop();
  readLastLine(s, block, block + length);
  heap.free(block);
}

/** Reads what was kept of earlier chunks, as far as it can be read now. */
function readRest(s: Session): void {
  const length = s.clientRestLength;
  if (length == 0 || awaitsReply(s)) return;
  const block = takeClientRest(s);
  const end = block + length;
  // These bytes are not in Envoy's buffer any more.
  clientEdits.drop();
  const stopped = readClient(s, block, end, block);
  if (stopped < end) holdBack(s, stopped, <i32>(end - stopped));
  heap.free(block);
}

/** The awaited reply is there: reads what was held, in memory first, then in Envoy's buffer, and sends it on. */
function resumeClient(s: Session): void {
  if (s.edits && !s.holding) return;
  const held = s.holding ? bufferLength(BufferId.downstream) : 0;
  clientEdits.begin(held, s.edits);
  readRest(s);
  if (!s.edits) {
    s.facts &= ~(Fact.behind_refused_data as u32);
    if (s.clientEnded && !awaitsReply(s)) readLastRest(s);
    return;
  }
  readClientBuffer(s, held);
  s.facts &= ~(Fact.behind_refused_data as u32);
  endClientChunk(s);
  continueDownstream();
}

/** Reads the upstream buffer of `length` bytes window by window, behind what was kept of an unfinished reply. */
function readServerBuffer(s: Session, length: u32): void {
  let offset: u32 = 0;
  while (offset < length) {
    const window = windowStart();
    const got = readBuffer(BufferId.upstream, offset, length - offset, window);
    if (got <= 0) return;
    serverEdits.window = offset;
    const end = window + got;
    const start = window - s.serverRestLength;
    if (s.serverRestLength > 0) {
      memory.copy(start, s.serverRest, s.serverRestLength);
      freeServerRest(s);
      serverEdits.drop();
    }
    const stopped = readServer(s, start, end);
    if (stopped < end) {
      serverEdits.drop();
      keepServerRest(s, stopped, <i32>(end - stopped));
    }
    offset += <u32>got;
  }
}
