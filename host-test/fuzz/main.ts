/** `npm run fuzz -- [--minutes N] [--seed N] [--blind] [--minimize] [--replay file]`; exits with 1 on faults. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { FuzzModule } from "./build.js";
import { buildForFuzzing } from "./build.js";
import { loadCorpus, minimize, readSessions, saveCorpus, writeCrash } from "./corpus.js";
import { Coverage } from "./coverage.js";
import { byBytes } from "./cuts.js";
import type { Run } from "./executor.js";
import { Executor } from "./executor.js";
import type { Crash } from "./fuzzer.js";
import { Fuzzer } from "./fuzzer.js";
import type { Fault } from "./fault.js";
import { SEEDS } from "./seeds.js";
import type { Session } from "./session.js";
import { escape, write } from "./session.js";

const USAGE = `npm run fuzz -- [options]
  --minutes N      how long (default 1); may be a fraction
  --executions N   or how many sessions
  --seed N         repeats a run; the seed is printed at the start
  --corpus DIR     sessions to start with (host-test/fuzz/corpus)
  --out DIR        where new sessions and faults go (build/fuzz)
  --blind          do not keep sessions that reach something new, to measure the benefit
  --fresh          start with only the one plain session
  --minimize       add the new sessions to the corpus, as few and as short as possible
  --replay FILE    play one session or report again and print the result
  --missing        list the functions with places that were not reached

Ctrl-C ends a run early. Exit code 0: nothing found, 1: faults found, 2: could not run.
`;

const OPTIONS = {
  minutes: { type: "string" },
  executions: { type: "string" },
  seed: { type: "string" },
  corpus: { type: "string" },
  out: { type: "string" },
  replay: { type: "string" },
  blind: { type: "boolean" },
  fresh: { type: "boolean" },
  minimize: { type: "boolean" },
  missing: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** How often a line of progress is printed. */
const PROGRESS_MS = 10_000;
/** Sessions between two checks of the clock and of Ctrl-C. */
const BATCH = 100;

