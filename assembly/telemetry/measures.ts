import { flushCounts } from "./counts";
import { Gauges } from "./gauges";
import { Gauge } from "./generated-statistics";
import { Statistics } from "./statistics";

/** Those whose policy was read last: under their `stat_prefix` stands what the VM has for all root contexts together. */
let latest: Statistics | null = null;

/** Begins to measure for `statistics`. */
export function beginMeasuring(statistics: Statistics): void {
  statistics.before = latest;
  latest = statistics;
}

/** Hands over, at `time` (milliseconds since 1970), what all root contexts of the VM have gathered, and the octets that it uses. */
export function measure(time: u64, memory: usize, held: usize): void {
  let next: Statistics | null = latest;
  while (next !== null) {
    const each = next as Statistics;
    const isLatest = each === latest;
    flushCounts(each.counts);
    each.gauges.wanted[Gauge.memory_octets] = isLatest ? <i64>memory : 0;
    each.gauges.wanted[Gauge.held_octets] = isLatest ? <i64>held : 0;
    each.gauges.renew(time);
    next = each.before;
  }
  Gauges.reclaim(time);
}

/** Ends that at `time`: the root context has no sessions any more. */
export function endMeasuring(statistics: Statistics, time: u64): void {
  flushCounts(statistics.counts);
  for (let i = 0; i < Gauge.count; i++) statistics.gauges.wanted[i] = 0;
  statistics.gauges.renew(time);
  if (latest === statistics) latest = statistics.before;
  let next: Statistics | null = latest;
  while (next !== null) {
    const each = next as Statistics;
    if (each.before === statistics) each.before = statistics.before;
    next = each.before;
  }
}
