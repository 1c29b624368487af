/** `npm run exhaustive`: plays every short string at the filter and compares what it sends on with models of servers. */
import { setImmediate as letSignalsIn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { UserError } from "../cli/args.js";
import { filterModule } from "../cli/front.js";
import { POLICY_NAMES, type PolicyName, type Task, tasksUnder } from "./plan.js";

const USAGE = `Usage: npm run exhaustive -- [options]

Plays every string over CR, LF, ".", NUL and "x" as message data, and every string over CR, LF, NUL, SP, HT, "A" and ":"
as command lines, each in one piece and octet by octet, under the profiles recommended and strict (data also under the
recipe that rewrites). Says where a model of a mail server finds another end of data, or another number of command lines,
than the filter; in strict, or another verb.

  --length N     longest string of data, 0 to 10, default 7. Nine octets are 2.4 million strings
  --commands N   longest string of command lines, 0 to 8, default 5. Seven octets are 960,000
  --policy NAME  only ${POLICY_NAMES.join(", ")}; more than one process can share the work by it
  --help         show this text

Exit code: 0 no difference, 1 one was found, 2 a wrong argument, 130 interrupted.
`;

const PROGRESS_MS = 10_000;
/** Strings between two looks at the clock and at Ctrl-C. */
const BATCH = 500;
/** Differences that are shown of each kind of strings. */
const SHOWN = 20;

interface Options {
  length: number;
  commands: number;
  policies: readonly PolicyName[];
  help: boolean;
}

/** Reads the command line. @throws UserError with exit code 2 */
function parse(args: string[]): Options {
  const text = { type: "string" } as const;
  const help = { type: "boolean", short: "h" } as const;
  const options = { length: text, commands: text, policy: text, help } as const;
  try {
    const { values } = parseArgs({ args, options });
    return {
      length: octets("--length", values.length ?? "7", 10),
      commands: octets("--commands", values.commands ?? "5", 8),
      policies: named(values.policy),
      help: values.help === true,
    };
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`${(error as Error).message} (see --help)`, 2);
  }
}

function named(text: string | undefined): readonly PolicyName[] {
  if (text === undefined) return POLICY_NAMES;
  const policies = POLICY_NAMES.filter((name) => name === text);
  if (policies.length === 0)
    throw new UserError(`--policy takes ${POLICY_NAMES.join(", ")}, not "${text}"`, 2);
  return policies;
}

function octets(option: string, text: string, most: number): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  if (!(value <= most)) throw new UserError(`${option} takes a number from 0 to ${most}, not "${text}"`, 2);
  return value;
}

async function main(args: string[], signal: AbortSignal): Promise<number> {
  const options = parse(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  let faults = 0;
  const start = performance.now();
  const { policies, length, commands } = options;
  for (const task of tasksUnder(filterModule(), policies, length, commands)) {
    faults += await run(task, signal);
    if (signal.aborted) return 130;
  }
  say(`${faults} differences, ${seconds(start)} s, ${cpuSeconds()} s of CPU`);
  return faults === 0 ? 0 : 1;
}

/** @returns the number of differences */
async function run(task: Task, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  let next = start + PROGRESS_MS;
  let played = 0;
  let faults = 0;
  for (const text of task.strings()) {
    for (const fault of task.check(text)) if (++faults <= SHOWN) say(fault);
    if (++played % BATCH !== 0) continue;
    await letSignalsIn();
    if (signal.aborted) return faults;
    if (performance.now() < next) continue;
    next = performance.now() + PROGRESS_MS;
    process.stderr.write(`${task.name}: ${played} of ${task.total}, ${faults} differences\n`);
  }
  say(
    `${task.name}: ${played} strings, ${task.passed()} read to their end, ${faults} differences, ${seconds(start)} s`,
  );
  return faults;
}

const seconds = (start: number): string => ((performance.now() - start) / 1000).toFixed(0);

function cpuSeconds(): string {
  const { user, system } = process.cpuUsage();
  return ((user + system) / 1e6).toFixed(0);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interrupt.abort());

process.exitCode = await main(process.argv.slice(2), interrupt.signal).catch((error: unknown) => {
  process.stderr.write(`exhaustive: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UserError ? error.exitCode : 1;
});
