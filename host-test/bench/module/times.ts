/**
 * Nanoseconds per step. Many sessions take each step in a row, timed as a whole, so that the clock costs nothing and
 * the caches are those of many sessions. The same script on a module that does nothing shows the Node host's part; the two
 * alternate, and the median of many rounds is taken because others use the machine too.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "../../host/connection.js";
import type { BenchOptions, Measurement } from "../result.js";
import { wanted } from "../result.js";
import { median } from "../statistics.js";
import { BenchHost } from "./bench-host.js";
import { cpuNanoseconds } from "./cpu-clock.js";
import { take } from "./play.js";
import type { Step } from "./script.js";
import { REJECTED, SESSION } from "./script.js";

/** Sessions that take a step in a row: about 50 KB of the module's memory. */
const SESSIONS = 200;
/** Rounds whose median is one sample. */
const ROUNDS = 100;

/** The modules that take the script: ours, one that does nothing, one that only reads each buffer. */
export interface Modules {
  readonly filter: WebAssembly.Module;
  readonly empty: WebAssembly.Module;
  readonly reading: WebAssembly.Module;
}

/** Nanoseconds of each step that has a row. */
type Times = Map<string, number>;

/** @throws WasmTrap when a module traps */
export async function measureTimes(modules: Modules, options: BenchOptions): Promise<Measurement[]> {
  const scripts = [SESSION, REJECTED];
  const names = [...scripts.flat().flatMap(({ row }) => row ?? []), SESSION_RATE, ...HOST_ROWS];
  if (!names.some((name) => wanted(name, options.only))) return [];
  const rounds = options.short ? 10 : ROUNDS;
  const samples = new Map<string, number[]>();
  const note = (row: string, value: number): void => {
    samples.set(row, [...(samples.get(row) ?? []), value]);
  };
  // The first rounds are for the compiler: their results are not kept.
  await alternate(modules, scripts, Math.ceil(rounds / 5), options.signal);
  for (let pair = 0; pair < options.pairs && !options.signal.aborted; pair++) {
    options.progress(`module: times, ${pair + 1} of ${options.pairs}`);
    const { filter, empty, reading } = await alternate(modules, scripts, rounds, options.signal);
    for (const [row, value] of filter) note(row, value - (empty.get(row) ?? 0));
    note(SESSION_RATE, 1e9 / ((filter.get("open") ?? NaN) + (filter.get("close") ?? NaN)));
    note(HOST_ROWS[0], empty.get("NOOP") ?? NaN);
    note(HOST_ROWS[1], (reading.get("NOOP") ?? NaN) - (empty.get("NOOP") ?? NaN));
    note(HOST_ROWS[2], (empty.get("open") ?? NaN) + (empty.get("close") ?? NaN));
  }
  return [...samples].map(([name, values]): Measurement => {
    const unit = name === SESSION_RATE ? "1/s" : "ns";
    const note = name === SESSION_RATE ? "with the Node host" : "";
    return { group: "module", name, unit, samples: values, ...(note === "" ? {} : { note }) };
  });
}

const SESSION_RATE = "sessions opened and closed";
/** Figures of any module: all others are without the empty callback. */
const HOST_ROWS = [
  "Node host: empty callback",
  "Node host: reading a buffer",
  "Node host: open and close",
] as const;

async function alternate(
  modules: Modules,
  scripts: readonly (readonly Step[])[],
  rounds: number,
  signal: AbortSignal,
): Promise<Record<keyof Modules, Times>> {
  const collected = { filter: collect(), empty: collect(), reading: collect() };
  const hosts = {
    filter: new BenchHost(modules.filter),
    empty: new BenchHost(modules.empty),
    reading: new BenchHost(modules.reading),
  };
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    for (const which of ["filter", "empty", "reading"] as const) {
      for (const script of scripts) timeScript(hosts[which], script, collected[which]);
      hosts[which].lines = [];
    }
    await turn();
  }
  return {
    filter: medians(collected.filter),
    empty: medians(collected.empty),
    reading: medians(collected.reading),
  };
}

const collect = (): Map<string, number[]> => new Map();

function medians(collected: Map<string, number[]>): Times {
  return new Map([...collected].map(([row, times]) => [row, median(times)]));
}

function timeScript(host: BenchHost, script: readonly Step[], into: Map<string, number[]>): void {
  const sessions: (Connection | undefined)[] = new Array<undefined>(SESSIONS).fill(undefined);
  for (const step of script) {
    const start = cpuNanoseconds();
    for (let i = 0; i < SESSIONS; i++) sessions[i] = take(host, sessions[i], step);
    const each = (cpuNanoseconds() - start) / SESSIONS;
    if (step.row === undefined) continue;
    const times = into.get(step.row);
    if (times === undefined) into.set(step.row, [each]);
    else times.push(each);
  }
}
