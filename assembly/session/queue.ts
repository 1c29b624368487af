import { giveBack, mayTake, take } from "./memory";
import { Session } from "./session";
import { Verb } from "../smtp/verb";

/** What an entry of the queue of outstanding commands stands for. */
export const enum Outstanding {
  /** A command of the client that the server will answer. */
  forwarded,
  /** A command that was kept from the server; its reply is ours. */
  withheld,
  /** The end of the session, reported to the client in this place. */
  termination,
  /** A command of ours: its reply is swallowed. */
  stand_in,
  /** A command of the client that gets a reply of ours for another reason than a protection: an `OwnReply`. */
  own_reply,
  /** A command of ours to set up TLS with the server: its reply is ours to read. */
  own_command,
}

/** Entries that fit into the session itself: a lock-step client never has more. Capacities are powers of two. */
const INLINE: u16 = 4;

/**
 * A queue that has as many entries takes no further lines: the largest capacity below 2^16, less what one line may add.
 * It is four times what `limits.pending_commands` allows at most, and so met only where that limit does not prevent.
 */
const FULL: u16 = 16384 - 16;

/** Entries that one line may add: its own, an end of session, a stand-in. */
const LINE_MOST: u16 = 3;

/** Whether no further line may be read, since its entries could not be counted. */
export function isQueueFull(s: Session): bool {
  return s.queueLength >= FULL;
}

/** Whether no further line may be read, since the VM has no room for its entries. */
export function lacksQueueRoom(s: Session): bool {
  if (s.queueLength + LINE_MOST <= capacityOf(s)) return false;
  return !mayTake(s, sizeOf(capacityOf(s) * 4), sizeOf(s.queueCapacity));
}

/** Appends an entry; `value` is the verb of what the server gets, or the protection that withheld it. */
export function pushEntry(s: Session, kind: Outstanding, value: u8): void {
  if (s.queueLength == capacityOf(s)) grow(s);
  store<u16>(slot(s, s.queueLength), ((<u16>kind) << 8) | (<u16>value));
  s.queueLength++;
  count(s, kind, value, 1);
}

/** Kind of the oldest entry; the queue must not be empty. */
export function headKind(s: Session): Outstanding {
  return load<u8>(slot(s, 0) + 1);
}

/** Verb or protection of the oldest entry; the queue must not be empty. */
export function headValue(s: Session): u8 {
  return load<u8>(slot(s, 0));
}

/** Removes the oldest entry. */
export function popEntry(s: Session): void {
  const entry: u32 = load<u16>(slot(s, 0));
  count(s, <Outstanding>(entry >> 8), <u8>entry, -1);
  s.queueLength--;
  if (s.queueLength == 0) freeQueue(s);
  else s.queueHead = (s.queueHead + 1) & (capacityOf(s) - 1);
}

/** Gives back the memory of a queue that outgrew the session. */
export function freeQueue(s: Session): void {
  freeBlock(s);
  s.queueCapacity = 0;
  s.queueHead = 0;
}

/** Forgets all that is outstanding, of a session that is not read any more. */
export function forgetQueue(s: Session): void {
  s.queueLength = s.outstanding = s.mailsOutstanding = s.endsOutstanding = 0;
  freeQueue(s);
}

/** Keeps the counts of what the server has yet to answer, so that nobody has to search the queue for it. */
function count(s: Session, kind: Outstanding, value: u8, by: i32): void {
  if (kind != Outstanding.forwarded && kind != Outstanding.stand_in && kind != Outstanding.own_command)
    return;
  s.outstanding += <u16>by;
  if (kind != Outstanding.forwarded) return;
  if (value == <u8>Verb.mail) s.mailsOutstanding += <u16>by;
  else if (value == <u8>Verb.end_of_data) s.endsOutstanding += <u16>by;
}

function sizeOf(capacity: u16): usize {
  return (<usize>capacity) << 1;
}

function capacityOf(s: Session): u16 {
  return s.queueCapacity == 0 ? INLINE : s.queueCapacity;
}

function slot(s: Session, index: u16): usize {
  const base = s.queueCapacity == 0 ? changetype<usize>(s) + offsetof<Session>("queue") : blockOf(s);
  return base + ((<usize>((<u32>s.queueHead + <u32>index) & (<u32>capacityOf(s) - 1))) << 1);
}

/** The block of a queue that outgrew the session: then its address stands where the entries were. */
function blockOf(s: Session): usize {
  return <usize>s.queue;
}

function freeBlock(s: Session): void {
  if (s.queueCapacity != 0) giveBack(blockOf(s), sizeOf(s.queueCapacity));
}

function grow(s: Session): void {
  const larger: u16 = capacityOf(s) * 4;
  const block = take(sizeOf(larger));
  for (let i: u16 = 0; i < s.queueLength; i++) store<u16>(block + ((<usize>i) << 1), load<u16>(slot(s, i)));
  freeBlock(s);
  s.queue = <u64>block;
  s.queueCapacity = larger;
  s.queueHead = 0;
}
