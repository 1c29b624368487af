/** What `npm run mutants` does: single changes of assembly/, and which of them no test notices. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { argumentsOf } from "../cli/arguments.js";
import { projectRoot } from "../cli/front.js";
import { Random } from "../fuzz/random.js";
import { type Change, enumsOf, placesIn } from "./changes.js";
import { ENVOY, Lab, QUICK, REST, type Verdict } from "./lab.js";

const USAGE = `npm run mutants -- [options] [GLOB...]
  --minutes N    begin no other change after so long (10)
  --count N      or after so many changes
  --seed S       the same changes again; printed at the start
  --skip N       leave out the first N changes of the seed, to go on with it
  --files GLOB   only in these files, such as "assembly/policy/*.ts"; also as plain arguments
  --quick        ask only the suites that are likely to notice
  --envoy        ask Envoy's tests, too

Changes are made one at a time in a copy of the tree. What no test notices is listed, unless it stands in
host-test/mutants/equivalent.json with the reason why it changes nothing. Ctrl-C ends a run as its time would.
Exit code 0: all noticed or listed, 1: survivors, 2: it could not run.`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  ...{ minutes: text, count: text, seed: text, skip: text, files: { ...text, multiple: true } },
  ...{ quick: flag, envoy: flag, help: flag },
};

/**
 * The changes of `seed`, one of each place of assembly/, in an order that the seed gives.
 * @param globs as in `assembly/policy/*.ts`; none for all files @throws Error when no file with code matches
 */
export function changesOf(project: string, seed: number, globs: readonly string[] = []): Change[] {
  const filesOf = (include: readonly string[]): string[] =>
    ts.sys.readDirectory(project, [".ts"], ["**/*.d.ts"], include).sort();
  const sources = new Map(filesOf(["assembly"]).map((file) => [file, readFileSync(file, "utf8")]));
  const enums = enumsOf([...sources.values()]);
  const places = filesOf(globs.length === 0 ? ["assembly"] : globs).flatMap((file) => {
    const source = sources.get(file) ?? "";
    // Its first line says so.
    const isGenerated = /^.*\bdo not edit\b/.test(source);
    return isGenerated ? [] : placesIn(relative(project, file), source, enums);
  });
  if (places.length === 0) throw new Error(`no code of assembly/ is in ${globs.join(" ")}`);
  const random = new Random(seed);
  const order = places.map((place) => ({ at: random.next(), change: random.pick(place) }));
  return order.sort((one, other) => one.at - other.at).map(({ change }) => change);
}

/** @returns the exit code @throws Error for arguments that make no sense, and when a test fails without a change */
export async function run(args: readonly string[], say: (line: string) => void): Promise<number> {
  const { values, positionals } = argumentsOf("npm run mutants --", args, OPTIONS, Infinity);
  const number = (name: "minutes" | "count" | "seed" | "skip", otherwise: number): number => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (value >= 0 && (name === "minutes" || value === Infinity || Number.isInteger(value))) return value;
    throw new Error(`--${name} takes a number, not "${values[name]}"; see npm run mutants -- --help`);
  };
  if (values.help === true) return (say(USAGE), 0);
  const seed = number("seed", Date.now() % 2 ** 32);
  const [skip, count] = [number("skip", 0), number("count", Infinity)];
  const until = performance.now() + number("minutes", count === Infinity ? 10 : Infinity) * 60_000;
  const all = changesOf(projectRoot(), seed, [...(values.files ?? []), ...positionals]);
  say(`seed ${seed}: ${all.length} places`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => stop.abort());
  const lab = new Lab(projectRoot(), stop.signal);
  const verdicts: [Change, Verdict][] = [];
  try {
    await lab.begin([QUICK, ...(values.quick ? [] : [REST]), ...(values.envoy ? [ENVOY] : [])]);
    for (const change of all.slice(skip, skip + count)) {
      if (stop.signal.aborted || performance.now() > until) break;
      const verdict = await lab.judge(change);
      if (verdict === "stopped") break;
      verdicts.push([change, verdict]);
      process.stderr.write(`${verdicts.length}: ${verdict} ${described(change)}\n`);
    }
  } finally {
    lab.close();
  }
  return summed(verdicts, say);
}

/** Lists the survivors and counts all. @returns the exit code */
function summed(verdicts: readonly [Change, Verdict][], say: (line: string) => void): number {
  const path = join(projectRoot(), "host-test/mutants/equivalent.json");
  const listed = new Set((JSON.parse(readFileSync(path, "utf8")) as Change[]).map(keyOf));
  const counts = new Map<string, number>();
  for (const [change, verdict] of verdicts) {
    const what = verdict === "survived" && listed.has(keyOf(change)) ? "listed as equivalent" : verdict;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    if (what === "survived") say(`survived: ${described(change)}`);
  }
  say(`${verdicts.length} changes: ${[...counts].map(([what, count]) => `${count} ${what}`).join(", ")}`);
  return counts.has("survived") ? 1 : 0;
}

const keyOf = ({ file, inside, before, after }: Change): string => [file, inside, before, after].join("\n");

const described = ({ file, line, inside, before, after }: Change): string =>
  `${file}:${line} ${inside}\n  - ${before}\n  + ${after}`;
