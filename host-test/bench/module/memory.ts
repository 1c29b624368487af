/** Bytes of the module's memory that an open session takes. */
import type { BenchOptions, Measurement } from "../result.js";
import { BenchHost } from "./bench-host.js";
import { shippedHeap } from "./heap.js";
import { play } from "./play.js";
import { OPENING } from "./script.js";

/** As many as the bar refers to. */
const SESSIONS = 10_000;
/** Law 8 (CONTRIBUTING.md). */
const MOST_BYTES = 256;

/** Growth of the heap by sessions that have said EHLO and are idle, and of what Envoy sees: the linear memory. */
export function measureMemory(module: WebAssembly.Module, options: BenchOptions): Measurement[] {
  options.progress(`module: ${SESSIONS} idle sessions`);
  const host = new BenchHost(module);
  // What is made only once, such as the first block of sessions, does not count for a session.
  play(host, OPENING);
  const before = shippedHeap(host.memory);
  const size = host.memory.buffer.byteLength;
  for (let i = 0; i < SESSIONS; i++) play(host, OPENING);
  const heap = (shippedHeap(host.memory).bytes - before.bytes) / SESSIONS;
  const pages = (host.memory.buffer.byteLength - size) / SESSIONS;
  const row = { group: "module", unit: "bytes" } as const;
  return [
    { ...row, name: "idle session, on the heap", samples: [heap], most: MOST_BYTES },
    { ...row, name: "idle session, of linear memory", samples: [pages], note: "memory grows in steps" },
  ];
}
