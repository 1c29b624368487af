/** One complete session of a recording, as it was said: what a vector is made from. */
import type { Follower, Follows } from "./follower.js";
import type { SessionStart, Side } from "./model.js";
import { Doubt } from "./tcp-direction.js";
import type { Spoken } from "./transcript.js";

/** All that both sides said. */
export interface Recording extends SessionStart {
  said: Spoken[];
  /** Why the rest could not be recorded; null when this is all. */
  stopped: string | null;
}

/**
 * What a vector can be made from, in bytes and lines: longer ones test nothing more than shorter ones. Of the
 * worst lines, empty ones under `strict`, as many take 20 seconds (measured).
 */
const MOST_BYTES = 1024 * 1024;
const MOST_LINES = 20_000;

/**
 * Records one session, and of the others only when they began.
 * @param wanted number of the session; null for the first
 */
export const recorder = (wanted: number | null): Follower<Recording | SessionStart> => {
  let first: number | null = wanted;
  return {
    judges: [],
    open(start) {
      first ??= start.id;
      return start.id === first ? new Recorder(start) : passing(start);
    },
  };
};

/** A session that is not recorded. */
const passing = (start: SessionStart): Follows<SessionStart> => ({
  held: 0,
  say() {},
  end() {},
  startTls() {},
  stopJudging() {},
  finish: () => start,
});

const LF = 0x0a;

class Recorder implements Follows<Recording> {
  readonly #recording: Recording;
  held = 0;
  #lines = 0;

  constructor(start: SessionStart) {
    this.#recording = { ...start, said: [], stopped: null };
  }

  say(from: Side, bytes: Uint8Array, _timeNs: bigint, gap = 0): void {
    // What seemed to be late never came.
    if (gap > 0 && this.#recording.stopped === Doubt.late) this.#recording.stopped = Doubt.loss;
    if (gap > 0) this.stopJudging(Doubt.loss);
    if (this.#recording.stopped !== null || bytes.length === 0) return;
    this.held += bytes.length;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) this.#lines++;
    if (this.held > MOST_BYTES || this.#lines > MOST_LINES) {
      this.stopJudging(
        `it is longer than ${MOST_BYTES} bytes or ${MOST_LINES} lines, the most for a test case`,
      );
      return;
    }
    this.#recording.said.push({ from, bytes: bytes.slice(), end: false });
  }

  end(from: Side, how: "fin" | "reset"): void {
    if (this.#recording.stopped !== null || how === "reset") return;
    this.#recording.said.push({ from, bytes: new Uint8Array(0), end: true });
  }

  /** A capture has no such place. */
  startTls(): void {}

  stopJudging(why: string): void {
    this.#recording.stopped ??= why;
  }

  finish(): Recording {
    return this.#recording;
  }
}
