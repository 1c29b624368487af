/** Tables of Markdown, as far as the pages of host-test/vectors use them. */

/** A table's cells, trimmed. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The first table of `text` whose first head cell is `name`; null when there is none. A cell holds no "|". */
export function table(text: string, name: string): Table | null {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => cells(line)[0] === name);
  if (start < 0) return null;
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  const [head = [], , ...rows] = lines.slice(start, end < 0 ? undefined : end).map(cells);
  return { head, rows };
}

function cells(line: string): string[] {
  if (!line.startsWith("|")) return [];
  return line
    .replace(/^\|/, "")
    .replace(/\|\s*$/, "")
    .split("|")
    .map((cell) => cell.trim());
}
