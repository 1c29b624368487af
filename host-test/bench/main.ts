/** `npm run bench`: its options and output are described in args.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/args.js";
import { projectRoot } from "../cli/front.js";
import type { BenchArgs, Look, Part } from "./args.js";
import { parseBenchArgs, USAGE } from "./args.js";
import { complaints, measureInstructions, readFigures, writeFigures } from "./module/instructions.js";
import { writePages } from "./pages.js";
import type { BenchRecord } from "./record.js";
import { readRecord, recordOf, writeRecord } from "./record.js";
import type { BenchOptions, Measurement } from "./result.js";
import { isMet, textTable } from "./table.js";

const STOPPED = 130;

const say = (text: string): void => void process.stdout.write(text);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const args = parseBenchArgs(process.argv.slice(2));
  if (args.help) {
    say(USAGE);
    return 0;
  }
  const directory = projectRoot();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The first one stops what was started; a second one ends at once.
    process.once(signal, () => {
      process.once(signal, () => process.exit(STOPPED));
      tell("stopping ...");
      stop.abort();
    });
  }
  if (args.look === undefined) return await run(directory, args, stop.signal);
  return await look(args.look, directory, args, stop.signal);
}

async function run(directory: string, args: BenchArgs, signal: AbortSignal): Promise<number> {
  const { short, only } = args;
  const options: BenchOptions = { ...optionsOf(args), signal };
  const record: BenchRecord = {};
  const all: Measurement[] = [];
  let failures = 0;
  for (const part of args.parts) {
    if (signal.aborted) break;
    try {
      const measured = await measure(part, directory, options);
      all.push(...measured);
      record[part] = recordOf(directory, measured, args);
    } catch (error) {
      // The results of the other parts are useful all the same.
      failures++;
      tell(`${part}: ${told(error)}`);
    }
  }
  say(textTable(all));
  if (args.json !== undefined) writeRecord(args.json, record);
  if (signal.aborted) return STOPPED;
  if (args.write) {
    const path = join(directory, "host-test/bench/results.json");
    const merged = { ...readRecord(path), ...record };
    writeRecord(path, merged);
    for (const line of writePages(directory, merged)) tell(line);
  }
  if (failures > 0) return 2;
  if (all.length === 0) throw new UserError(`no row's name contains "${only}"`, 2);
  const missed = all.filter((each) => !isMet(each));
  if (short) say("A short run: the bars do not count.\n");
  else if (missed.length > 0) say(`${missed.length} bars missed.\n`);
  return short || missed.length === 0 ? 0 : 1;
}

const optionsOf = ({ pairs, short, only }: BenchArgs): Omit<BenchOptions, "signal"> => {
  return { pairs, short, progress: tell, ...(only === undefined ? {} : { only }) };
};

/** Each part is loaded when it is run: if one lacks something, the others still run. */
async function measure(part: Part, directory: string, options: BenchOptions): Promise<Measurement[]> {
  switch (part) {
    case "module":
      return (await import("./module/index.js")).benchModule(directory, options);
    case "envoy":
      return (await import("./envoy/index.js")).benchEnvoy(options);
    case "tls":
      return (await import("./envoy/tls.js")).benchTls(options);
    case "relays":
      return (await import("./relays/index.js")).benchRelays(options);
    case "scale": {
      const inNode = await (await import("./scale-node.js")).scaleNode(directory, options);
      if (options.signal.aborted) return inNode;
      return [...inNode, ...(await (await import("./scale-envoy.js")).scaleEnvoy(options))];
    }
  }
}

async function look(what: Look, directory: string, args: BenchArgs, signal: AbortSignal): Promise<number> {
  if (what === "perf") {
    const { perfTables } = await import("./envoy/perf.js");
    say(await perfTables({ ...optionsOf(args), signal }));
    return 0;
  }
  if (what === "profile") {
    const { profile, profileText } = await import("./module/profile.js");
    say(`${profileText(await profile(directory))}\n`);
    return 0;
  }
  const path = join(directory, "host-test/bench/instructions.json");
  const figures = measureInstructions(readFileSync(join(directory, "build/smtp-inspector.wasm")));
  if (args.write) {
    writeFigures(path, figures);
    return 0;
  }
  const recorded = readFigures(path);
  for (const [row, count] of Object.entries(figures)) {
    const change = (count / (recorded[row] ?? NaN) - 1) * 100;
    say(`${row.padEnd(30)} ${String(count).padStart(10)} ${String(recorded[row] ?? "new").padStart(10)} `);
    say(`${Number.isNaN(change) ? "" : `${change < 0 ? "" : "+"}${change.toFixed(1)} %`}\n`);
  }
  const worse = complaints(recorded, figures);
  for (const line of worse) tell(line);
  return worse.length === 0 ? 0 : 1;
}

/** A user's mistake needs no stack trace. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof UserError ? error.message : (error.stack ?? error.message);
}

process.exitCode = await main().catch((error: unknown) => {
  tell(told(error));
  return 2;
});
