import { Addresses, Policy } from "../policy/policy";
import { mayHoldAddress } from "../smtp/address-bytes";
import { giveBack, mayTake, take } from "./memory";
import { HELO_MAX, heloOf, Session } from "./session";

/** Bytes kept of a path: RFC 5321 4.5.3.1.3 gives a path 256. */
export const PATH_MAX: i32 = 256;
/** Its layout: the two lengths, what only the envelope of a transaction that is over has, the paths. */
const OWNER: usize = 4;
const EARLIER: usize = 8;
const LATER: usize = 12;
const FROM: usize = 16;
const TO: usize = FROM + <usize>PATH_MAX;
const BLOCK_SIZE: usize = TO + <usize>PATH_MAX;

/**
 * Blocks that ended transactions left: the next ones take them, so that a message costs no search of the heap. First those of
 * nobody, linked by their first word; then those of sessions that may yet begin another transaction or end, oldest first:
 * until somebody else needs it, a session's record has its last envelope from there.
 */
let spares: usize = 0;
let oldest: usize = 0;
let newest: usize = 0;
let spareCount: i32 = 0;
/** A worker passes some 2,000 messages a second at most, and a client takes 100 ms to say QUIT; 132 KiB. */
const SPARES_MOST: i32 = 256;

/** Keeps the name that HELO or EHLO gave, cut to what a session has room for. */
export function keepHelo(s: Session, from: usize, length: usize): void {
  // An address must be seen as one also where it is cut.
  const hidden = length > <usize>HELO_MAX && changetype<Policy>(s.policy).addresses != Addresses.full;
  s.heloLength = hidden && mayHoldAddress(from, from + length) ? 0 : <u8>min(length, <usize>HELO_MAX);
  memory.copy(heloOf(s), from, s.heloLength);
}

/** Begins a transaction with the reverse-path [from, from + length). */
export function keepMailFrom(s: Session, from: usize, length: usize): void {
  if (s.envelope == 0) s.envelope = takeBlock(s);
  // Without room for it the events of this transaction name nobody.
  if (s.envelope == 0) return;
  const kept = min(length, <usize>PATH_MAX);
  store<u16>(s.envelope, <u16>kept);
  store<u16>(s.envelope + 2, 0);
  store<usize>(s.envelope + OWNER, 0);
  memory.copy(s.envelope + FROM, from, kept);
}

/** Keeps the forward-path of the latest RCPT; without a transaction there is nothing to keep it in. */
export function keepRcptTo(s: Session, from: usize, length: usize): void {
  if (s.envelope == 0) return;
  const kept = min(length, <usize>PATH_MAX);
  store<u16>(s.envelope + 2, <u16>kept);
  memory.copy(s.envelope + TO, from, kept);
}

/** Ends the transaction: an idle session costs its slot only, and its envelope is kept as long as nobody needs the room. */
export function endEnvelope(s: Session): void {
  const block = s.envelope;
  if (block == 0 || isOver(block)) return;
  store<usize>(block + OWNER, changetype<usize>(s));
  store<usize>(block + EARLIER, newest);
  store<usize>(block + LATER, 0);
  if (newest != 0) store<usize>(newest + LATER, block);
  else oldest = block;
  newest = block;
  spareCount++;
  if (spareCount > SPARES_MOST) giveBack(takeSpare(), BLOCK_SIZE);
}

/** Forgets the envelope, of a transaction that is over or not. */
export function freeEnvelope(s: Session): void {
  const block = s.envelope;
  if (block == 0) return;
  if (isOver(block)) disown(block);
  else if (spareCount == SPARES_MOST) {
    s.envelope = 0;
    giveBack(block, BLOCK_SIZE);
    return;
  } else spareCount++;
  s.envelope = 0;
  store<usize>(block, spares);
  spares = block;
}

/** Whether there is an envelope of a running transaction: events show it. */
export function hasEnvelope(s: Session): bool {
  return s.envelope != 0 && !isOver(s.envelope);
}

function isOver(block: usize): bool {
  return load<usize>(block + OWNER) != 0;
}

/** Takes `block` out of the list of those that are over. */
function disown(block: usize): void {
  const earlier = load<usize>(block + EARLIER);
  const later = load<usize>(block + LATER);
  if (earlier != 0) store<usize>(earlier + LATER, later);
  else oldest = later;
  if (later != 0) store<usize>(later + EARLIER, earlier);
  else newest = earlier;
}

/** Takes a block of nobody, or else the one that has been over for longest from its session; there is one. */
function takeSpare(): usize {
  spareCount--;
  const block = spares;
  if (block != 0) {
    spares = load<usize>(block);
    return block;
  }
  const last = oldest;
  disown(last);
  changetype<Session>(load<usize>(last + OWNER)).envelope = 0;
  return last;
}

function takeBlock(s: Session): usize {
  if (spares != 0) return takeSpare();
  if (mayTake(s, BLOCK_SIZE, 0)) return take(BLOCK_SIZE);
  return oldest == 0 ? 0 : takeSpare();
}

export function mailFrom(s: Session): usize {
  return s.envelope + FROM;
}

export function mailFromLength(s: Session): i32 {
  return load<u16>(s.envelope);
}

export function rcptTo(s: Session): usize {
  return s.envelope + TO;
}

export function rcptToLength(s: Session): i32 {
  return load<u16>(s.envelope + 2);
}
