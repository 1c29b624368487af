/** Statistics of a row's samples. */

/** Sorted once: the middle, its quarters and the ends. All NaN where there is no sample. */
export interface Spread {
  readonly least: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly most: number;
}

/** @param samples one or more, in any order */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => quantile(sorted, share);
  return { least: at(0), lower: at(0.25), median: at(0.5), upper: at(0.75), most: at(1) };
}

/** The middle one, or the mean of the two in the middle; NaN for none. */
export function median(samples: readonly number[]): number {
  return spread(samples).median;
}

/** Between two samples the value is interpolated linearly. @param share 0 to 1 */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}
