/** Writes the tables of README.md, and of all protections: README.md has the ids, envoy/PROTECTIONS.md the rest. */
import { MARK } from "./assembly.js";
import { eventsTable } from "./events.js";
import { statisticsTable } from "./statistics.js";
import type { Page } from "./page.js";
import { FAMILIES, type ModeName } from "./words.js";

/** `envoy/PROTECTIONS.md`: a row for each protection, grouped by family. */
export function protectionsPage(pages: readonly Page[]): string {
  const groups = families(pages).flatMap(([family, those]) => [
    `## ${family.charAt(0).toUpperCase()}${family.slice(1)}`,
    "",
    "| protection | what it stops | `recommended` | `strict` | `submission` | prevent does |",
    "| --- | --- | --- | --- | --- | --- |",
    ...those.map(({ id, summary, modes, actions }) => {
      const cells = [modes.recommended, modes.strict, modes.submission, actions[0]];
      return `| [\`${id}\`](../host-test/vectors/${id}.md) | ${summary} | ${cells.join(" | ")} |`;
    }),
    "",
  ]);
  return [
    "# The protections",
    "",
    `<!-- ${MARK} -->`,
    "",
    "The profile `monitor` has every one in `detect`. A name leads to its page: what it looks for, what prevent does, what it",
    "may find in good mail, and how to relax it.",
    "",
    ...groups,
  ].join("\n");
}

/** The ids of all protections in Markdown: a row a family. */
function protectionsTable(pages: readonly Page[]): string {
  return [
    "| part of the session | `recommended` prevents | only reports | leaves off |",
    "| --- | --- | --- | --- |",
    ...families(pages).map(([family, those]) => {
      const cells = (["prevent", "detect", "off"] as const).map((mode) => ids(those, mode));
      return `| ${family} | ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

function ids(pages: readonly Page[], mode: ModeName): string {
  const those = pages.filter(({ modes }) => modes.recommended === mode);
  return those.map(({ id }) => `[\`${id}\`](host-test/vectors/${id}.md)`).join(", ");
}

function families(pages: readonly Page[]): [string, Page[]][] {
  const all = FAMILIES.map((family): [string, Page[]] => [
    family,
    pages.filter((page) => page.family === family),
  ]);
  return all.filter(([, those]) => those.length > 0);
}

/** `text`, README.md, with its tables as they should be. @throws Error when a mark is missing. */
export function withTables(text: string, pages: readonly Page[]): string {
  const tables = {
    protections: protectionsTable(pages),
    events: eventsTable(),
    statistics: statisticsTable(),
  };
  return Object.entries(tables).reduce((all, [name, table]) => withTable(all, name, table), text);
}

/** `text` with `table` between the two marks of that name. */
function withTable(text: string, name: string, table: string): string {
  const [before, after] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const begin = text.indexOf(before);
  const end = text.indexOf(after);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${before} … ${after}`);
  return `${text.slice(0, begin + before.length)}\n${table}\n${text.slice(end)}`;
}
