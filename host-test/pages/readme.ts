/** Writes what README.md says of every protection between its two marks. */
import type { Page } from "./page.js";

const BEGIN = "<!-- protections:begin -->";
const END = "<!-- protections:end -->";

/** The table of protections in Markdown, one row each. */
function protectionsTable(pages: readonly Page[]): string {
  const rows = pages.map(({ id, summary, modes, actions }) => {
    const page = `[\`${id}\`](host-test/vectors/${id}.md)`;
    return `| ${page} | ${summary} | ${modes.recommended} | ${modes.strict} | ${actions[0]} |`;
  });
  return [
    "| protection | what it stops | `recommended` | `strict` | prevent does |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** `text` with the part between the two marks replaced. @throws Error when a mark is missing. */
export function withTable(text: string, pages: readonly Page[]): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${protectionsTable(pages)}\n${text.slice(end)}`;
}
