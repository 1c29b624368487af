/** What lint finds, and how it reports it. Everything under lint/ is pure: text in, problems out. */
import { printable } from "../workbench/printable.js";

/** One problem in a file. */
export interface Problem {
  /** Where in the file's text, in UTF-16 units from 0. */
  offset: number;
  /**
   * `error`: it is refused, or mail passes uninspected; `warning`: it works, but not as it should; `note`: it is valid,
   * but has a consequence that not everybody knows.
   */
  level: "error" | "warning" | "note";
  what: string;
  /** What to do about it. */
  fix: string;
}

/** A problem with its line and column, both from 1, columns in UTF-16 units. */
export interface Located extends Problem {
  line: number;
  column: number;
}

/** The problems, in the order of the file. */
export function located(text: string, problems: readonly Problem[]): Located[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const sorted = [...problems].sort((a, b) => a.offset - b.offset);
  return sorted.map((problem) => {
    const line = lineOf(starts, problem.offset);
    return { ...problem, line, column: problem.offset - (starts[line - 1] ?? 0) + 1 };
  });
}

/** `file:line:column: error: what – fix`, in the order of the file. */
export function problemLines(file: string, text: string, problems: readonly Problem[]): string[] {
  const lines = located(text, problems).map(
    ({ line, column, level, what, fix }) =>
      `${printable(file)}:${line}:${column}: ${level}: ${printable(what, 600)} – ${printable(fix, 600)}`,
  );
  return [...new Set(lines)];
}

/** How many of the ascending `starts` are at or before `offset`. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [1, starts.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle - 1] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
