import { Awaited, Policy } from "../policy/policy";
import { Verb } from "../smtp/verb";
import { SessionList } from "./session-list";
import { Session, SessionMode } from "./session";

/**
 * How long a session has waited for the same thing, where its policy limits that (RFC 5321 4.5.3.2). Nothing is written
 * down as bytes pass: each tick looks at what is awaited and whether it moved on since the last look. So a limit is
 * never too short, and a tick or two too long.
 */
const watched = new SessionList();
/** The next session to look at, and how many more this tick looks at. */
let cursor: usize = 0;
let left: i32 = 0;

/** Milliseconds that ticks have counted, modulo 2^32. */
let clock: u32 = 0;
let lastTick: u64 = 0;

/** Begins to watch `s`. */
export function watch(s: Session): void {
  if (s.awaited != <u8>Awaited.unwatched) return;
  s.awaited = <u8>Awaited.nothing;
  watched.add(s);
}

/** Ends that: `s` is being ended, or gone. */
export function unwatch(s: Session): void {
  if (s.awaited == <u8>Awaited.unwatched) return;
  if (cursor == changetype<usize>(s)) cursor = s.later;
  watched.remove(s);
  s.awaited = <u8>Awaited.unwatched;
  s.timer = 0;
}

/** Begins the looks of a tick at `now`, nanoseconds since 1970: a step of the host's clock counts `STEP_MOST` at most. */
export function beginLooks(now: u64): void {
  if (lastTick != 0 && now > lastTick) clock += <u32>(min(now - lastTick, STEP_MOST) / 1_000_000);
  lastTick = now;
  if (cursor == 0) cursor = watched.oldest;
  left = LOOKS_MOST;
}

/** The next session that has waited for longer than its policy allows, or 0 when this tick has looked at enough. */
export function nextOverdue(): usize {
  while (cursor != 0 && left > 0) {
    const s = changetype<Session>(cursor);
    cursor = s.later;
    left--;
    if (isOverdue(s)) return changetype<usize>(s);
  }
  return 0;
}

function isOverdue(s: Session): bool {
  const awaited = awaitedOf(s);
  const mark = markOf(s, awaited);
  if (<u8>awaited != s.awaited || mark != s.waitMark || s.moved) {
    s.awaited = <u8>awaited;
    s.waitMark = mark;
    s.moved = false;
    s.timer = clock;
    return false;
  }
  const limit = changetype<Policy>(s.policy).timeouts[awaited];
  return limit != 0 && clock - s.timer >= limit;
}

/** Who has to say what next. */
function awaitedOf(s: Session): Awaited {
  if (s.mode == SessionMode.tls || s.mode == SessionMode.lost) return Awaited.nothing;
  if (s.mode == SessionMode.greeting) return Awaited.greeting;
  if (s.clientEnded) return Awaited.reply;
  if (s.mode == SessionMode.data || s.payload > 0) return Awaited.data_block;
  if (s.outstanding == 0) return Awaited.command;
  if (s.endsOutstanding > 0) return Awaited.end_of_data;
  return s.outstanding == 1 && s.asked == <u8>Verb.data ? Awaited.data_reply : Awaited.reply;
}

/** What changes when the one that is waited for says something; only whole lines count, not a part of one. */
function markOf(s: Session, awaited: Awaited): u16 {
  if (awaited == Awaited.command) return <u16>(s.commands + s.authRounds);
  if (awaited == Awaited.data_block) return <u16>s.payload;
  // How many replies came.
  return <u16>(s.commands - s.rejections - s.outstanding);
}

/** Two ticks: who sets the clock forward shortens a limit by no more. */
const STEP_MOST: u64 = 1_000_000_000;

/** Looks of one tick: at 20 to 100 nanoseconds each they take 2 milliseconds at most. */
const LOOKS_MOST: i32 = 20000;
