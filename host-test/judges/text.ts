/** The table as Markdown. */
import type { Cell, Setting } from "./run.js";
import type { Stream } from "./steps.js";
import { accepted, arrived, describe, prevented, ran } from "./verdict.js";

/**
 * @returns one Markdown table a family: a row a stream; a column a server for what happens without the filter, and one
 *   each for what happens at all of them through it
 */
export function tableOf(
  streams: readonly Stream[],
  servers: readonly string[],
  cells: readonly Cell[],
): string {
  const families = [...new Set(streams.map((stream) => stream.family))];
  return families
    .map((family) => {
      const head = [family, ...servers, "recommended", "strict"];
      const rows = streams
        .filter((stream) => stream.family === family)
        .map((stream) => {
          const of = (setting: Setting): Cell[] =>
            cells.filter((cell) => cell.stream === stream && cell.setting === setting);
          const direct = servers.map((server) => {
            const cell = of("direct").find((each) => each.server === server);
            return cell === undefined ? "" : `${arrived(cell)} ${ran(cell)}`.trim();
          });
          return [`\`${rowName(stream)}\``, ...direct, summary(of("recommended")), summary(of("strict"))];
        });
      return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
    })
    .join("\n\n");
}

/** What arrived at all servers through the filter, and what the filter did about it. */
function summary(cells: Cell[]): string {
  const results = [...new Set(cells.map((cell) => `${arrived(cell)} ${accepted(cell)}`.trim()))].sort();
  const ids = [...new Set(cells.flatMap(prevented))].sort();
  return [results.join(" / "), ...ids.map((id) => `\`${id}\``)].join(" ");
}

/** @returns one line a session: what arrived, all replies and all findings */
export function repliesOf(cells: readonly Cell[]): string {
  return cells
    .map((cell) => `${escaped(cell.stream.name)}, ${cell.setting}\n${describe(cell)}`)
    .sort()
    .join("\n");
}

/** @returns the names of the rows of a table that `tableOf` wrote, in order, as `rowName` writes them */
export function rowNames(table: string): string[] {
  return [...table.matchAll(/^\| `(.*?)` \|/gm)].map((match) => match[1] as string);
}

/** @returns the text between the marks of SECURITY.md. @throws Error when there are none */
export function judgesSection(document: string): string {
  const [from, to] = marks(document);
  return document.slice(from, to);
}

/** Puts `table` between the marks of SECURITY.md. @throws Error when there are none */
export function inSecurity(document: string, table: string, date: Date): string {
  const [from, to] = marks(document);
  const dated = `Played on ${date.toISOString().slice(0, 10)}.`;
  return `${document.slice(0, from)}\n\n${dated}\n\n${table}\n\n${document.slice(to)}`;
}

function marks(document: string): [number, number] {
  const [begin, end] = ["<!-- judges:begin -->", "<!-- judges:end -->"];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`SECURITY.md needs a line ${begin} and a line ${end}`);
  return [from + begin.length, to];
}

/** @returns how a table shows the name of a stream */
export const rowName = (stream: Stream): string => escaped(stream.name);

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll("|", "\\|");
