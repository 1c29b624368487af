/** The module's clock; a test passes its own so that every run is the same. */
export interface Clock {
  /** Wall clock, nanoseconds since 1970-01-01 UTC. */
  nowNs(): bigint;
  /** Nanoseconds since an arbitrary start, never going back. */
  monotonicNs(): bigint;
}

/** The machine's clock, with the microseconds of `performance`. */
export const systemClock: Clock = {
  nowNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  monotonicNs: () => BigInt(Math.round(performance.now() * 1000)) * 1000n,
};

/** A clock that moves only when asked to. */
export class ManualClock implements Clock {
  #ns: bigint;

  /** @param startMs milliseconds since 1970-01-01 UTC */
  constructor(startMs = 1_700_000_000_000) {
    this.#ns = BigInt(startMs) * 1_000_000n;
  }

  /** @param ms milliseconds to go forward, 0 or more */
  advance(ms: number): void {
    this.#ns += BigInt(Math.round(ms * 1_000_000));
  }

  nowNs(): bigint {
    return this.#ns;
  }

  monotonicNs(): bigint {
    return this.#ns;
  }
}
