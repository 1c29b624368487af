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
}

/** How many client bytes are kept. */
export function clientRestLength(s: Session): i32 {
  return lengthOf(s.clientRest);
}

/** Where the kept client bytes stand; they must not be none. */
export function clientRestStart(s: Session): usize {
  return startOf(s.clientRest);
}

/** Appends client bytes to what is kept. */
export function keepClientRest(s: Session, from: usize, length: i32): void {
  if (length > 0) s.clientRest = append(s.clientRest, from, length);
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
  if (b.start == b.end || s.clientRest != 0) heap.free(block);
  else s.clientRest = block;
}

export function freeClientRest(s: Session): void {
  if (s.clientRest != 0) heap.free(s.clientRest);
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

/** Appends server bytes to what is kept. */
export function keepServerRest(s: Session, from: usize, length: i32): void {
  if (length > 0) s.serverRest = append(s.serverRest, from, length);
}

export function freeServerRest(s: Session): void {
  if (s.serverRest != 0) heap.free(s.serverRest);
  s.serverRest = 0;
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

function append(block: usize, from: usize, length: i32): usize {
  const kept = lengthOf(block);
  if (block == 0) block = moved(0, 0, capacityFor(length));
  else if (changetype<Block>(block).end + length > changetype<Block>(block).capacity) {
    block = makeRoom(block, kept, length);
  }
  const b = changetype<Block>(block);
  memory.copy(bytesOf(block) + <usize>b.end, from, length);
  b.end += length;
  return block;
}

/**
 * A block with the `kept` bytes and room for `length` more behind them. Where a quarter of the room was read already
 * they move to its start, so that a byte is moved three times at most on average; else they get more room.
 */
function makeRoom(block: usize, kept: i32, length: i32): usize {
  const b = changetype<Block>(block);
  if (b.start < b.capacity >> 2 || kept + length > b.capacity) {
    return moved(block, kept, capacityFor(max(kept + length, b.start > 0 ? b.capacity + 1 : 0)));
  }
  memory.copy(bytesOf(block), startOf(block), kept);
  b.start = 0;
  b.end = kept;
  return block;
}

/** A block of `capacity` bytes that holds the `kept` ones of `old`, which is freed. */
function moved(old: usize, kept: i32, capacity: i32): usize {
  const block = heap.alloc(offsetof<Block>() + <usize>capacity);
  const b = changetype<Block>(block);
  b.capacity = capacity;
  b.start = 0;
  b.end = kept;
  if (old != 0) {
    memory.copy(bytesOf(block), startOf(old), kept);
    heap.free(old);
  }
  return block;
}

/** The next power of two, at least 64: part of a short command costs no more. */
function capacityFor(length: i32): i32 {
  let capacity = 64;
  while (capacity < length) capacity <<= 1;
  return capacity;
}
