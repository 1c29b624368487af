import { clientEdits, serverEdits } from "../envoy/edits";
import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Reason } from "../protections/reason";
import {
  freeClientRest,
  freeServerRest,
  keepClientRest,
  keepServerRest,
  takeClientRest,
} from "../session/rest";
import { Fact, Session, SessionMode } from "../session/session";
import { awaitsReply } from "../session/waiting";
import { endUnread } from "../verdict/enforce";
import { countPayload, readClient, readLastLine } from "./client";
import { endData } from "./data";
import { noteEarly } from "./early";
import { readServer } from "./server";

/** Reads the downstream buffer of `length` bytes window by window, behind what was kept of earlier chunks. */
export function readClientBuffer(s: Session, length: u32): void {
  let offset: u32 = 0;
  while (offset < length) {
    const left = length - offset;
    // Octets of a payload are counted, not looked at.
    if (s.payload >= <u64>left && clientEdits.isUnchanged) {
      clientEdits.keepUnread(left);
      countPayload(s, left);
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
    if (awaitsReply(s)) noteEarly(s, from, from + length, length);
    if (s.mode == SessionMode.closing) return;
    endUnread(s, Reason.pending_bytes, from, length);
    return;
  }
  keepClientRest(s, from, length);
  if (awaitsReply(s)) noteEarly(s, s.clientRest, s.clientRest + s.clientRestLength, s.clientRestLength);
}

/** Judges what is left of a line when no more will come. */
export function readLastRest(s: Session): void {
  endData(s);
  const length = s.clientRestLength;
  if (length == 0) return;
  const block = takeClientRest(s);
  clientEdits.drop();
  readLastLine(s, block, block + length);
  heap.free(block);
}

/** Reads what was kept of earlier chunks, as far as it can be read now. */
export function readRest(s: Session): void {
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

/** Reads what was kept of the client's bytes where nothing is held, now that the awaited reply is there. */
export function readWatchedRest(s: Session): void {
  clientEdits.begin(0, false);
  readRest(s);
  s.facts &= ~(Fact.behind_refused_data as u32);
  if (s.clientEnded && !awaitsReply(s)) readLastRest(s);
}

/** Reads the upstream buffer of `length` bytes window by window, behind what was kept of an unfinished reply. */
export function readServerBuffer(s: Session, length: u32): void {
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
    let stopped = readServer(s, start, end);
    // Only where nothing is held can the server have answered what waits for this very reply.
    for (let at = start; stopped > at && stopped < end; stopped = readServer(s, at, end)) {
      at = stopped;
      if (!s.edits) readWatchedRest(s);
    }
    if (stopped < end) {
      serverEdits.drop();
      keepServerRest(s, stopped, <i32>(end - stopped));
    }
    offset += <u32>got;
  }
}
