import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { clientRestLength, serverRestLength, serverRestStart } from "./rest";
import { Session, SessionMode, Skip } from "./session";

/** Whether the client's next bytes cannot be read before the server has answered: it decides what they are. */
export function awaitsReply(s: Session): bool {
  if (s.payload > 0 || s.payloadMayFollow || s.skip != Skip.none) return false;
  if (s.mode == SessionMode.greeting) return true;
  if (s.mode != SessionMode.command && s.mode != SessionMode.auth) return false;
  if (s.standIn) return true;
  if (s.asked == Verb.none) return false;
  // After the client's end of stream nothing can be sent in two steps, and most replies change no meaning.
  return !s.clientEnded || s.endWaits || hasTrait(<Verb>s.asked, Trait.decides);
}

/** Whether that is so and some of them are kept already. */
export function awaitsWithRest(s: Session): bool {
  return clientRestLength(s) > 0 && awaitsReply(s);
}

/** Whether the `length` bytes at `from` begin a greeting of several lines: with the first one Postfix's postscreen tries who waits. */
export function isTeaser(from: usize, length: i32): bool {
  return length >= 4 && load<u8>(from + 3) == 0x2d;
}

/** Whether the server has begun such a greeting and may long say no more. */
export function hasTeased(s: Session): bool {
  if (s.mode != SessionMode.greeting || serverRestLength(s) == 0) return false;
  return isTeaser(serverRestStart(s), serverRestLength(s));
}