const project = process.cwd();

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = chosen(values);
  say("building the filter with counters ...");
  const built = await buildForFuzzing(project);
  if (values.replay !== undefined) {
    const faults = readSessions(values.replay).flatMap((session) => replay(built, session));
    say(faults.length === 0 ? "nothing found" : `${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  }
  if (values.minimize === true) return minimizeCorpus(built, options);
  const fuzzer = await run(built, options);
  if (values.missing === true) sayMissing(fuzzer, built.functionOf);
  return fuzzer.crashes.length === 0 ? 0 : 1;
}

interface Values {
  minutes?: string;
  executions?: string;
  seed?: string;
  corpus?: string;
  out?: string;
  blind?: boolean;
  fresh?: boolean;
}

interface Chosen {
  seed: number;
  most: number;
  minutes: number;
  folder: string;
  out: string;
  guided: boolean;
  fresh: boolean;
}

/** @throws Error that names the option */
function chosen(values: Values): Chosen {
  const number = (name: "minutes" | "executions" | "seed", otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= 0)) throw new Error(`--${name} needs a number, not "${values[name]}"`);
    return value;
  };
  return {
    seed: number("seed", Date.now() % 2 ** 32),
    most: number("executions", Infinity),
    minutes: number("minutes", values.executions === undefined ? 1 : Infinity),
    folder: values.corpus ?? join(project, "host-test/fuzz/corpus"),
    out: values.out ?? join(project, "build/fuzz"),
    guided: values.blind !== true,
    fresh: values.fresh === true,
  };
}

/** @returns the exit code */
function minimizeCorpus(built: FuzzModule, { seed, folder, out }: Chosen): number {
  const all = [...SEEDS, ...loadCorpus(folder), ...loadCorpus(join(out, "corpus"))];
  const judge = new Fuzzer(built, { seed });
  const sound = all.filter((session) => judge.replay(session).length === 0);
  const few = minimize(sound, new Executor(built), new Coverage(built.sites));
  saveCorpus(folder, few);
  const left = all.length - sound.length;
  say(`${few.length} of ${all.length} sessions kept, ${left} left out that show faults`);
  return 0;
}

/** Fuzzes until time, executions or Ctrl-C end it, and saves what is new. */
async function run(built: FuzzModule, options: Chosen): Promise<Fuzzer> {
  const { seed, most, minutes, folder, out, guided } = options;
  const onCrash = (crash: Crash): void => {
    say(`${crash.fault.law}: ${crash.fault.key} → ${writeCrash(join(out, "crashes"), crash)}`);
  };
  const fuzzer = new Fuzzer(built, { seed, guided, onCrash });
  const saved = loadCorpus(join(out, "corpus"));
  const first = options.fresh ? SEEDS.slice(0, 1) : [...SEEDS, ...loadCorpus(folder), ...saved];
  say(`seed ${seed}, ${built.sites} places to reach, ${first.length} sessions to start with`);
  const start = performance.now();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  for (const session of first) {
    if (stop.signal.aborted) break;
    fuzzer.seed(session);
    await letSignalsIn();
  }
  const known = fuzzer.corpus.length;
  await loop(fuzzer, built.sites, { start, until: start + minutes * 60_000, most, stop: stop.signal });
  if (fuzzer.corpus.length > known) {
    saveCorpus(join(out, "corpus"), [...saved, ...fuzzer.corpus.slice(known)]);
    say(`${fuzzer.corpus.length - known} new sessions in ${join(out, "corpus")}`);
  }
  return fuzzer;
}

function replay(built: FuzzModule, session: Session): Fault[] {
  say(write(session).trimEnd());
  sayRun("whole", new Executor(built).run(session));
  sayRun("byte by byte", new Executor(built).run(session, { client: byBytes, server: byBytes }));
  const faults = new Fuzzer(built, { seed: 1 }).replay(session);
  for (const { law, key, detail } of faults) say(`${law}: ${key}\n${detail}`);
  return faults;
}

async function loop(
  fuzzer: Fuzzer,
  sites: number,
  { start, until, most, stop }: { start: number; until: number; most: number; stop: AbortSignal },
): Promise<void> {
  let next = start + PROGRESS_MS;
  const progress = (): void => {
    const seconds = (performance.now() - start) / 1000;
    const { coverage, corpus, crashes, executions } = fuzzer;
    const share = ((100 * coverage.reached) / sites).toFixed(1);
    say(
      `${seconds.toFixed(0)} s (${cpuMinutes()} CPU minutes), ${executions} executions, ${(executions / seconds).toFixed(0)}/s, ` +
        `${coverage.reached} places (${share} %), ${coverage.features} features, ${coverage.kinds} kinds of findings, ` +
        `corpus ${corpus.length}, crashes ${crashes.length}`,
    );
  };
  while (!stop.aborted && performance.now() < until && fuzzer.executions < most) {
    for (let i = 0; i < BATCH && fuzzer.executions < most; i++) fuzzer.step();
    await letSignalsIn();
    if (performance.now() < next) continue;
    next = performance.now() + PROGRESS_MS;
    progress();
  }
  progress();
}

const letSignalsIn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function cpuMinutes(): string {
  const { user, system } = process.cpuUsage();
  return ((user + system) / 60e6).toFixed(1);
}

function sayMissing(fuzzer: Fuzzer, functionOf: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const site of fuzzer.coverage.missing()) {
    const name = functionOf[site] ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of [...counts].sort((a, b) => b[1] - a[1])) say(`${count} in ${name}`);
}

function sayRun(label: string, run: Run | Fault): void {
  if ("law" in run) return;
  const { toServer, toClient, closed, summary } = run.seen;
  say(`${label}:\n  to the server  ${escape(toServer)}\n  to the client  ${escape(toClient)}`);
  say(
    [
      `  closed         ${closed}`,
      `  summary        ${summary}`,
      ...run.kinds.map((kind) => `  ${kind}`),
    ].join("\n"),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
