/** Captures that are compressed (RFC 1952), as tcpdump's rotation and archives leave them. */
import { joined } from "./bytes.js";
import { CaptureError } from "./source.js";

/** Whether bytes begin as gzip's do. */
export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

/**
 * The chunks as they are, or what is in them when they are gzip.
 * @throws CaptureError after what could be read of damaged gzip; what the chunks throw
 */
export async function* unzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array(0);
  try {
    while (start.length < 2) {
      const { value, done } = await source.next();
      if (done === true) break;
      start = start.length === 0 ? value : joined([start, value]);
    }
    const rest = after(start, source);
    if (isGzip(start)) yield* inflated(rest);
    else yield* rest;
  } finally {
    await source.return?.();
  }
}

async function* after(start: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) return;
    yield value;
  }
}

async function* inflated(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream("gzip");
  const failed: Failed = { why: null };
  void feed(chunks, writable.getWriter(), failed);
  const reader = readable.getReader();
  let size = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      size += value.length;
      yield value;
    }
  } catch {
    // What cannot be read stops being read: what came before counts, and the reason is that of the file, if it has one.
    if (failed.why !== null) throw failed.why;
    throw new CaptureError("the compressed data ends too early or is damaged", -1, size);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Why chunks could not be read; null when they could, or when nobody took them any longer. */
interface Failed {
  why: Error | null;
}

/** Writes all chunks. */
async function feed(
  chunks: AsyncGenerator<Uint8Array>,
  writer: WritableStreamDefaultWriter<BufferSource>,
  failed: Failed,
): Promise<void> {
  for (;;) {
    let next: IteratorResult<Uint8Array, unknown>;
    try {
      next = await chunks.next();
    } catch (error) {
      failed.why = error as Error;
      return writer.abort(error).catch(() => {});
    }
    try {
      if (next.done === true) return await writer.close();
      await writer.write(next.value as BufferSource);
    } catch {
      return;
    }
  }
}
