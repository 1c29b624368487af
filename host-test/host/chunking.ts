/** A byte stream as the pieces that socket reads might deliver. */
export type Chunks = Uint8Array[];

/** Everything in one read. */
export function whole(bytes: Uint8Array): Chunks {
  return bytes.length === 0 ? [] : [bytes];
}

/** Two reads, the first of `n` bytes; `n` from 0 to the length. */
export function cutAt(bytes: Uint8Array, n: number): Chunks {
  return [bytes.subarray(0, n), bytes.subarray(n)].filter((piece) => piece.length > 0);
}

/** Reads of `size` bytes, and the rest. */
export function inPieces(bytes: Uint8Array, size: number): Chunks {
  const pieces: Chunks = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** One byte per read. */
export function byteByByte(bytes: Uint8Array): Chunks {
  return inPieces(bytes, 1);
}

/** Every way to cut the stream once, one after the other. */
export function* everyCut(bytes: Uint8Array): Generator<Chunks> {
  for (let n = 1; n < bytes.length; n++) yield cutAt(bytes, n);
}
