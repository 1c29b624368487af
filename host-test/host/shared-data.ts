import { WasmResult } from "./abi.js";

interface Entry {
  value: Uint8Array;
  cas: number;
}

/** `proxy_*_shared_data` of one vm_id: outlives VMs, and the ABI gives no way to delete a key. */
export class SharedData {
  readonly #entries = new Map<string, Entry>();
  #lastCas = 0;

  /** Empties it, as a restart of Envoy does. */
  clear(): void {
    this.#entries.clear();
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** How many keys there are, and the bytes of all keys and values. */
  get size(): { keys: number; bytes: number } {
    let bytes = 0;
    for (const [key, { value }] of this.#entries) bytes += key.length + value.length;
    return { keys: this.#entries.size, bytes };
  }

  /** @param cas 0 sets unconditionally; any other value must be the current one */
  set(key: string, value: Uint8Array, cas: number): number {
    const old = this.#entries.get(key);
    if (cas !== 0 && old !== undefined && old.cas !== cas) return WasmResult.CasMismatch;
    this.#lastCas += 1;
    this.#entries.set(key, { value, cas: this.#lastCas });
    return WasmResult.Ok;
  }
}
