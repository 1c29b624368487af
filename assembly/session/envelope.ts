import { Addresses, Policy } from "../policy/policy";
import { mayHoldAddress } from "../smtp/address-bytes";
import { giveBack, mayTake, take } from "./memory";
import { HELO_MAX, heloOf, Session } from "./session";

/** Bytes kept of a path: RFC 5321 4.5.3.1.3 gives a path 256. */
export const PATH_MAX: i32 = 256;
const FROM: usize = 4;
const TO: usize = FROM + <usize>PATH_MAX;
const BLOCK_SIZE: usize = TO + <usize>PATH_MAX;

/** Blocks that ended transactions left: the next ones take them, so that a message costs no search of the heap. */
let spares: usize = 0;
let spareCount: i32 = 0;
/** As many transactions begin and end at once on a busy worker; 32 KiB. */
const SPARES_MOST: i32 = 64;

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
  memory.copy(s.envelope + FROM, from, kept);
}

/** Keeps the forward-path of the latest RCPT; without a transaction there is nothing to keep it in. */
export function keepRcptTo(s: Session, from: usize, length: usize): void {
  if (s.envelope == 0) return;
  const kept = min(length, <usize>PATH_MAX);
  store<u16>(s.envelope + 2, <u16>kept);
  memory.copy(s.envelope + TO, from, kept);
}

/** Ends the transaction: an idle session costs its slot only. */
export function freeEnvelope(s: Session): void {
  const block = s.envelope;
  if (block == 0) return;
  s.envelope = 0;
  if (spareCount == SPARES_MOST) {
    giveBack(block, BLOCK_SIZE);
    return;
  }
  store<usize>(block, spares);
  spares = block;
  spareCount++;
}

function takeBlock(s: Session): usize {
  const block = spares;
  if (block == 0) return mayTake(s, BLOCK_SIZE, 0) ? take(BLOCK_SIZE) : 0;
  spares = load<usize>(block);
  spareCount--;
  return block;
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
