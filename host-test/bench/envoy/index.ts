/** Loads through a real Envoy, in turns with plain `tcp_proxy`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modulePath } from "../../cli/front.js";
import type { BenchOptions, Measurement } from "../result.js";
import { buildTwin, TwinUnavailable } from "../twin/build.js";
import type { Setting } from "./bootstrap.js";
import { EnvoyLab } from "./lab.js";
import { benchLatency } from "./latency.js";
import { type Load, LOADS } from "./loads.js";
import { Rows } from "./rows.js";
import { calibrate, type Cost, takeTurns } from "./turns.js";

/**
 * In the order in which they are run, plain twice: the difference of its two runs is the machine's noise. The twin is
 * next to the profile that it is compared with; "empty" is a module whose callbacks do nothing: no filter in WebAssembly
 * can cost less.
 */
const SETTINGS = ["plain", "recommended", "twin", "empty", "plain again", "monitor", "strict"];
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

async function benchLoad(lab: EnvoyLab, load: Load, rows: Rows, options: BenchOptions): Promise<void> {
  const asked = SETTINGS.filter((name) => lab.has(settingOf(name)) && rows.wantsAny(names(load, name)));
  if (asked.length === 0) return;
  const chosen = SETTINGS.filter((name) => settingOf(name) === "plain" || asked.includes(name));
  const contestants = chosen.map((name) => ({ name, setting: settingOf(name), load }));
  const messages = await calibrate(lab, { name: "plain", setting: "plain", load }, options);
  for (const name of chosen) await lab.run(settingOf(name), load, load.first, options);
  for (let pair = 0; pair < options.pairs; pair++) {
    options.progress(
      `envoy: ${load.name}, pair ${pair + 1} of ${options.pairs}, ${messages} messages a turn`,
    );
    record(rows, load, await takeTurns(lab, contestants, messages, options));
  }
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
