import { Session } from "./session";

/**
 * Bytes taken out of a direction because they cannot be read yet: part of a line or reply, or what waits for a reply.
 * The block grows by doubling and is given back as soon as it is empty, so an idle session keeps none.
 */

/** Appends client bytes to what is kept. */
export function keepClientRest(s: Session, from: usize, length: i32): void {
  if (length <= 0) return;
  const wanted = s.clientRestLength + length;
  if (wanted > s.clientRestCapacity) {
    s.clientRestCapacity = capacityFor(wanted);
    s.clientRest = resize(s.clientRest, s.clientRestCapacity);
  }
  memory.copy(s.clientRest + s.clientRestLength, from, length);
  s.clientRestLength = wanted;
}

/** Hands the kept client bytes over to the caller, who frees them with `heap.free`. */
export function takeClientRest(s: Session): usize {
  const block = s.clientRest;
  s.clientRest = 0;
  s.clientRestLength = s.clientRestCapacity = 0;
  return block;
}

export function freeClientRest(s: Session): void {
  const block = takeClientRest(s);
  if (block != 0) heap.free(block);
}

/** Appends server bytes to what is kept. */
export function keepServerRest(s: Session, from: usize, length: i32): void {
  if (length <= 0) return;
  const wanted = s.serverRestLength + length;
  if (wanted > s.serverRestCapacity) {
    s.serverRestCapacity = capacityFor(wanted);
    s.serverRest = resize(s.serverRest, s.serverRestCapacity);
  }
  memory.copy(s.serverRest + s.serverRestLength, from, length);
  s.serverRestLength = wanted;
}

export function freeServerRest(s: Session): void {
  if (s.serverRest != 0) heap.free(s.serverRest);
  s.serverRest = 0;
  s.serverRestLength = s.serverRestCapacity = 0;
}

function resize(block: usize, capacity: i32): usize {
  return block == 0 ? heap.alloc(capacity) : heap.realloc(block, capacity);
}

/** The next power of two, at least 64: part of a short command costs no more. */
function capacityFor(length: i32): i32 {
  let capacity = 64;
  while (capacity < length) capacity <<= 1;
  return capacity;
}
