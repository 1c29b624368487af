/** `npm run judges`: plays the hostile streams at real servers, prints the table and says which of its rules are broken. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "../cli/args.js";
import { projectRoot } from "../cli/front.js";
import { Court } from "./run.js";
import { STREAMS } from "./all-streams.js";
import { inSecurity, repliesOf, tableOf } from "./text.js";
import { broken } from "./verdict.js";

const USAGE = `Usage: npm run judges -- [options]

Plays hostile SMTP streams at Postfix, Exim, OpenSMTPD, aiosmtpd and npm's smtp-server, directly and through Envoy with
the filter in the profiles recommended and strict. Prints what arrived and which commands ran as Markdown, and each
broken rule on the standard error. Needs root and Debian; fetches the servers that are missing into .tools/mta.

  --only TEXT   only the streams with TEXT in their name or family
  --verbose     also print all replies and findings of every session
  --write       put the table into SECURITY.md, with today's date
  --help        show this text

Exit code: 0 all rules hold, 1 one is broken or the servers do not run, 2 a wrong argument, 130 interrupted.
`;

interface Options {
  only: string;
  verbose: boolean;
  write: boolean;
  help: boolean;
}

/** Reads the command line. @throws UserError with exit code 2 */
function parse(args: string[]): Options {
  let values: Partial<Options>;
  try {
    const flag = { type: "boolean" } as const;
    const options = {
      only: { type: "string" },
      verbose: flag,
      write: flag,
      help: { ...flag, short: "h" },
    } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new UserError(`${(error as Error).message} (see --help)`, 2);
  }
  const { only = "", verbose = false, write = false, help = false } = values;
  if (write && only !== "") throw new UserError("--write needs all streams: leave out --only", 2);
  return { only, verbose, write, help };
}

async function main(args: string[], signal: AbortSignal): Promise<number> {
  const options = parse(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const wanted = options.only.toLowerCase();
  const streams = STREAMS.filter(({ name, family }) => `${family} ${name}`.toLowerCase().includes(wanted));
  if (streams.length === 0)
    throw new UserError(`no stream has ${JSON.stringify(options.only)} in its name`, 2);
  tell("starting the servers and Envoy");
  const court = await Court.open({ signal });
  try {
    const cells = await court.hear(streams, { signal, onProgress: progress });
    const table = tableOf(
      streams,
      court.judges.map((judge) => judge.name),
      cells,
    );
    process.stdout.write(`${table}\n`);
    if (options.verbose) process.stdout.write(`\n${repliesOf(cells)}\n`);
    const faults = broken(cells);
    for (const fault of faults) tell(fault);
    tell(`${streams.length} streams, ${cells.length} sessions, ${faults.length} broken rules`);
    if (options.write) {
      const path = join(projectRoot(), "SECURITY.md");
      writeFileSync(path, inSecurity(readFileSync(path, "utf8"), table, new Date()));
    }
    return faults.length === 0 ? 0 : 1;
  } finally {
    await court.close();
  }
}

function progress(done: number, total: number): void {
  if (done % 100 === 0 || done === total) tell(`${done} of ${total} sessions`);
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Asked a second time, leave at once: what was started is killed with this process.
    if (interrupt.signal.aborted) process.exit(130);
    tell("ending the servers");
    interrupt.abort(new UserError("interrupted"));
  });
}

process.exitCode = await main(process.argv.slice(2), interrupt.signal).catch((error: unknown) => {
  if (interrupt.signal.aborted) return 130;
  tell(`judges: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof UserError ? error.exitCode : 1;
});
