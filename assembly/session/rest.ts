import { giveBack, mayTake, noteHeld, take } from "./memory";
import { Session } from "./session";

/**
 * Bytes taken out of a direction because they cannot be read yet: part of a line or reply, or what waits for a reply.
 * They stand in a block that grows by doubling and is given back as soon as it is empty, so an idle session has none.
 * What was read of it is passed over by a position, not by a copy: work stays linear in the bytes that arrive.
 */
@unmanaged
class Block {
  /** Room for bytes, those of the header not counted. */
  capacity: i32 = 0;
  /** The kept bytes are [start, end) of it. */
  start: i32 = 0;
  end: i32 = 0;
  /** Of a reply: its whole lines, and how many bytes they have, so that what goes on with it is read from there. */
  lines: i32 = 0;
  linesEnd: i32 = 0;
}

/** How many client bytes are kept. */
export function clientRestLength(s: Session): i32 {
  return lengthOf(s.clientRest);
}

/** Where the kept client bytes stand; they must not be none. */
export function clientRestStart(s: Session): usize {
  return startOf(s.clientRest);
}

/** Appends client bytes to what is kept; false, and nothing kept, when the VM has no room for them. */
export function keepClientRest(s: Session, from: usize, length: i32): bool {
  if (length <= 0) return true;
  const block = withRoom(s, s.clientRest, length);
  if (block == 0) return false;
  s.clientRest = block;
  append(block, from, length);
  return true;
}

/**
 * Hands the kept client bytes over to the caller while they are read, as a block whose bytes start at
 * `startOf(block)`; `giveClientRestBack` ends that.
 */
export function takeClientRest(s: Session): usize {
  const block = s.clientRest;
  s.clientRest = 0;
  return block;
}

/** Keeps what is left of a block taken by `takeClientRest`, from address `at` on; nothing left frees it. */
export function giveClientRestBack(s: Session, block: usize, at: usize): void {
  const b = changetype<Block>(block);
  b.start = <i32>(at - bytesOf(block));
  if (b.start == b.end || s.clientRest != 0) free(block);
  else s.clientRest = block;
}

export function freeClientRest(s: Session): void {
  if (s.clientRest != 0) free(s.clientRest);
  s.clientRest = 0;
}

/** How many server bytes are kept. */
export function serverRestLength(s: Session): i32 {
  return lengthOf(s.serverRest);
}

/** Where the kept server bytes stand; they must not be none. */
export function serverRestStart(s: Session): usize {
  return startOf(s.serverRest);
}

/** How many whole lines the kept server bytes have; there must be some bytes. */
export function serverRestLines(s: Session): i32 {
  return changetype<Block>(s.serverRest).lines;
}

/** How many of the kept server bytes come after their whole lines; there must be some bytes. */
export function serverRestTail(s: Session): i32 {
  const b = changetype<Block>(s.serverRest);
  return b.end - b.start - b.linesEnd;
}

/** Notes that the kept server bytes begin with `lines` whole lines of `bytes` together; there must be some bytes. */
export function noteServerLines(s: Session, lines: i32, bytes: i32): void {
  const b = changetype<Block>(s.serverRest);
  b.lines = lines;
  b.linesEnd = bytes;
}

/** Appends server bytes to what is kept; false, and nothing kept, when the VM has no room for them. */
export function keepServerRest(s: Session, from: usize, length: i32): bool {
  if (length <= 0) return true;
  const block = withRoom(s, s.serverRest, length);
  if (block == 0) return false;
  s.serverRest = block;
  append(block, from, length);
  return true;
}

export function freeServerRest(s: Session): void {
  if (s.serverRest != 0) free(s.serverRest);
  s.serverRest = 0;
}

/** Keeps the line in which the client greets; false when the VM has no room for it. */
export function keepHello(s: Session, from: usize, length: i32): bool {
  freeHello(s);
  s.hello = withRoom(s, 0, length);
  if (s.hello != 0) append(s.hello, from, length);
  return s.hello != 0;
}

export function freeHello(s: Session): void {
  if (s.hello != 0) free(s.hello);
  s.hello = 0;
}

/** How many bytes a block keeps. */
export function lengthOf(block: usize): i32 {
  if (block == 0) return 0;
  const b = changetype<Block>(block);
  return b.end - b.start;
}

/** Address of the first byte that a block keeps. */
export function startOf(block: usize): usize {
  return bytesOf(block) + <usize>changetype<Block>(block).start;
}

function bytesOf(block: usize): usize {
  return block + offsetof<Block>();
}

function append(block: usize, from: usize, length: i32): void {
  const b = changetype<Block>(block);
  memory.copy(bytesOf(block) + <usize>b.end, from, length);
  b.end += length;
}

/**
 * `block`, or the one that takes its place, with room for `length` bytes after those kept; 0 when there is none. Where
 * a quarter of the room was read already the kept bytes move to its start, so that a byte is moved three times at most
 * on average; else they get more room.
 */
function withRoom(s: Session, block: usize, length: i32): usize {
  if (block == 0) return moved(s, 0, 0, capacityFor(length));
  const b = changetype<Block>(block);
  if (b.end + length <= b.capacity) return block;
  const kept = b.end - b.start;
  if (b.start < b.capacity >> 2 || kept + length > b.capacity) {
    return moved(s, block, kept, capacityFor(max(kept + length, b.start > 0 ? b.capacity + 1 : 0)));
  }
  memory.copy(bytesOf(block), startOf(block), kept);
  b.start = 0;
  b.end = kept;
  return block;
}

/** A block of `capacity` bytes that holds the `kept` ones of `old`, which is freed; 0 when there is no room. */
function moved(s: Session, old: usize, kept: i32, capacity: i32): usize {
  if (!mayTake(s, sizeFor(capacity), old == 0 ? 0 : sizeFor(changetype<Block>(old).capacity))) return 0;
  const block = take(sizeFor(capacity));
  noteHeld(sizeFor(capacity));
  const b = changetype<Block>(block);
  b.capacity = capacity;
  b.start = 0;
  b.end = kept;
  b.lines = b.linesEnd = 0;
  if (old != 0) {
    b.lines = changetype<Block>(old).lines;
    b.linesEnd = changetype<Block>(old).linesEnd;
    memory.copy(bytesOf(block), startOf(old), kept);
    free(old);
  }
  return block;
}

function free(block: usize): void {
  const size = sizeFor(changetype<Block>(block).capacity);
  noteHeld(-(<isize>size));
  giveBack(block, size);
}

function sizeFor(capacity: i32): usize {
  return offsetof<Block>() + <usize>capacity;
}

/** The next power of two, at least 64: part of a short command costs no more. */
function capacityFor(length: i32): i32 {
  let capacity = 64;
  while (capacity < length) capacity <<= 1;
  return capacity;
}
