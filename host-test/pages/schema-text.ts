/** How the schemas in envoy/ are laid out. */
import type { Schema } from "./schema-lists.js";

/** A schema as it stands in its file: laid out as prettier has it, words of a list on one line where they fit. */
export function schemaText(schema: Schema): string {
  const text = JSON.stringify(schema, null, 2);
  const lists = /\[\n\s+("[^[\]{}]*?")\n\s+\](,?)/g;
  const laidOut = text.replace(lists, (list: string, words: string, comma: string, at: number) => {
    const line = `[${words.replace(/\n\s+/g, " ")}]${comma}`;
    return at - text.lastIndexOf("\n", at) - 1 + line.length > WIDTH ? list : line;
  });
  return laidOut + "\n";
}

/** Longest line (`.prettierrc.json`). */
const WIDTH = 110;
