/** In which functions the instructions of a step are executed: where to look for savings. */
import type { Connection } from "../../host/connection.js";
import { BenchHost } from "./bench-host.js";
import { compileNamed } from "./compile.js";
import { countInstructions } from "./count.js";
import { play, take } from "./play.js";
import { REJECTED, SESSION } from "./script.js";
import { functionNames } from "../../fuzz/wasm-sections.js";

/** The module's own data begins here; below are the counters, one u64 a function. */
const MEMORY_BASE = 65_536;
/** Above the null page that AssemblyScript leaves free. */
const COUNTERS = 1024;
const MOST_FUNCTIONS = (MEMORY_BASE - COUNTERS) / 8;

/** Instructions of one step in one function. */
export interface Share {
  readonly name: string;
  readonly instructions: number;
}

/** A step's row and where its instructions are executed, most first. */
export interface Profile {
  readonly row: string;
  readonly shares: readonly Share[];
}

/**
 * The shipped sources and optimisation with function names. @param directory the project's
 * @throws Error when it does not compile
 */
export async function profile(directory: string): Promise<Profile[]> {
  const wasm = await compileNamed(directory, MEMORY_BASE);
  const names = functionNames(wasm);
  const functions = Math.max(...names.keys()) + 1;
  if (functions > MOST_FUNCTIONS) throw new Error(`more than ${MOST_FUNCTIONS} functions`);
  const addressOf = (index: number): number => COUNTERS + 8 * index;
  const module = new WebAssembly.Module(countInstructions(wasm, addressOf));
  const profiles: Profile[] = [];
  for (const script of [SESSION, REJECTED]) {
    const host = new BenchHost(module);
    play(host, script);
    const takeAll = (): Share[] => {
      const shares: Share[] = [];
      for (const [index, name] of names) {
        const instructions = host.takeCounter(addressOf(index));
        if (instructions > 0) shares.push({ name, instructions });
      }
      return shares.sort((a, b) => b.instructions - a.instructions);
    };
    let connection: Connection | undefined;
    for (const step of script) {
      takeAll();
      connection = take(host, connection, step);
      if (step.row !== undefined) profiles.push({ row: step.row, shares: takeAll() });
    }
  }
  return profiles;
}

/** One line per function down to 2 % of its step, for people. */
export function profileText(profiles: readonly Profile[]): string {
  return profiles
    .map(({ row, shares }) => {
      const sum = shares.reduce((all, { instructions }) => all + instructions, 0);
      const lines = shares
        .filter(({ instructions }) => instructions >= sum * 0.02)
        .map(({ name, instructions }) => `${String(instructions).padStart(9)}  ${name}`);
      return [`${row}: ${sum} instructions`, ...lines].join("\n");
    })
    .join("\n\n");
}
