import { Policy } from "../policy/policy";
import { Session } from "./session";

/**
 * The heap of the whole VM, which all connections of a worker share. A trap for want of memory would end every one of
 * them, so that what connections take is counted here, and who asks for too much gets nothing.
 *
 * Each policy has a budget. The larger a block, the earlier it is refused: the last quarter of the budget is kept from
 * those over 128 KiB, the last eighth from those over 16 KiB, the last sixteenth from those over 2 KiB. So the largest
 * holders go first, and a session that wants little, as nearly all do, still finds room among many that took all they
 * could get.
 */
let used: usize = 0;

/** Whether `s` may take a block of `bytes`, after which it will give back one of `held`. */
export function mayTake(s: Session, bytes: usize, held: usize): bool {
  const budget = <usize>changetype<Policy>(s.policy).memoryBytes;
  return used - held + bytes <= budget - reserveFrom(budget, bytes);
}

/** The part of a budget that a block of `bytes` may not touch. */
function reserveFrom(budget: usize, bytes: usize): usize {
  if (bytes <= 2048) return 0;
  if (bytes <= 16384) return budget >> 4;
  return bytes <= 131072 ? budget >> 3 : budget >> 2;
}

/** Whether `bytes` more are within `budget`. */
export function isWithin(budget: usize, bytes: usize): bool {
  return used + bytes <= budget;
}

/** Takes a block of `bytes` from the heap; whether there is room was asked before. */
export function take(bytes: usize): usize {
  used += bytes;
  return heap.alloc(bytes);
}

/** Gives a block of `bytes` back. */
export function giveBack(block: usize, bytes: usize): void {
  used -= bytes;
  heap.free(block);
}

/** Bytes of the blocks that hold lines and replies. */
let held: usize = 0;

/** Counts `bytes` of such a block that is taken, or below 0 that is given back. */
export function noteHeld(bytes: isize): void {
  held += bytes;
}

/** Bytes that lines and replies which wait take now. */
export function heldBytes(): usize {
  return held;
}

/** Bytes that all connections take now. */
export function usedBytes(): usize {
  return used;
}

/**
 * What the policies take, among them those that only connections of earlier configurations still go by. They have room
 * of their own, so that an update passes also while connections hold all that they may: an operator needs it then.
 */
let policies: usize = 0;

/**
 * Most of it, in bytes: with the 192 MiB that connections may hold at most and what their blocks take beyond that, room is
 * left in 256 MiB for reading one more policy, which took less than 8 MiB for the costliest 64 KiB of text.
 */
const POLICIES_MOST: usize = 25165824;

/** Whether one more policy may be read. */
export function hasPolicyRoom(): bool {
  return policies <= POLICIES_MOST;
}

/** Counts the `bytes` of a policy that was read. */
export function takePolicyRoom(bytes: usize): void {
  policies += bytes;
}

/** The same of one that nobody goes by any more. */
export function givePolicyRoomBack(bytes: usize): void {
  policies -= bytes;
}
