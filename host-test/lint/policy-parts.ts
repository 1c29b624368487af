/** The text of a policy, and of the second policy in its shadow, each alone. */

/** Each with blanks for what is the other's, so that a place in it is one in the whole; no shadow: an empty one. */
export interface PolicyParts {
  live: string;
  shadow: string;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;

/** @param text valid JSON, an object */
export function partsOf(text: string): PolicyParts {
  let depth = 0;
  let start = -1;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") {
      depth--;
      if (start < 0 || depth > 1) continue;
      const end = index + 1;
      const shadow = blank(text.slice(0, start)) + text.slice(start, end) + blank(text.slice(end));
      return { live: text.slice(0, start) + blank(text.slice(start, end)) + text.slice(end), shadow };
    } else if (depth === 1 && start < 0 && /^\s*:/.test(text.slice(index + token.length))) {
      if (JSON.parse(token) === "shadow") start = index;
    }
  }
  return { live: text, shadow: "" };
}

const blank = (text: string): string => " ".repeat(text.length);
