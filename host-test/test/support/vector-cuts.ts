/** The ways in which a conversation is cut. */
import type { Script } from "../../workbench/vector-script.js";
import type { Manner } from "../../workbench/vector-schedule.js";

/** Segments up to this length are cut at every byte. Longer ones hold a line beyond 16 KiB, one byte repeated. */
const EVERY_BYTE = 2048;
/** In longer segments every byte near the ends and near powers of two, where limits and buffers end, and each 509th. */
const NEAR = 24;
const STRIDE = 509;

/** Each segment in turn in two pieces, cut at each place. */
export function* cutsOf(script: Script): Generator<{ how: string; manner: Manner }> {
  for (const side of ["client", "server"] as const) {
    const segments = script[side].sends.filter((send) => !send.end);
    for (let index = 0; index < segments.length; index++) {
      const length = (segments[index]?.parts ?? []).reduce((sum, part) => sum + part.text.length, 0);
      for (const at of places(length)) {
        const cut: Manner["cut"] = (which, nth, text) =>
          which === side && nth === index && at < text.length ? [text.slice(0, at), text.slice(at)] : [text];
        const how = `segment ${index + 1} of the ${side} cut after byte ${at}`;
        yield { how, manner: { cut, lenient: true } };
        // Only where the client's segment is cut can a stand-in be needed amid it.
        if (side === "client") yield { how, manner: { cut, lenient: true, answersAtOnce: true } };
      }
    }
  }
}

function* places(length: number): Generator<number> {
  for (let at = 1; at < length; at++) {
    const power = 2 ** Math.round(Math.log2(at));
    const matters = length <= EVERY_BYTE || at < NEAR || length - at < NEAR || Math.abs(at - power) < NEAR;
    if (matters || at % STRIDE === 0) yield at;
  }
}

/** One byte a piece. */
export const byBytes: NonNullable<Manner["cut"]> = (_side, _index, text) => [...text];

/** One byte a piece; of a long segment only its ends, and between them pieces of no length that a buffer has. */
export const byBytesOrChunks: NonNullable<Manner["cut"]> = (_side, _index, text) => {
  if (text.length <= EVERY_BYTE) return [...text];
  const middle = text.slice(NEAR, -NEAR);
  const chunks = Array.from({ length: Math.ceil(middle.length / STRIDE) }, (_, at) =>
    middle.slice(at * STRIDE, (at + 1) * STRIDE),
  );
  return [...text.slice(0, NEAR), ...chunks, ...text.slice(-NEAR)];
};
