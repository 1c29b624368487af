/** Memory of a process and of the modules in it, from Linux's /proc. */
import { readFile } from "node:fs/promises";

/** V8 reserves this much address space for a memory with 32-bit addresses, and makes the first part usable. */
const RESERVED = 8n << 30n;

/** Resident memory of a process in bytes. @throws Error when the process is gone */
export async function residentBytes(pid: number): Promise<number> {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "latin1"));
  if (found === null) throw new Error(`process ${pid} tells no resident memory`);
  return Number(found[1]) * 1024;
}

/**
 * Bytes of the linear memory of each WebAssembly instance of a process, in the order of their addresses: one in the main
 * thread, one in each worker, and the one that the others were cloned from.
 */
export async function moduleMemories(pid: number): Promise<number[]> {
  const maps = await readFile(`/proc/${pid}/maps`, "latin1");
  const sizes: number[] = [];
  for (const [, from = "0", to = "0"] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) ---p/gm)) {
    const [start, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
    // What cannot be used of such a reservation; 4 GiB is the most that a module can have made usable.
    if (end - start >= RESERVED / 2n && end - start < RESERVED) sizes.push(Number(RESERVED - (end - start)));
  }
  return sizes;
}
