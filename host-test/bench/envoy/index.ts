/** Loads through a real Envoy, in turns with plain `tcp_proxy`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modulePath } from "../../cli/front.js";
import type { BenchOptions, Measurement } from "../result.js";
import { buildTwin, TwinUnavailable } from "../twin/build.js";
import type { Setting } from "./bootstrap.js";
import { type CheckedRun, EnvoyLab } from "./lab.js";
import { benchLatency } from "./latency.js";
import { type Load, LOADS } from "./loads.js";
import { Rows } from "./rows.js";

/**
 * In the order in which they are run, plain twice: the difference of its two runs is the machine's noise. The twin is
 * next to the profile that it is compared with; "empty" is a module whose callbacks do nothing: no filter in WebAssembly
 * can cost less.
 */
const SETTINGS = ["plain", "recommended", "twin", "empty", "plain again", "monitor", "strict"];
/**
 * A pair is made of short runs that take turns, and each setting's runs are summed: whatever else the
 * machine does affects all alike. A second of load is far more than the few ms by which schedstat can be wrong.
 */
const TURNS = { long: { turns: 4, seconds: 1 }, short: { turns: 2, seconds: 0.4 } };

/**
 * Measures all loads in Envoy with one worker.
 * @throws Error that says what is missing: Envoy, smtp-source or a built module
 */
export async function benchEnvoy(options: BenchOptions): Promise<Measurement[]> {
  const rows = new Rows(options.only);
  const folder = await mkdtemp(join(tmpdir(), "smtp-inspector-bench-"));
  let lab: EnvoyLab | undefined;
  try {
    lab = await EnvoyLab.start(await settings(folder, options));
    for (const load of LOADS) await benchLoad(lab, load, rows, options);
    await benchLatency(lab, rows, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return rows.all();
}

/** Plain `tcp_proxy`, the three profiles, and those in C where they can be built. */
export async function settings(folder: string, options: BenchOptions): Promise<Setting[]> {
  const wasm = modulePath();
  const profiles = ["monitor", "recommended", "strict"].map((profile) => ({
    name: profile,
    wasm,
    policy: JSON.stringify({ stat_prefix: profile, profile }),
  }));
  const all: Setting[] = [{ name: "plain" }, ...profiles];
  try {
    for (const name of ["twin", "empty"] as const) all.push({ name, wasm: await buildTwin(folder, name) });
  } catch (error) {
    if (!(error instanceof TwinUnavailable)) throw error;
    options.progress(`without the twin: ${error.message}`);
  }
  return all;
}

/** How many messages give a run of the wanted length; the first run also warms up caches. */
async function calibrate(lab: EnvoyLab, load: Load, options: BenchOptions): Promise<number> {
  await lab.run("plain", load, load.first, options);
  const { seconds } = await lab.run("plain", load, load.first, options);
  const wanted = (options.short ? TURNS.short : TURNS.long).seconds;
  return Math.max(load.sessions, Math.round((load.first / seconds) * wanted));
}

/** What a setting's runs of one pair cost in all. */
interface Cost {
  /** CPU nanoseconds a message. */
  cpu: number;
  /** Messages a second. */
  speed: number;
  findings: string[];
}

async function benchLoad(lab: EnvoyLab, load: Load, rows: Rows, options: BenchOptions): Promise<void> {
  const asked = SETTINGS.filter((name) => lab.has(settingOf(name)) && rows.wantsAny(names(load, name)));
  if (asked.length === 0) return;
  const chosen = SETTINGS.filter((name) => settingOf(name) === "plain" || asked.includes(name));
  const messages = await calibrate(lab, load, options);
  for (const name of chosen) await lab.run(settingOf(name), load, load.first, options);
  for (let pair = 0; pair < options.pairs; pair++) {
    options.progress(
      `envoy: ${load.name}, pair ${pair + 1} of ${options.pairs}, ${messages} messages a turn`,
    );
    record(rows, load, await takeTurns(lab, load, chosen, messages, options));
  }
}

async function takeTurns(
  lab: EnvoyLab,
  load: Load,
  chosen: string[],
  messages: number,
  options: BenchOptions,
): Promise<Map<string, Cost>> {
  const { turns } = options.short ? TURNS.short : TURNS.long;
  const runs = new Map<string, CheckedRun[]>(chosen.map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    // Forwards and backwards, so that no setting always runs after the same one.
    for (const name of turn % 2 === 0 ? chosen : chosen.toReversed())
      runs.get(name)?.push(await lab.checkedRun(settingOf(name), load, messages, options));
  }
  return new Map([...runs].map(([name, each]) => [name, sum(each)]));
}

function sum(runs: CheckedRun[]): Cost {
  const total = (what: (run: CheckedRun) => number): number => runs.reduce((all, run) => all + what(run), 0);
  const messages = total((run) => run.messages);
  return {
    cpu: total((run) => run.cpu * run.messages) / messages,
    speed: messages / total((run) => run.seconds),
    findings: runs.at(-1)?.findings ?? [],
  };
}

const settingOf = (name: string): string => (name === "plain again" ? "plain" : name);
const overTwin = (load: Load): string => `${load.name}, recommended: CPU over the twin in C`;

/** The rows for which a setting has to run. */
function names(load: Load, setting: string): string[] {
  const own = [`${load.name}, ${setting}: CPU`, `${load.name}, ${setting}: throughput`];
  return ["recommended", "twin"].includes(setting) ? [...own, overTwin(load)] : own;
}

function record(rows: Rows, load: Load, costs: Map<string, Cost>): void {
  const [one, other] = [costs.get("plain"), costs.get("plain again")];
  if (one === undefined || other === undefined) return;
  const plain = { cpu: (one.cpu + other.cpu) / 2, speed: (one.speed + other.speed) / 2 };
  rows.add(`${load.name}, plain: CPU`, "µs/message", plain.cpu / 1000);
  rows.add(`${load.name}, plain: throughput`, "messages/s", plain.speed);
  rows.add(`${load.name}, plain again: CPU`, "× plain", other.cpu / one.cpu);
  rows.add(`${load.name}, plain again: throughput`, "× plain", other.speed / one.speed);
  for (const [name, { cpu, speed, findings }] of costs) {
    if (settingOf(name) === "plain") continue;
    const ours = name === "recommended";
    const most = ours && load.mostCpu !== undefined ? { most: load.mostCpu } : {};
    const note = findings.length === 0 ? {} : { note: `findings: ${findings.join(", ")}` };
    rows.add(`${load.name}, ${name}: CPU`, "× plain", cpu / plain.cpu, { ...most, ...note });
    rows.add(
      `${load.name}, ${name}: throughput`,
      "× plain",
      speed / plain.speed,
      ours ? { least: 0.95 } : {},
    );
  }
  const [ours, twin] = [costs.get("recommended"), costs.get("twin")];
  if (ours !== undefined && twin !== undefined)
    rows.add(overTwin(load), "× twin", ours.cpu / twin.cpu, { most: 1.05 });
}
