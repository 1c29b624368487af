/** Bytes that come in chunks, read in the pieces of a file format. */
import { joined } from "./bytes.js";

/** A capture that cannot be read any further. The message names the packet and the byte where reading stopped. */
export class CaptureError extends Error {
  override name = "CaptureError";

  /**
   * @param packet number of the packet that was being read, from 1; 0 for the file's own header, -1 for compressed data
   * @param offset of that packet in the file, in bytes from 0
   */
  constructor(
    what: string,
    readonly packet: number,
    readonly offset: number,
  ) {
    const part = packet === 0 ? "file header" : packet < 0 ? "after unpacking" : `packet ${packet}`;
    super(`${part} at byte ${offset}: ${what}`);
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Reads a stream of chunks piece by piece; keeps no more than one chunk and one piece. */
export class Source {
  /** How many bytes were taken so far. */
  offset = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk = NOTHING;
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes if they are there without waiting, as is usual. The view may be kept. */
  takeNow(length: number): Uint8Array | null {
    if (this.#chunk.length - this.#at < length) return null;
    const piece = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    this.offset += length;
    return piece;
  }

  /** The next `length` bytes, or what is left of them before the end. */
  async take(length: number): Promise<Uint8Array> {
    const now = this.takeNow(length);
    if (now !== null) return now;
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#chunk.subarray(this.#at, this.#at + missing);
      parts.push(part);
      this.#at += part.length;
      this.offset += part.length;
      missing -= part.length;
    }
    return joined(parts);
  }

  /** Skips the next `length` bytes. @returns how many there were */
  async skip(length: number): Promise<number> {
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const step = Math.min(missing, this.#chunk.length - this.#at);
      this.#at += step;
      this.offset += step;
      missing -= step;
    }
    return length - missing;
  }

  /** Makes sure that a byte is there. @returns false at the end */
  async #fill(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      // Node's Buffer is one too, but its slice() is not a copy: a kept part would keep the whole chunk.
      const { buffer, byteOffset, byteLength } = next.value;
      this.#chunk = new Uint8Array(buffer, byteOffset, byteLength);
      this.#at = 0;
    }
    return true;
  }

  /** Releases the source of the chunks. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
