import { actFor, closeConnection, now } from "../envoy/host";
import { SessionList } from "./session-list";
import { unwatch } from "./patience";
import { Session } from "./session";

/**
 * Sessions that are being ended. The other side normally closes them; the tick closes those that it did not by their
 * deadline, because a close in the callback that edits would lose the edited bytes. Those that wait for the next tick
 * only have a list of their own, so that they wait for nobody.
 */
const next = new SessionList();
const later = new SessionList();

/** Nanoseconds that ticks have counted; unlike the host's clock it is never set back or forward. */
let elapsed: u64 = 0;
let lastTick: u64 = 0;

/**
 * Moves the clock of deadlines on to `now`, nanoseconds since 1970. A step of the host's clock back counts nothing, one
 * forward at most `STEP_MOST`.
 */
export function passTime(now: u64): void {
  if (lastTick != 0 && now > lastTick) elapsed += min(now - lastTick, STEP_MOST);
  lastTick = now;
}

/** Puts `s` under a deadline `milliseconds` from the last tick; 0 means the next tick. */
export function closeByDeadline(s: Session, milliseconds: i32): void {
  unwatch(s);
  if (s.timer != 0) return;
  if (lastTick == 0) lastTick = now();
  if (milliseconds == 0) {
    s.timer = NEXT_TICK;
    next.add(s);
  } else {
    s.timer = max(clock() + <u32>milliseconds, NEXT_TICK + 1);
    later.add(s);
  }
}

/** Takes `s` off its list: it is closed. */
export function forgetDeadline(s: Session): void {
  unwatch(s);
  if (s.timer == 0) return;
  if (s.timer == NEXT_TICK) next.remove(s);
  else later.remove(s);
  s.timer = 0;
}

/**
 * Closes what is past its deadline, at most `CLOSE_BURST` a tick. Policies may differ in their deadline, so an older
 * session with a longer one can make a younger one wait: by the difference of the two at most.
 */
export function closeOverdue(): void {
  for (let i = 0; i < CLOSE_BURST; i++) {
    const address = next.oldest != 0 ? next.oldest : later.oldest;
    if (address == 0) return;
    const s = changetype<Session>(address);
    // The clock wraps after 49 days, far beyond any deadline.
    if (s.timer != NEXT_TICK && <i32>(s.timer - clock()) > 0) return;
    forgetDeadline(s);
    // Envoy refuses a context that is gone; closing calls the session's own callbacks after this one.
    if (actFor(s.context)) closeConnection();
  }
}

/** Milliseconds that ticks have counted, modulo 2^32. */
function clock(): u32 {
  return <u32>(elapsed / 1_000_000);
}

/** Smallest deadline that is set: 0 says that there is none. */
const NEXT_TICK: u32 = 1;

/**
 * What one tick counts at most, in nanoseconds: twice the longest deadline. So a step of the host's clock forward ends at
 * most what is being ended anyway, and a recording may pass over a pause in one tick.
 */
const STEP_MOST: u64 = 120_000_000_000;

/** Work of one tick: a close costs Envoy 25 to 40 microseconds, so a burst stays under 50 milliseconds. */
const CLOSE_BURST: i32 = 1000;
