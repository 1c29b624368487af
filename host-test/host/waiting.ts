import { concat } from "./buffer.js";

/** Bytes that wait in a socket while reading from it is disabled. */
export class Waiting {
  #parts: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  /** Removes and returns the first `most` bytes. */
  take(most = Infinity): Uint8Array {
    const all = concat(this.#parts);
    const rest = all.subarray(Math.min(most, all.length));
    this.#parts = rest.length > 0 ? [rest] : [];
    return rest.length > 0 ? all.subarray(0, most) : all;
  }
}
