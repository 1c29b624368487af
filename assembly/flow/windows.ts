import { clientEdits, serverEdits } from "../envoy/edits";
import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Reason } from "../protections/generated-reasons";
import {
  clientRestLength,
  clientRestStart,
  freeClientRest,
  freeServerRest,
  giveClientRestBack,
  keepClientRest,
  keepServerRest,
  lengthOf,
  noteServerLines,
  serverRestLength,
  serverRestLines,
  serverRestStart,
  serverRestTail,
  startOf,
  takeClientRest,
} from "../session/rest";
import { Session, SessionMode, Skip } from "../session/session";
import { awaitsReply, awaitsWithRest } from "../session/waiting";
import { endsReply, LINE_HEAD, REPLY_LINES_MAX } from "../smtp/reply";
import { findByte } from "../smtp/scan";
import { endOverMemory, endReplyOverMemory, endUnread, noteShadowEnd } from "../verdict/enforce";
import { readClient, readLastLine } from "./client";
import { endData } from "./data";
import { judgeEarly } from "./early";
import { readsPayload, skimPayload } from "./message";
import { countPayload, noteRead } from "./payload";
import { readServer } from "./server";

/** Reads the downstream buffer of `length` bytes window by window, after what was kept of earlier chunks. */
export function readClientBuffer(s: Session, length: u32): void {
  let offset: u32 = 0;
  while (offset < length) {
    const left = length - offset;
    if (s.payload >= <u64>left && clientEdits.isUnchanged && passPayload(s, offset, left)) return;
    const window = windowStart();
    const got = readBuffer(BufferId.downstream, offset, left, window);
    if (got <= 0) return;
    clientEdits.window = offset;
    readClientWindow(s, window, got);
    offset += <u32>got;
  }
}

/** Lets the `left` octets at `offset`, all of a payload, pass without reading them whole; false where they must be read. */
function passPayload(s: Session, offset: u32, left: u32): bool {
  if (!readsPayload(s)) clientEdits.passUnread(left);
  else if (left <= LEAST_SKIMMED || !skimPayload(s, offset, left)) return false;
  if (s.mode == SessionMode.closing) return true;
  countPayload(s, left);
  noteRead(s, left);
  return true;
}

/** Octets of a payload that are read whole as cheaply. */
const LEAST_SKIMMED: u32 = 4096;

function readClientWindow(s: Session, window: usize, got: i32): void {
  const end = window + got;
  const kept = clientRestLength(s);
  if (awaitsReply(s) || isMoreOfLine(s, kept, window, end)) {
    holdBack(s, window, got);
    return;
  }
  const start = window - kept;
  if (kept > 0) {
    memory.copy(start, clientRestStart(s), kept);
    freeClientRest(s);
    // These bytes are not in Envoy's buffer any more.
    clientEdits.drop();
  }
  const stopped = readClient(s, start, end, window);
  if (stopped < end) holdBack(s, stopped, <i32>(end - stopped));
}

/**
 * Whether [window, end) goes on with the line of which `kept` bytes are kept, and does not end it: nothing can be said
 * of it yet, and what is kept need not be looked at again. Two bytes show that it is no TLS record.
 */
function isMoreOfLine(s: Session, kept: i32, window: usize, end: usize): bool {
  if (kept < 2 || s.skip != Skip.none || s.payload > 0 || s.payloadMayFollow) return false;
  if (s.mode != SessionMode.command && s.mode != SessionMode.auth) return false;
  if (kept + <i32>(end - window) > changetype<Policy>(s.policy).commandLineBytes) return false;
  return findByte(window, end, 0x0a) == end;
}

/** Takes bytes out that cannot be read yet: part of a line, or what a reply has to decide on. */
function holdBack(s: Session, from: usize, length: i32): void {
  clientEdits.drop();
  const most = changetype<Policy>(s.policy).heldBytes;
  if (clientRestLength(s) + length > most) {
    if (awaitsReply(s) && judgeEarly(s, from, from + length, length)) return;
    endUnread(s, Reason.too_many_pending_bytes, from, length);
    return;
  }
  if (!keepClientRest(s, from, length)) {
    endOverMemory(s, from, length);
    return;
  }
  if (awaitsReply(s)) {
    const start = clientRestStart(s);
    judgeEarly(s, start, start + clientRestLength(s), clientRestLength(s));
  }
}

/** Judges what is left of a line when no more will come. */
export function readLastRest(s: Session): void {
  endData(s);
  const length = clientRestLength(s);
  if (length == 0) return;
  const block = takeClientRest(s);
  const end = startOf(block) + length;
  clientEdits.drop();
  readLastLine(s, startOf(block), end);
  giveClientRestBack(s, block, end);
}

