import { now } from "./host";

/** The host's clock, asked once a callback at most and only where something wants to know; 0: it was not asked yet. */
let milliseconds: u32 = 0;

/** A callback begins. */
export function beginCallback(): void {
  milliseconds = 0;
}

/** Milliseconds since 1970, modulo 2^32, as this callback found them: for differences below 24 days (`elapsedMs`). */
export function callbackMs(): u32 {
  if (milliseconds == 0) milliseconds = <u32>(now() / 1_000_000);
  return milliseconds;
}

/** Milliseconds from `since`, a `callbackMs`, until this callback; 0 where the host's clock was set back. */
export function elapsedMs(since: u32): u32 {
  const passed = <i32>(callbackMs() - since);
  return <u32>max(passed, 0);
}
