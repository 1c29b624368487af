/** The benchmark's command line. */
import { parseArgs } from "node:util";
import { UserError } from "../cli/args.js";

/** What is measured, in the order of the table. */
export const PARTS = ["module", "envoy", "tls", "relays", "scale"] as const;
export type Part = (typeof PARTS)[number];

/** What only inspects; each must be the only argument. */
const LOOKS = ["instructions", "profile", "perf"] as const;
export type Look = (typeof LOOKS)[number];

export interface BenchArgs {
  /** All by default. */
  readonly parts: readonly Part[];
  readonly look: Look | undefined;
  readonly pairs: number;
  readonly short: boolean;
  readonly only: string | undefined;
  readonly json: string | undefined;
  readonly write: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [what …] [options]

What (default: all five):
  module         in the module, under Node: time per command and reply, data, memory
  envoy          in Envoy, against plain tcp_proxy and a filter in C
  tls            STARTTLS and the filter in Envoy, against TLS alone
  relays         against Postfix and others as relays
  scale          a million sessions, and thousands of open ones
or one of
  instructions   instructions per command and the recorded ones; --write records them
  profile        in which functions they are executed
  perf           where the CPU time of Envoy's worker goes, by Linux's perf; with --only

Options:
  --pairs N      repetitions, or pairs with tcp_proxy (5)
  --short        seconds instead of minutes: shows that it works, not how fast; no bars
  --only TEXT    rows whose name contains the text
  --json FILE    writes the measurements
  --write        writes the results to host-test/bench/results.json, the READMEs and the picture
  --help

Progress goes to stderr. Ctrl-C stops and prints the results so far; a second one ends at once.
Exit code 0: all bars are met, 1: one is missed, 2: could not run, 130: stopped.
`;

/** @throws UserError (exit code 2) that says what is wrong */
export function parseBenchArgs(args: string[]): BenchArgs {
  const { values, positionals } = parse(args);
  const pairs = Number(values.pairs ?? 5);
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > 1000) {
    throw new UserError(`--pairs needs a number from 1 to 1000, not "${values.pairs}"`, 2);
  }
  const look = LOOKS.find((each) => positionals.includes(each));
  if (look !== undefined && positionals.length > 1)
    throw new UserError(`${look} must be the only argument`, 2);
  for (const name of positionals) {
    if (look === undefined && !isPart(name)) throw new UserError(`unknown part "${name}": see --help`, 2);
  }
  const chosen = PARTS.filter((part) => positionals.includes(part));
  const { short = false, write = false, help = false, only, json } = values;
  if (write && look === undefined && (short || only !== undefined)) {
    throw new UserError("--write needs a complete run: leave out --short and --only", 2);
  }
  const parts = positionals.length === 0 ? PARTS : chosen;
  return { parts, look, pairs, short, only, json, write, help };
}

const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);

const OPTIONS = {
  pairs: { type: "string" },
  short: { type: "boolean" },
  only: { type: "string" },
  json: { type: "string" },
  write: { type: "boolean" },
  help: { type: "boolean" },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function parse(args: string[]): Parsed {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), 2);
  }
}
