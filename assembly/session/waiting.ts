import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
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
