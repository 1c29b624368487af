/**
 * What the module has allocated, from the block headers of AssemblyScript's allocator (`std/assembly/rt/tlsf.ts`):
 * one u32 before each block, its two low bits flags (1: free), the rest its size; a block of size 0 at the very end.
 */
const FREE = 1;
const FLAGS = 3;
const HEADER = 4;
/** Blocks begin at 16-byte boundaries, their header before that. */
const ALIGN = 16;
/** A module with a policy has hundreds; static data that looks like headers may seem to have a few. */
const BLOCKS_LEAST = 100;

/** A heap at one moment. */
export interface Heap {
  /** Blocks in use. */
  readonly blocks: number;
  /** Their bytes, including headers. */
  readonly bytes: number;
  /** Where the last block in use ends: what a heap pointer would be. */
  readonly top: number;
}

/** Reads the heap whose first header is at `start`; null when its headers do not lead to the end of memory. */
export function readHeap(memory: WebAssembly.Memory, start: number): Heap | null {
  const words = new Uint32Array(memory.buffer);
  const last = memory.buffer.byteLength - HEADER;
  let [blocks, bytes, top] = [0, 0, start];
  for (let at = start; at <= last;) {
    const header = words[at >> 2] as number;
    const size = (header & ~FLAGS) >>> 0;
    if (size === 0) return at === last ? { blocks, bytes, top } : null;
    if ((size + HEADER) % ALIGN !== 0) return null;
    const next = at + HEADER + size;
    if ((header & FREE) === 0) {
      blocks++;
      bytes += HEADER + size;
      top = next;
    }
    at = next;
  }
  return null;
}

/** Blocks in use, or -1 when the headers from `start` on do not lead to the end of memory. */
export function blocksInUse(memory: WebAssembly.Memory, start: number): number {
  return readHeap(memory, start)?.blocks ?? -1;
}

/**
 * Address of the first block's header. @param from where static data begins; its objects have headers too, but zeros
 * between them and the heap end that chain
 * @throws Error when there is no heap
 */
export function findHeap(memory: WebAssembly.Memory, from: number): number {
  const end = memory.buffer.byteLength;
  for (let at = from + ALIGN - HEADER; at < end - ALIGN; at += ALIGN) {
    // The free rest of memory alone is a chain as well: the heap has many blocks before it.
    if (blocksInUse(memory, at) >= BLOCKS_LEAST) return at;
  }
  throw new Error("no heap found");
}
