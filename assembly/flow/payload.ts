import { countOctets } from "../session/message";
import { Outstanding, pushEntry } from "../session/queue";
import { Session } from "../session/session";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";

/** `length` octets of a payload went by. XEXCH50's has a reply of its own, BDAT's has that to its line. */
export function countPayload(s: Session, length: u64): void {
  s.payload -= length;
  if ((s.facts & Fact.payload_has_reply) == 0) {
    countOctets(s, length);
    return;
  }
  if (s.payload > 0) return;
  s.facts &= ~(Fact.payload_has_reply as u32);
  pushEntry(s, Outstanding.forwarded, <u8>Verb.payload);
}

/** Counts down what was sent before the client could know that DATA was refused. */
export function noteRead(s: Session, length: u64): void {
  if (s.refusedRest != 0) s.refusedRest -= <u32>min<u64>(length, <u64>s.refusedRest);
}
