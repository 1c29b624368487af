/** The measurements for people: a table for the terminal, the same in Markdown. */
import type { Measurement } from "./result.js";
import { spread } from "./statistics.js";

/** One row, ready to print. */
interface Line {
  readonly cells: readonly [
    name: string,
    unit: string,
    median: string,
    least: string,
    most: string,
    bar: string,
  ];
}

const HEAD: Line["cells"] = ["", "unit", "median", "min", "max", "bar"];

/** Whether the median meets the row's bar; true without a bar, false without a sample. */
export function isMet({ samples, most, least }: Measurement): boolean {
  const { median } = spread(samples);
  return (most === undefined || median <= most) && (least === undefined || median >= least);
}

/** Whether the project set a bar for the row. */
export function hasBar({ most, least }: Measurement): boolean {
  return most !== undefined || least !== undefined;
}

/** Three digits, or all of a whole number; from 1,000 on all are whole. */
export function number(value: number): string {
  if (Number.isNaN(value)) return "none";
  const shown = Math.abs(value) >= 1000 ? Math.round(value) : value;
  return shown.toLocaleString("en-US", Number.isInteger(shown) ? {} : { maximumSignificantDigits: 3 });
}

function line(measurement: Measurement): Line {
  const { name, unit, samples, note } = measurement;
  const { least, median, most } = spread(samples);
  const alone = samples.length < 2;
  const title = note === undefined ? name : `${name} (${note})`;
  return {
    cells: [
      title,
      unit,
      number(median),
      alone ? "" : number(least),
      alone ? "" : number(most),
      bar(measurement),
    ],
  };
}

function bar(measurement: Measurement): string {
  if (!hasBar(measurement)) return "";
  const { most, least } = measurement;
  const limits = [
    most === undefined ? "" : `≤ ${number(most)}`,
    least === undefined ? "" : `≥ ${number(least)}`,
  ];
  return `${limits.filter((each) => each !== "").join(", ")} ${isMet(measurement) ? "met" : "MISSED"}`;
}

/** Aligned columns, numbers to the right; ends with a line end. */
export function textTable(measurements: readonly Measurement[]): string {
  const rows = [HEAD, ...measurements.map((each) => line(each).cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) =>
          isNumeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .map((each) => `${each}\n`)
    .join("");
}

/** A table in Markdown without a line end after it. */
export function markdownTable(measurements: readonly Measurement[]): string {
  const head = `| ${HEAD.join(" | ")} |`;
  const rule = `| ${HEAD.map((_, column) => (isNumeric(column) ? "---:" : "---")).join(" | ")} |`;
  return [head, rule, ...measurements.map((each) => `| ${line(each).cells.map(escape).join(" | ")} |`)].join(
    "\n",
  );
}

const isNumeric = (column: number): boolean => column >= 2 && column <= 4;

const escape = (cell: string): string => cell.replaceAll("|", "\\|");
