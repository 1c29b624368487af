import { WasmResult } from "./abi.js";

const NOTHING = new Uint8Array(0);

/** Joins byte arrays; one array is returned as it is, not copied. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 0) return NOTHING;
  if (parts.length === 1) return parts[0] as Uint8Array;
  let total = 0;
  for (const part of parts) total += part.length;
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * A connection's read buffer with the edits that Envoy allows a filter.
 * The bytes given to `append` are not copied: the caller must not change them afterwards.
 */
export class EditBuffer {
  #bytes: Uint8Array = NOTHING;

  get length(): number {
    return this.#bytes.length;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length !== 0) this.#bytes = this.#bytes.length === 0 ? bytes : concat([this.#bytes, bytes]);
  }

  /** All bytes; do not change them. */
  peek(): Uint8Array {
    return this.#bytes;
  }

  /** Removes and returns all bytes. */
  take(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = NOTHING;
    return bytes;
  }

  /**
   * `proxy_set_buffer_bytes`: at 0 drains `length` bytes and prepends, at or after the end appends; the ABI
   * document also allows the middle, Envoy does not (README.md, "Edits").
   */
  edit(start: number, length: number, data: Uint8Array): number {
    const bytes = this.#bytes;
    if (start === 0) {
      const rest = length >= bytes.length ? NOTHING : bytes.subarray(length);
      this.#bytes = rest.length === 0 ? data : data.length === 0 ? rest : concat([data, rest]);
      return WasmResult.Ok;
    }
    if (start < bytes.length) return WasmResult.BadArgument;
    this.append(data);
    return WasmResult.Ok;
  }
}
