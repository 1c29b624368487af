import { Policy } from "../policy/policy";
import { Session } from "./session";

/**
 * The heap of the whole VM, which all connections of a worker share. A trap for want of memory would end every one of
 * them, so that what connections take is counted here, and who asks for too much gets nothing.
 *
 * Each policy has a budget. Once the free part of it shrinks, what a session may ask for at once shrinks with it, to a
 * quarter of what is free. So the largest go first, and a session that wants little finds room at any time: with n
 * sessions that take all they can get, `budget / (n + 4)` stays free (dynamic thresholds: Choudhury and Hahne, 1998).
 */
let used: usize = 0;

/** Whether `s` may take `bytes` more, of which it holds a block of `held` already that will be given back. */
export function mayTake(s: Session, bytes: usize, held: usize): bool {
  const budget = <usize>changetype<Policy>(s.policy).memoryBytes;
  const others = used - held;
  return others < budget && bytes <= SMALL + ((budget - others) >> 2) && others + bytes <= budget;
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

/** Bytes that connections hold in this VM. */
export function bytesUsed(): usize {
  return used;
}

/** The longest command line of RFC 5321 4.5.3.1.4 and its header: as much is free to all until the budget is spent. */
const SMALL: usize = 1024;
