/** What was measured, where and when, as JSON; and the last run of each part, which the pages show. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Part } from "./args.js";
import type { Measurement } from "./result.js";

/** One run of one part. */
export interface PartRecord {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Of the release module. */
  readonly moduleBytes: number;
  /** Samples that were asked for. */
  readonly pairs: number;
  readonly short: boolean;
  readonly measurements: readonly Measurement[];
}

/** By part, in the order of the table. */
export type BenchRecord = Partial<Record<Part, PartRecord>>;

/** The facts about one run. @param directory the project's @throws Error when there is no build */
export function recordOf(
  directory: string,
  measurements: readonly Measurement[],
  { pairs, short }: { pairs: number; short: boolean },
): PartRecord {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    moduleBytes: statSync(join(directory, "build/smtp-inspector.wasm")).size,
    pairs,
    short,
    measurements,
  };
}

/** The record of earlier runs; empty when there is none. @throws SyntaxError when it is damaged */
export function readRecord(path: string): BenchRecord {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as BenchRecord) : {};
}

/** Samples to 6 digits: more are noise. */
export function writeRecord(path: string, record: BenchRecord): void {
  writeFileSync(path, recordText(record));
}

/** The JSON text of a record, formatted as by prettier. */
export function recordText(record: BenchRecord): string {
  const rounded = (_key: string, value: unknown): unknown => {
    return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  };
  const text = JSON.stringify(record, rounded, 2);
  // Numbers are side by side, as many as fit.
  return `${text.replaceAll(
    /^( *)("samples": )\[\n([^\]]*)\](,?)$/gm,
    (_, indent: string, key, list: string, comma) => {
      const numbers = list.split(",").map((each) => each.trim());
      const line = `${indent}${key}[${numbers.join(", ")}]${comma}`;
      return line.length <= WIDTH
        ? line
        : `${indent}${key}[\n${filled(numbers, `${indent}  `)}\n${indent}]${comma}`;
    },
  )}\n`;
}

/** The longest line. */
const WIDTH = 110;

function filled(numbers: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  numbers.forEach((each, index) => {
    const next = index + 1 === numbers.length ? each : `${each},`;
    if (line.length > indent.length && line.length + 1 + next.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${next}` : next;
  });
  return [...lines, line].join("\n");
}
