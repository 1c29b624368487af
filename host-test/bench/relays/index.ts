/** The filter and its alternatives: same load, same server, same run. CPU of all processes involved. */
import { EnvoyLab, startSink } from "../envoy/lab.js";
import { modulePath } from "../../cli/front.js";
import { type Load, LOADS, runLoad } from "../envoy/loads.js";
import { processCpu } from "../envoy/cpu.js";
import { Rows } from "../envoy/rows.js";
import type { BenchOptions, Measurement } from "../result.js";
import { type Contestant, ContestantMissing } from "./contestant.js";
import { startHaraka, startNodeRelay } from "./node.js";
import { startPostfix } from "./postfix.js";

/** Loads of LOADS that every relay takes: none needs an extension that one of them lacks. */
const COMPARED = ["1 KiB kept", "1 KiB a connection each", "1 MiB"];
const SECONDS = { long: 5, short: 0.6 };

interface Cost {
  /** CPU nanoseconds a message. */
  cpu: number;
  /** Messages per second, until the last one was passed on. */
  speed: number;
}

/** Measures all relays that are installed. @throws Error when Envoy, smtp-source or the module is missing */
export async function benchRelays(options: BenchOptions): Promise<Measurement[]> {
  const rows = new Rows(options.only, "relays");
  const stops: (() => Promise<void>)[] = [];
  try {
    const sink = await startSink("smtp-sink");
    stops.push(() => sink.service.stop());
    const ours = await startOurs(sink.port, stops);
    const others: Contestant[] = [];
    for (const start of [startPostfix, startNodeRelay, startHaraka]) {
      const started = await entrants(() => start(sink.port), options);
      stops.push(...started.map((each) => () => each.stop()));
      others.push(...started);
    }
    for (const load of LOADS.filter((each) => COMPARED.includes(each.name))) {
      await compare(load, ours, others, rows, options);
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  return rows.all();
}

async function startOurs(sinkPort: number, stops: (() => Promise<void>)[]): Promise<Contestant> {
  const name = "Envoy with the filter";
  const policy = JSON.stringify({ stat_prefix: "relays", profile: "recommended" });
  const lab = await EnvoyLab.inFrontOf(sinkPort, { name: "ours", wasm: modulePath(), policy });
  stops.push(() => lab.stop());
  const port = lab.port("ours", "smtp-sink");
  return { name, port, cpu: () => processCpu(lab.pid), settled: () => lab.idle(), stop: () => lab.stop() };
}

async function entrants(
  start: () => Promise<Contestant | Contestant[]>,
  options: BenchOptions,
): Promise<Contestant[]> {
  try {
    return [await start()].flat();
  } catch (error) {
    if (!(error instanceof ContestantMissing)) throw error;
    options.progress(`relays: ${error.message}`);
    return [];
  }
}

async function compare(
  load: Load,
  ours: Contestant,
  others: Contestant[],
  rows: Rows,
  options: BenchOptions,
): Promise<void> {
  const names = (each: Contestant): string[] =>
    ["CPU", "throughput"].map((what) => rowName(load, each, what));
  const chosen = others.filter((each) => rows.wantsAny([...names(each), ...names(ours)]));
  if (chosen.length === 0) return;
  const counts = new Map<Contestant, number>();
  for (const each of [ours, ...chosen]) counts.set(each, await calibrate(load, each, options));
  const cost = (each: Contestant): Promise<Cost> => measure(load, each, counts.get(each) ?? 0, options);
  for (let round = 0; round < options.pairs; round++) {
    options.progress(`relays: ${load.name}, round ${round + 1} of ${options.pairs}`);
    for (const other of chosen) {
      const [own, theirs] = [await cost(ours), await cost(other)];
      rows.add(rowName(load, ours, "CPU"), "µs/message", own.cpu / 1000);
      rows.add(rowName(load, ours, "throughput"), "messages/s", own.speed);
      rows.add(rowName(load, other, "CPU"), `× ${ours.name}`, theirs.cpu / own.cpu, { least: 1 });
      rows.add(rowName(load, other, "throughput"), `× ${ours.name}`, theirs.speed / own.speed);
    }
  }
}

const rowName = (load: Load, each: Contestant, what: string): string => `${load.name}, ${each.name}: ${what}`;

/** Each gets loads of the same length in time: at the same number of messages the slow ones would take most of it. */
async function calibrate(load: Load, each: Contestant, options: BenchOptions): Promise<number> {
  await measure(load, each, load.first, options);
  const { speed } = await measure(load, each, load.first, options);
  return Math.max(load.sessions, Math.round(speed * (options.short ? SECONDS.short : SECONDS.long)));
}

async function measure(load: Load, each: Contestant, messages: number, options: BenchOptions): Promise<Cost> {
  const before = await each.cpu();
  const start = performance.now();
  await runLoad(load, each.port, messages, options.signal);
  await each.settled();
  const seconds = (performance.now() - start) / 1000;
  return { cpu: ((await each.cpu()) - before) / messages, speed: messages / seconds };
}
