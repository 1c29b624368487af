/** Many sessions through the Node host: a million one after the other, and the cost of one while many are open. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "../host/connection.js";
import { BenchHost } from "./module/bench-host.js";
import { cpuNanoseconds } from "./module/cpu-clock.js";
import { COUNTER } from "./module/count.js";
import { counted } from "./module/instructions.js";
import { play, take } from "./module/play.js";
import { OPENING, SESSION } from "./module/script.js";
import type { BenchOptions, Measurement } from "./result.js";
import { wanted } from "./result.js";

/** So many that a leak of a few bytes a session would show. */
const SESSIONS = 1_000_000;
const SHORT_SESSIONS = 20_000;
/** Open at the same time, as on a busy worker. */
const OPEN_AT_ONCE = 100;
const PROGRESS_EVERY = 50_000;

/** The module's linear memory before and after. */
export interface Passage {
  readonly sessions: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly seconds: number;
}

/**
 * Whole good sessions, `OPEN_AT_ONCE` at a time, each with three messages. @param progress called every 50,000
 * @throws WasmTrap; Error when the filter logs anything about them
 */
export async function passSessions(
  module: WebAssembly.Module,
  sessions: number,
  told: (done: number) => void,
  signal?: AbortSignal,
): Promise<Passage> {
  const host = new BenchHost(module);
  const bytesBefore = host.memory.buffer.byteLength;
  const start = performance.now();
  let done = 0;
  while (done < sessions && signal?.aborted !== true) {
    const open: (Connection | undefined)[] = new Array<undefined>(OPEN_AT_ONCE).fill(undefined);
    for (const step of SESSION) {
      for (let i = 0; i < OPEN_AT_ONCE; i++) open[i] = take(host, open[i], step);
    }
    done += OPEN_AT_ONCE;
    if (host.lines.length > 0) throw new Error(`the filter logged: ${host.lines[0]}`);
    if (done % PROGRESS_EVERY === 0) told(done);
    if (done % 1000 === 0) await turn();
  }
  const bytesAfter = host.memory.buffer.byteLength;
  return { sessions: done, bytesBefore, bytesAfter, seconds: (performance.now() - start) / 1000 };
}

/** What is executed while `open` sessions idle: one session from open to close, one tick. */
export interface Beside {
  readonly open: number;
  readonly session: number;
  readonly tick: number;
}

/** Sessions for the mean: their places in the table differ by a step or two. */
const SAMPLE = 20;

/** @param module of `counted` @param open idle sessions, not just below a power of 2: the table doubles there */
export function besideOpen(module: WebAssembly.Module, open: number): Beside {
  const host = new BenchHost(module);
  for (let i = 0; i < open; i++) play(host, OPENING);
  host.takeCounter(COUNTER);
  for (let i = 0; i < SAMPLE; i++) play(host, SESSION);
  const session = host.takeCounter(COUNTER) / SAMPLE;
  host.tick(500);
  return { open, session, tick: host.takeCounter(COUNTER) };
}

/** Nanoseconds of one session while `open` others are open, the median of many. */
function timeBeside(module: WebAssembly.Module, open: number, samples: number): number[] {
  const host = new BenchHost(module);
  for (let i = 0; i < open; i++) play(host, OPENING);
  // The first run is for the compiler.
  for (let i = 0; i < TIMED; i++) play(host, SESSION);
  return Array.from({ length: samples }, () => {
    const start = cpuNanoseconds();
    for (let i = 0; i < TIMED; i++) play(host, SESSION);
    return (cpuNanoseconds() - start) / TIMED;
  });
}

const TIMED = 200;

/** The sizes of the project's bars. */
export const OPEN = [10, 1000, 20_000] as const;

/** @param directory the project's, with its `build/` @throws Error without a build; WasmTrap */
export async function scaleNode(directory: string, options: BenchOptions): Promise<Measurement[]> {
  const wasm = readFileSync(join(directory, "build/smtp-inspector.wasm"));
  const module = new WebAssembly.Module(wasm);
  const counting = counted(wasm);
  const rows: Measurement[] = [];
  const push = (name: string, unit: string, samples: number[], more: Partial<Measurement> = {}): void => {
    if (wanted(name, options.only)) rows.push({ group: "module", name, unit, samples, ...more });
  };
  for (const open of OPEN) {
    const names = {
      session: `scale: a session beside ${open} open`,
      tick: `scale: a tick beside ${open} open`,
      time: `scale: a session beside ${open} open, with the Node host`,
    };
    const some = Object.values(names).some((name) => wanted(name, options.only));
    if (options.signal.aborted || !some) continue;
    options.progress(`scale: ${open} open sessions`);
    const { session, tick } = besideOpen(counting, open);
    push(names.session, "instructions", [session]);
    push(names.tick, "instructions", [tick]);
    push(names.time, "ns", timeBeside(module, open, options.pairs));
  }
  const growth = "scale: growth of memory by many sessions";
  if (!wanted(growth, options.only)) return rows;
  const sessions = options.short ? SHORT_SESSIONS : SESSIONS;
  const told = (done: number): void => options.progress(`scale: ${done} of ${sessions} sessions`);
  const passage = await passSessions(module, sessions, told, options.signal);
  push(growth, "bytes", [passage.bytesAfter - passage.bytesBefore], {
    most: 0,
    note: `${passage.sessions} sessions, ${passage.bytesBefore} bytes before, ${passage.seconds.toFixed(0)} s`,
  });
  return rows;
}
