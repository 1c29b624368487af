import { addToMetric, recordMetric } from "../envoy/host";
import { Counter, Histogram } from "./generated-statistics";

/*
 * What a root context gathers of its statistics until they are handed over, outside the garbage collector: how many counters are
 * not 0, which these are, and for each counter its count and its metric; then the metrics of the histograms. Policies keep the
 * address, so that counting is a load, an addition and a store.
 */
const CHANGED: usize = 4;
const COUNTS: usize = CHANGED + ((<usize>Counter.count) << 2);
const HISTOGRAMS: usize = COUNTS + ((<usize>Counter.count) << 3);
const SIZE: usize = HISTOGRAMS + ((<usize>Histogram.count) << 2);

/** Makes room, with no metrics yet. */
export function makeCounts(): usize {
  const counts = heap.alloc(SIZE);
  memory.fill(counts, 0, SIZE);
  return counts;
}

/** Gives it back. */
export function freeCounts(counts: usize): void {
  heap.free(counts);
}

export function setCounter(counts: usize, counter: u32, metric: u32): void {
  store<u32>(counts + ((<usize>counter) << 3), metric, COUNTS + 4);
}

export function setHistogram(counts: usize, histogram: u32, metric: u32): void {
  store<u32>(counts + ((<usize>histogram) << 2), metric, HISTOGRAMS);
}

/** Counts `by`, at least 1, of what happens often. */
export function count(counts: usize, counter: u32, by: u32): void {
  const at = counts + ((<usize>counter) << 3);
  const before = load<u32>(at, COUNTS);
  store<u32>(at, before + by, COUNTS);
  if (before == 0) noteChange(counts, counter);
}

/** Counts one of what happens seldom, at once. */
export function addOne(counts: usize, counter: u32): void {
  addToMetric(load<u32>(counts + ((<usize>counter) << 3), COUNTS + 4), 1);
}

/** Records `value` in a histogram. */
export function record(counts: usize, histogram: u32, value: u32): void {
  recordMetric(load<u32>(counts + ((<usize>histogram) << 2), HISTOGRAMS), <u64>value);
}

/** Hands over what was gathered. */
export function flushCounts(counts: usize): void {
  const end = counts + ((<usize>load<u32>(counts)) << 2);
  store<u32>(counts, 0);
  for (let at = counts; at < end; at += 4) {
    const slot = load<u32>(at, CHANGED);
    addToMetric(load<u32>(slot, COUNTS + 4), <i64>load<u32>(slot, COUNTS));
    store<u32>(slot, 0, COUNTS);
  }
}

/** Notes that a counter is not 0 any more. */
function noteChange(counts: usize, counter: u32): void {
  const changes = load<u32>(counts);
  // Only a count that ran over within half a second is noted twice.
  if (changes == Counter.count) return;
  store<u32>(counts, changes + 1);
  store<u32>(counts + ((<usize>changes) << 2), <u32>(counts + ((<usize>counter) << 3)), CHANGED);
}
