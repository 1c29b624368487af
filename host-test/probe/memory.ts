/** The probe's basics: logging, scratch memory, and an allocator that misbehaves when a test asks for it. */
import * as env from "./env";

/** Where host calls put their results. */
export const OUT: usize = memory.data(64);

const ARENA_SIZE: u32 = 131072;
const arena: usize = memory.data(131072);

/** What the allocator does besides allocating: 0 nothing, 1 logs, 2 defines a metric, 3 gives nothing. */
export const allocator = new StaticArray<u32>(1);

export function allocate(size: usize): usize {
  if (allocator[0] === 1) say("malloc");
  if (allocator[0] === 2) env.proxy_define_metric(0, OUT, 4, OUT);
  if (allocator[0] === 3 || size > ARENA_SIZE) return 0;
  return arena;
}

export function say(text: string): void {
  const bytes = String.UTF8.encode(text);
  env.proxy_log(2, changetype<usize>(bytes), bytes.byteLength);
}

/** The text from the last host call, whose address is at `at` and whose size follows it. */
export function given(at: usize): string {
  return String.UTF8.decodeUnsafe(load<u32>(at), load<u32>(at + 4));
}

/** What asc calls when the module fails; the trap is intended. */
export function abort(): void {
  unreachable();
}
