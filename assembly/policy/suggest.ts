/** "Did you mean": the known word nearest to a mistyped one. */

/** Longer words cannot be mistyped names, since no name is as long; bounds the table below. */
const LONGEST: i32 = 40;

/**
 * The word of `known` that is nearest to `typed`, "" if none is near: a quarter of the letters may be wrong, and one in
 * any case. A wrong, missing, extra or swapped letter counts as one and case as nothing.
 */
export function nearest(typed: string, known: string[]): string {
  let best = "";
  if (typed.length > LONGEST) return best;
  const lower = typed.toLowerCase();
  let least = max(2, (typed.length + 1) / 4 + 1);
  for (let i = 0; i < known.length; i++) {
    const distance = editDistance(lower, known[i], least);
    if (distance < least) {
      least = distance;
      best = known[i];
    }
  }
  return best;
}

/** Damerau's distance with neighbours swapped at most once (optimal string alignment); `bound` if it is not below. */
function editDistance(a: string, b: string, bound: i32): i32 {
  if (abs(a.length - b.length) >= bound) return bound;
  const width = b.length + 1;
  const table = new StaticArray<i32>((a.length + 1) * width);
  for (let j = 0; j < width; j++) table[j] = j;
  for (let i = 1; i <= a.length; i++) {
    table[i * width] = i;
    for (let j = 1; j < width; j++) {
      const here = i * width + j;
      const same = a.charCodeAt(i - 1) == b.charCodeAt(j - 1);
      let cost = table[here - width - 1] + (same ? 0 : 1);
      cost = min(cost, min(table[here - 1], table[here - width]) + 1);
      if (
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) == b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) == b.charCodeAt(j - 1)
      ) {
        cost = min(cost, table[here - 2 * width - 2] + 1);
      }
      table[here] = cost;
    }
  }
  return min(table[a.length * width + b.length], bound);
}
