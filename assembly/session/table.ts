import { giveBack, isWithin, take } from "./memory";
import { Session, SESSION_SIZE } from "./session";

/** More open connections than this in one VM are refused: they would take 64 MiB of the module's 256. */
export const SESSIONS_MAX: i32 = 262144;

const PER_BLOCK: usize = 64;
const BLOCK_SIZE: usize = SESSION_SIZE * PER_BLOCK;

let free: usize = 0;
let open: i32 = 0;
let buckets: usize = 0;
let bucketCount: u32 = 0;

/**
 * Makes the session of stream `context`; null when too many are open or `budget`, the bytes that all connections may
 * take, has no room. A context that is known keeps its session.
 */
export function openSession(context: u32, budget: usize): Session | null {
  const known = findSession(context);
  if (known) return known;
  if (open >= SESSIONS_MAX || !hasRoom(budget)) return null;
  if (<u32>open >= bucketCount) grow();
  if (free == 0) addBlock();
  const address = free;
  const s = changetype<Session>(address);
  free = s.chain;
  memory.fill(address, 0, SESSION_SIZE);
  s.context = context;
  const bucket = bucketOf(context);
  s.chain = load<usize>(bucket);
  store<usize>(bucket, address);
  open++;
  return s;
}

/** Whether `budget` has room for what one more session may need: a block of slots and a larger table. */
function hasRoom(budget: usize): bool {
  if (free != 0 && <u32>open < bucketCount) return true;
  return isWithin(budget, BLOCK_SIZE + ((<usize>bucketCount) << 3));
}

/** The session of stream `context`, or null. */
export function findSession(context: u32): Session | null {
  if (bucketCount == 0) return null;
  let at = load<usize>(bucketOf(context));
  while (at != 0) {
    const s = changetype<Session>(at);
    if (s.context == context) return s;
    at = s.chain;
  }
  return null;
}

/** Gives the slot of `s` back; whatever it points to must have been freed. */
export function closeSession(s: Session): void {
  const address = changetype<usize>(s);
  let link = bucketOf(s.context);
  while (load<usize>(link) != 0) {
    const at = load<usize>(link);
    if (at == address) {
      store<usize>(link, s.chain);
      s.chain = free;
      free = address;
      open--;
      return;
    }
    // `chain` is the first field, so a session's address is the address of its link.
    link = at;
  }
}

function bucketOf(context: u32): usize {
  return buckets + ((<usize>(context & (bucketCount - 1))) << 2);
}

function addBlock(): void {
  let at = take(BLOCK_SIZE);
  for (let i: usize = 0; i < PER_BLOCK; i++) {
    store<usize>(at, free);
    free = at;
    at += SESSION_SIZE;
  }
}

/** Doubles the table. Context ids only grow, so their low bits spread evenly. */
function grow(): void {
  const old = buckets;
  const oldCount = bucketCount;
  bucketCount = max(oldCount << 1, 64);
  buckets = take((<usize>bucketCount) << 2);
  memory.fill(buckets, 0, (<usize>bucketCount) << 2);
  for (let i: u32 = 0; i < oldCount; i++) {
    let at = load<usize>(old + ((<usize>i) << 2));
    while (at != 0) {
      const s = changetype<Session>(at);
      const next = s.chain;
      const bucket = bucketOf(s.context);
      s.chain = load<usize>(bucket);
      store<usize>(bucket, at);
      at = next;
    }
  }
  if (old != 0) giveBack(old, (<usize>oldCount) << 2);
}
