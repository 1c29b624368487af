/**
 * Writes what README.md says of every protection from the catalogue that the filter itself reads:
 * `node dist/host-test/cli/docs.js`. A test fails when the two disagree.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { ACTION_NAMES, CATALOGUE, MODE_NAMES } from "../../assembly/protections/catalogue.js";
import { aboutOf } from "../lint/entries.js";

const BEGIN = "<!-- protections:begin -->";
const END = "<!-- protections:end -->";

/** The table of protections in Markdown, one row each, in the catalogue's order. */
export function protectionsTable(): string {
  const rows = CATALOGUE.map((entry) => {
    const page = `[\`${entry.id}\`](host-test/vectors/${entry.id}.md)`;
    const modes = `${MODE_NAMES[entry.recommended]} | ${MODE_NAMES[entry.strict]}`;
    return `| ${page} | ${aboutOf(entry).summary} | ${modes} | ${ACTION_NAMES[entry.preventAction]} |`;
  });
  return [
    "| protection | what it stops | `recommended` | `strict` | prevent does |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** `text` with the part between the two marks replaced. @throws Error when a mark is missing. */
export function withTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${protectionsTable()}\n${text.slice(end)}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync("README.md", "utf8");
  writeFileSync("README.md", withTable(text));
}
