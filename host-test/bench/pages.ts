/** Writes the tables and the picture of the pages, from the last run of each part. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARTS } from "./args.js";
import type { BenchRecord, PartRecord } from "./record.js";
import type { Measurement } from "./result.js";
import { picture } from "./picture.js";
import { hasBar, markdownTable } from "./table.js";

export const BEGIN = "<!-- bench:begin -->";
export const END = "<!-- bench:end -->";

/** `text` with what is between the two marks replaced; null when a mark is missing. */
export function between(text: string, content: string): string | null {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) return null;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${text.slice(end)}`;
}

/** All rows, part by part, with where and when. */
export function longTables(record: BenchRecord): string {
  return parts(record)
    .map(({ name, run }) => [`### ${name}`, about(run), markdownTable(run.measurements)].join("\n\n"))
    .join("\n\n");
}

/** The rows with a bar, and where and when each part that has one was measured. */
export function shortTable(record: BenchRecord): string {
  const runs = new Map<string, string[]>();
  for (const { name, run } of parts(record)) {
    if (run.measurements.some(hasBar)) runs.set(about(run), [...(runs.get(about(run)) ?? []), name]);
  }
  if (runs.size === 0) return "";
  const notes = [...runs].map(([run, names]) => (runs.size === 1 ? run : `- ${names.join(", ")}: ${run}`));
  return `${markdownTable(measurements(record).filter(hasBar))}\n\n${notes.join("\n")}`;
}

/**
 * Rewrites the page of the benchmark, its picture, and the table in the project's README.
 * @returns what could not be written, one line each
 */
export function writePages(directory: string, record: BenchRecord): string[] {
  writeFileSync(join(directory, "host-test/bench/picture.svg"), picture(measurements(record)));
  return [
    ...rewrite(join(directory, "host-test/bench/README.md"), longTables(record)),
    ...rewrite(join(directory, "README.md"), shortTable(record)),
  ];
}

function rewrite(path: string, content: string): string[] {
  const text = existsSync(path) ? between(readFileSync(path, "utf8"), content) : null;
  if (text === null) return [`${path} lacks ${BEGIN} … ${END}`];
  writeFileSync(path, text);
  return [];
}

function parts(record: BenchRecord): { name: string; run: PartRecord }[] {
  return PARTS.flatMap((name) => {
    const run = record[name];
    return run === undefined ? [] : [{ name, run }];
  });
}

function measurements(record: BenchRecord): Measurement[] {
  return parts(record).flatMap(({ run }) => run.measurements);
}

function about({ date, cpu, cores, node, pairs, moduleBytes }: PartRecord): string {
  return `${date.slice(0, 10)}, ${cpu}, ${cores} cores, Node ${node}, ${pairs} pairs, module of ${moduleBytes} bytes.`;
}
