/** Which key or value of a policy is at a place in its text. The text may be broken, as it is while one types. */

/** A place in a JSON text. */
export interface Spot {
  /** Keys and indices from the root down to the key or value at the place. */
  path: string[];
  /** Whether a key or a value stands or could stand there; "end" after a value, where only a comma or bracket can. */
  at: "key" | "value" | "end";
  /** The token that the place is in or at an edge of, without its quotes; "" between tokens. */
  typed: string;
  /** The token with its quotes, in UTF-16 units; empty between tokens. */
  from: number;
  to: number;
  /** Keys that the object around the place has. */
  keys: readonly string[];
}

interface Frame {
  array: boolean;
  /** Of the value being read; an index in an array. */
  key: string;
  next: "key" | "colon" | "value" | "end";
  keys: string[];
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** @param at in UTF-16 units */
export function spotAt(text: string, at: number): Spot {
  const root: Frame = { array: false, key: "", next: "value", keys: [] };
  const stack: Frame[] = [];
  const here = (token: string, from: number): Spot => {
    const { next, key, keys } = stack.at(-1) ?? root;
    const path = stack.slice(0, -1).map((frame) => frame.key);
    if (next === "key" && token !== "") path.push(unquoted(token));
    if (next !== "key" && stack.length > 0) path.push(key);
    const kind = next === "colon" ? "end" : next;
    return { path, at: kind, typed: unquoted(token), from, to: from + token.length, keys };
  };
  let spot: Spot | null = null;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (spot === null && isWord(token) && at >= index && at <= index + token.length)
      spot = here(token, index);
    if (spot === null && at <= index) spot = here("", at);
    step(token, stack, stack.at(-1) ?? root);
  }
  return spot ?? here("", at);
}

/** How a token changes the place. */
function step(token: string, stack: Frame[], frame: Frame): void {
  if (token === "{" || token === "[") {
    const array = token === "[";
    frame.next = "end";
    if (stack.length < DEEPEST) {
      stack.push({ array, key: array ? "0" : "", next: array ? "value" : "key", keys: [] });
    }
  } else if (token === "}" || token === "]") stack.pop();
  else if (token === ",") {
    frame.next = frame.array ? "value" : "key";
    if (frame.array) frame.key = String(Number(frame.key) + 1);
  } else if (token === ":") frame.next = "value";
  else if (frame.next === "key") {
    frame.key = unquoted(token);
    frame.keys.push(frame.key);
    frame.next = "colon";
  } else frame.next = "end";
}

const isWord = (token: string): boolean => !/^[{}[\]:,]$/.test(token);
const unquoted = (token: string): string => token.replace(/^"/, "").replace(/(?<!\\)"$/, "");

/** No policy is nested deeper than five. */
const DEEPEST = 20;
