/** Ways to cut the bytes of a session into what arrives at once. */
import type { Random } from "./random.js";

/** Cuts one chunk into what arrives at once. */
export type Cutter = (bytes: Uint8Array) => Uint8Array[];

/** How the bytes of each side are cut. */
export interface Cuts {
  readonly client: Cutter;
  readonly server: Cutter;
}

const whole: Cutter = (bytes) => [bytes];

/** Byte by byte; of long chunks, which would take too long, only both ends. */
export const byBytes: Cutter = (bytes) => {
  const ends = 150;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = at < ends || at >= bytes.length - ends ? at + 1 : bytes.length - ends;
    pieces.push(bytes.subarray(at, next));
    at = next;
  }
  return pieces;
};

/** Up to 8 cuts anywhere. */
export function atRandom(random: Random): Cutter {
  return (bytes) => {
    const cuts = new Set<number>();
    for (let left = random.below(9); left > 0; left--) cuts.add(random.below(bytes.length));
    const ordered = [...cuts].filter((cut) => cut > 0).sort((a, b) => a - b);
    return [...ordered, bytes.length].map((cut, index) => bytes.subarray(ordered[index - 1] ?? 0, cut));
  };
}

export const WHOLE: Cuts = { client: whole, server: whole };
