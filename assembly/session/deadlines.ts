import { actFor, closeConnection, now } from "../envoy/host";
import { Session } from "./session";

/**
 * Sessions that are being ended, oldest first. The other side normally closes them; the tick closes those that it did
 * not by their deadline, because a close in the callback that edits would lose the edited bytes.
 */
let oldest: usize = 0;
let newest: usize = 0;

/** Puts `s` under a deadline `milliseconds` from now; 0 means the next tick. */
export function closeByDeadline(s: Session, milliseconds: i32): void {
  if (s.deadline != 0) return;
  s.deadline = now() + <u64>milliseconds * 1_000_000;
  s.earlier = newest;
  s.later = 0;
  const address = changetype<usize>(s);
  if (newest != 0) changetype<Session>(newest).later = address;
  else oldest = address;
  newest = address;
}

/** Takes `s` off the list: it is closed. */
export function forgetDeadline(s: Session): void {
  if (s.deadline == 0) return;
  s.deadline = 0;
  if (s.earlier != 0) changetype<Session>(s.earlier).later = s.later;
  else oldest = s.later;
  if (s.later != 0) changetype<Session>(s.later).earlier = s.earlier;
  else newest = s.earlier;
}

/**
 * Closes what is past its deadline, at most `CLOSE_BURST` a tick. Policies may differ in their deadline, so an older
 * session with a longer one can make a younger one wait: by the difference of the two at most.
 */
export function closeOverdue(): void {
  if (oldest == 0) return;
  const time = now();
  for (let i = 0; i < CLOSE_BURST && oldest != 0; i++) {
    const s = changetype<Session>(oldest);
    if (s.deadline > time) return;
    forgetDeadline(s);
    // Envoy refuses a context that is gone; closing calls the session's own callbacks after this one.
    if (actFor(s.context)) closeConnection();
  }
}

/** Work of one tick: a close costs Envoy 25 to 40 microseconds, so a burst stays under 50 milliseconds. */
const CLOSE_BURST: i32 = 1000;
