import { Reason } from "./generated-reasons";

/** More than `most` commands wait for a reply (Zeek forgets its state at 1000, and from then on pairs replies with the wrong commands). */
export function tooManyPending(unanswered: i32, most: i32): Reason {
  return unanswered > most ? Reason.too_many_pending_commands : Reason.none;
}