/** Reads what was kept of earlier chunks, as far as it can be read now. */
export function readRest(s: Session): void {
  if (clientRestLength(s) == 0 || awaitsReply(s)) return;
  const block = takeClientRest(s);
  const start = startOf(block);
  const end = start + lengthOf(block);
  // These bytes are not in Envoy's buffer any more.
  clientEdits.drop();
  const stopped = readClient(s, start, end, start);
  giveClientRestBack(s, block, stopped);
  if (stopped < end && awaitsReply(s)) judgeEarly(s, stopped, end, <u32>(end - stopped));
}

/** Reads what was kept of the client's bytes where nothing is held, now that the awaited reply is there. */
export function readWatchedRest(s: Session): void {
  clientEdits.begin(0, false);
  readRest(s);
  if (!s.clientEnded) return;
  noteHalfClosed(s);
  if (!awaitsReply(s)) readLastRest(s);
}

/** The client's stream has ended, and what was kept waits for a reply: nothing could be sent on after that. */
export function noteHalfClosed(s: Session): void {
  if (s.shadow == 0 || !awaitsWithRest(s)) return;
  noteShadowEnd(s, Reason.non_compliant_smtp_half_closed, clientRestStart(s), clientRestLength(s));
}

/** Reads the upstream buffer of `length` bytes window by window, after what was kept of an unfinished reply. */
export function readServerBuffer(s: Session, length: u32): void {
  let offset: u32 = 0;
  while (offset < length) {
    const window = windowStart();
    const got = readBuffer(BufferId.upstream, offset, length - offset, window);
    if (got <= 0) return;
    serverEdits.window = offset;
    readServerWindow(s, window, got);
    offset += <u32>got;
  }
}

function readServerWindow(s: Session, window: usize, got: i32): void {
  const end = window + got;
  const kept = serverRestLength(s);
  if (isMoreOfReply(s, kept, window, end)) {
    keepPartOfReply(s, window, got);
    return;
  }
  const start = window - kept;
  if (kept > 0) {
    memory.copy(start, serverRestStart(s), kept);
    freeServerRest(s);
    serverEdits.drop();
  }
  let stopped = readServer(s, start, end);
  // Only where nothing is held can the server have answered what waits for this very reply.
  for (let at = start; stopped > at && stopped < end; stopped = readServer(s, at, end)) {
    at = stopped;
    if (!s.edits) readWatchedRest(s);
  }
  if (stopped == end) return;
  keepPartOfReply(s, stopped, <i32>(end - stopped));
  if (serverRestLength(s) > 0) countLines(s, stopped, end);
}

function keepPartOfReply(s: Session, from: usize, length: i32): void {
  serverEdits.drop();
  if (!keepServerRest(s, from, length)) endReplyOverMemory(s, from, length);
}

/** Notes how many whole lines there are in [from, to), the beginning of a reply that was kept just now. */
function countLines(s: Session, from: usize, to: usize): void {
  let count = 0;
  let at = from;
  for (let lf = findByte(at, to, 0x0a); lf < to; lf = findByte(at, to, 0x0a)) {
    count++;
    at = lf + 1;
  }
  noteServerLines(s, count, <i32>(at - from));
}

/**
 * Whether [window, end) goes on with the reply of which `kept` bytes are kept, and does not end it. Only the last line
 * of what is kept is looked at, so that a reply is read twice at most, however it was cut.
 */
function isMoreOfReply(s: Session, kept: i32, window: usize, end: usize): bool {
  // Its fourth octet shows whether a greeting has several lines (early.ts).
  if (s.mode == SessionMode.greeting && kept < 4) return false;
  if (kept == 0 || s.finished || s.mode == SessionMode.tls || s.mode == SessionMode.lost) return false;
  if (kept + <i32>(end - window) >= changetype<Policy>(s.policy).replyBytes) return false;
  const first = findByte(window, end, 0x0a);
  if (first == end) return true;
  let count = serverRestLines(s);
  let at = window - serverRestTail(s);
  for (let lf = first; lf < end; lf = findByte(at, end, 0x0a)) {
    // The line's beginning is kept: as much of it as says what it is goes where it was, right before the window.
    if (at < window) memory.copy(at, serverRestStart(s) + kept - (window - at), min(window - at, LINE_HEAD));
    if (count == REPLY_LINES_MAX || endsReply(at, lf + 1, count == 0)) return false;
    count++;
    at = lf + 1;
  }
  noteServerLines(s, count, kept + <i32>(at - window));
  return true;
}
