/** How `envoy/policy.schema.json` is laid out. */
import type { Page } from "./page.js";
import { policySchema } from "./schema.js";

/** The schema as it stands in `envoy/policy.schema.json`: laid out as prettier has it, words of a list on one line where they fit. */
export function schemaText(pages: readonly Page[]): string {
  const text = JSON.stringify(policySchema(pages), null, 2);
  const lists = /\[\n\s+("[^[\]{}]*?")\n\s+\](,?)/g;
  const laidOut = text.replace(lists, (list: string, words: string, comma: string, at: number) => {
    const line = `[${words.replace(/\n\s+/g, " ")}]${comma}`;
    return at - text.lastIndexOf("\n", at) - 1 + line.length > WIDTH ? list : line;
  });
  return laidOut + "\n";
}

/** Longest line (`.prettierrc.json`). */
const WIDTH = 110;
