/**
 * Counts what the module has allocated, from the block headers of AssemblyScript's allocator (`std/assembly/rt/tlsf.ts`):
 * one u32 before each block, its two low bits flags (1: free), the rest its size; a block of size 0 at the very end.
 */
const FREE = 1;
const FLAGS = 3;
const HEADER = 4;
/** Blocks begin at 16-byte boundaries, their header before that. */
const ALIGN = 16;
/** A module that knows a policy has hundreds; static data that reads as headers may seem to have a few. */
const BLOCKS_LEAST = 100;

/** Blocks in use, or -1 when the headers from `start` on do not lead to the end of memory. */
export function blocksInUse(memory: WebAssembly.Memory, start: number): number {
  const words = new Uint32Array(memory.buffer);
  const last = memory.buffer.byteLength - HEADER;
  let used = 0;
  for (let at = start; at <= last;) {
    const header = words[at >> 2] as number;
    const size = (header & ~FLAGS) >>> 0;
    if (size === 0) return at === last ? used : -1;
    if ((size + HEADER) % ALIGN !== 0) return -1;
    if ((header & FREE) === 0) used++;
    at += HEADER + size;
  }
  return -1;
}

/**
 * Address of the first block's header. @param from where static data begins; its objects have headers too, but zeros
 * between them and the heap end that chain
 * @throws Error when there is no heap
 */
export function findHeap(memory: WebAssembly.Memory, from: number): number {
  const end = memory.buffer.byteLength;
  for (let at = from + ALIGN - HEADER; at < end - ALIGN; at += ALIGN) {
    // The free rest of memory alone is a chain as well: what is looked for has many blocks before it.
    if (blocksInUse(memory, at) >= BLOCKS_LEAST) return at;
  }
  throw new Error("no heap found");
}
