/** "Did you mean" outside the filter, by the filter's own rule (`assembly/policy/suggest.ts`). */

/**
 * The word of `known` that is nearest to `typed`, null if none is near: up to a quarter of the letters may be wrong, and
 * always at least one. A wrong, missing, extra or swapped letter counts as one; case, and `-` for `_`, do not count.
 */
export function nearest(typed: string, known: readonly string[]): string | null {
  if (typed.length > LONGEST) return null;
  const wanted = typed.toLowerCase().replaceAll("-", "_");
  let least = Math.max(2, Math.floor((typed.length + 1) / 4) + 1);
  let best: string | null = null;
  for (const word of known) {
    const distance = editDistance(wanted, word.toLowerCase().replaceAll("-", "_"));
    if (distance < least) [least, best] = [distance, word];
  }
  return best;
}

/** Longer words are not misspelt names of ours. */
const LONGEST = 60;

/** Damerau's distance with neighbours swapped at most once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let cost = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      cost = Math.min(cost, (row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(cost, (before[j - 2] ?? 0) + 1) : cost);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? a.length;
}
