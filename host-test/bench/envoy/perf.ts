/** Where the CPU of Envoy's worker goes, by `perf` (Debian's linux-perf): the module, Envoy around it, libc, the kernel. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchOptions } from "../result.js";
import { wanted } from "../result.js";
import { runProgram, startRecorder } from "./children.js";
import { settings } from "./index.js";
import { EnvoyLab } from "./lab.js";
import { type Load, LOADS } from "./loads.js";

/** Whose code a sample was in. */
export const PLACES = ["kernel", "Envoy and V8", "libc", "the module"] as const;
type Place = (typeof PLACES)[number];

/** Share of the samples, 0 to 1, by place. */
export type Shares = Record<Place, number>;

/** Side by side, from nothing to everything. */
const SETTINGS = ["plain", "empty", "twin", "recommended"];
/** Samples a second: enough for a tenth of a percent in 3 s of load. */
const FREQUENCY = "2000";
const SECONDS = 3;

/**
 * Profiles the worker on every load that `options.only` names (all without it), one setting at a time.
 * @returns a Markdown table a load: µs a message by place
 * @throws Error that says what is missing: perf, Envoy, smtp-source
 */
export async function perfTables(options: BenchOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "smtp-inspector-perf-"));
  let lab: EnvoyLab | undefined;
  try {
    lab = await EnvoyLab.start(await settings(folder, options));
    const tables: string[] = [];
    for (const load of LOADS.filter(({ name }) => wanted(name, options.only)))
      tables.push(await perfTable(lab, load, folder, options));
    return tables.join("\n");
  } finally {
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function perfTable(lab: EnvoyLab, load: Load, folder: string, options: BenchOptions): Promise<string> {
  const chosen = SETTINGS.filter((name) => lab.has(name));
  await lab.run("plain", load, load.first, options);
  const { seconds } = await lab.run("plain", load, load.first, options);
  const messages = Math.max(load.sessions, Math.round((load.first / seconds) * SECONDS));
  const columns: { cpu: number; shares: Shares }[] = [];
  for (const setting of chosen) {
    options.progress(`perf: ${load.name}, ${setting}, ${messages} messages`);
    // V8 compiles what is hot a second time: that is over when what counts begins.
    await lab.run(setting, load, messages, options);
    const data = join(folder, "perf.data");
    const recorder = await startRecorder(data, lab.worker, FREQUENCY);
    const { cpu } = await lab.run(setting, load, messages, options).finally(() => recorder.stop());
    const report = await runProgram("perf", [...REPORT, "-i", data], options.signal);
    columns.push({ cpu, shares: sharesOf(report) });
  }
  return tableOf(load.name, chosen, columns);
}

const REPORT = ["report", "--stdio", "--no-children", "--sort", "dso", "-t", "\t"];

/** Sums the lines of `perf report --sort dso -t TAB` by place. @throws Error when there are none */
export function sharesOf(report: string): Shares {
  const shares: Shares = { kernel: 0, "Envoy and V8": 0, libc: 0, "the module": 0 };
  for (const line of report.split("\n")) {
    const [, percent, dso] = /^\s*(\d+\.\d+)%\s*\t\s*(.+?)\s*$/.exec(line) ?? [];
    if (percent !== undefined && dso !== undefined) shares[placeOf(dso)] += Number(percent) / 100;
  }
  if (PLACES.every((place) => shares[place] === 0)) throw new Error("perf report has no samples");
  return shares;
}

/** V8 writes code at run time, which belongs to no file: `[JIT] tid …`, `//anon` or `[unknown]` to perf. */
function placeOf(dso: string): Place {
  if (dso.startsWith("[kernel") || dso.startsWith("[vdso") || dso.startsWith("[guest.kernel"))
    return "kernel";
  if (/^\[JIT\]|^perf-\d+\.map|anon|^\[unknown\]/.test(dso)) return "the module";
  return /^(?:libc|libm|libpthread|ld-linux)\b/.test(dso) ? "libc" : "Envoy and V8";
}

function tableOf(load: string, settingNames: string[], columns: { cpu: number; shares: Shares }[]): string {
  const cell = (nanoseconds: number): string => (nanoseconds / 1000).toFixed(1);
  const row = (name: string, cells: string[]): string => `| ${name} | ${cells.join(" | ")} |\n`;
  const rows = PLACES.map((place) =>
    row(
      place,
      columns.map(
        ({ cpu, shares }) => `${cell(cpu * shares[place])} (${(100 * shares[place]).toFixed(1)} %)`,
      ),
    ),
  );
  return [
    row(`${load}, µs/message`, settingNames),
    row(
      "---",
      settingNames.map(() => "---:"),
    ),
    ...rows,
    row(
      "all",
      columns.map(({ cpu }) => cell(cpu)),
    ),
  ].join("");
}
