/** What the module's allocator holds, from its block headers (`std/assembly/rt/tlsf.ts`, as in `host-test/fuzz/heap.ts`). */
import { findHeap } from "../../fuzz/heap.js";

const FREE = 1;
const FLAGS = 3;
const HEADER = 4;

/** A heap at one moment. */
export interface Heap {
  /** Blocks in use. */
  readonly blocks: number;
  /** Their bytes, headers too. */
  readonly bytes: number;
  /** Where the last block in use ends: the heap pointer, if there were one. */
  readonly top: number;
}

/** AssemblyScript keeps the page before free. */
const STATIC_DATA = 1024;

/** Reads the heap of a module that was compiled with the usual memory base. @throws Error when there is none */
export function readHeap(memory: WebAssembly.Memory, start = findHeap(memory, STATIC_DATA)): Heap {
  const words = new Uint32Array(memory.buffer);
  let blocks = 0;
  let bytes = 0;
  let top = start;
  for (let at = start; ;) {
    const header = words[at >> 2];
    if (header === undefined) throw new Error("the heap's headers do not lead to its end");
    const size = (header & ~FLAGS) >>> 0;
    if (size === 0) return { blocks, bytes, top };
    if ((header & FREE) === 0) {
      blocks++;
      bytes += HEADER + size;
      top = at + HEADER + size;
    }
    at += HEADER + size;
  }
}
