import { addToMetric, defineMetric, MetricKind } from "../envoy/host";
import { Action, findingName, FINDINGS } from "../protections/catalogue";
import { addOne, makeCounts, setCounter, setHistogram } from "./counts";
import { Gauges } from "./gauges";
import { Counter, COUNTER_NAMES, Histogram, HISTOGRAM_NAMES } from "./generated-statistics";

/**
 * The statistics of one root context, named `smtp.<stat_prefix>.<name>`; host-test/pages/statistics.ts has the list. Envoy
 * shares a metric between workers by name. All ids are there when a policy was read: on the data path nothing has a name.
 */
@final
export class Statistics {
  /** What is gathered of them (counts.ts). */
  readonly counts: usize = makeCounts();
  /** Those whose policy was read before (measures.ts). */
  before: Statistics | null = null;
  readonly gauges: Gauges = new Gauges();
  /** By reason and action; 0 for what the policy cannot have. The second without room where the policy has no shadow. */
  private readonly findings: StaticArray<u32> = new StaticArray<u32>(FINDINGS);
  private shadowFindings: StaticArray<u32> = new StaticArray<u32>(0);
  /** That the switch of envoy/starttls is missing was said. */
  saidNoSwitch: bool = false;
  /**
   * What the server offered in its last reply to EHLO, to whichever session: bits of `Capability`. An Exim sends EHLO
   * before the greeting only where it was offered PIPECONNECT, so that this says whether it may.
   */
  lastOffers: u32 = 0;
  /** Events written in the second that began at `second` (seconds since 1970). */
  private second: u64 = 0;
  private written: i32 = 0;
  /** Events left out since the last one that was written. */
  private suppressed: u32 = 0;
  /** The second of the last notice. */
  private noticed: u64 = 0;
  private prefix: string = "";

  /** Defines what is counted under the `stat_prefix` `prefix`, but for findings. */
  begin(prefix: string, hasShadow: bool): void {
    this.prefix = prefix;
    for (let i = 0; i < Counter.count; i++) {
      setCounter(this.counts, i, this.define(MetricKind.counter, COUNTER_NAMES[i]));
    }
    for (let i = 0; i < Histogram.count; i++) {
      setHistogram(this.counts, i, this.define(MetricKind.histogram, HISTOGRAM_NAMES[i]));
    }
    this.gauges.begin(prefix);
    if (hasShadow) this.shadowFindings = new StaticArray<u32>(FINDINGS);
  }

  /** Defines what counts findings by `reason` about which `action` is done, or would be by the shadow. */
  defineFinding(reason: i32, action: Action, ofShadow: bool): void {
    const ids = ofShadow ? this.shadowFindings : this.findings;
    const index = reason * <i32>Action.count + <i32>action;
    if (ids[index] != 0) return;
    const name = findingName(reason, action);
    ids[index] = this.define(MetricKind.counter, ofShadow ? "shadow." + name : name);
  }

  /** Counts one finding. */
  countFinding(reason: i32, action: Action, ofShadow: bool): void {
    const ids = ofShadow ? this.shadowFindings : this.findings;
    const index = reason * <i32>Action.count + <i32>action;
    if (unchecked(ids[index]) == 0) this.defineFinding(reason, action, ofShadow);
    addToMetric(unchecked(ids[index]), 1);
  }

  /** Counts one of what happens seldom, at once. */
  add(counter: Counter): void {
    addOne(this.counts, counter);
  }

  /** Takes one of the `most` events that a second has, at `now` (nanoseconds since 1970); false, and counted, when none is left. */
  admitEvent(now: u64, most: i32): bool {
    const second = now / 1_000_000_000;
    if (second != this.second) {
      this.second = second;
      this.written = 0;
    }
    if (this.written >= most) return this.suppress();
    this.written++;
    return true;
  }

  /** Counts an event that is left out; false. */
  suppress(): bool {
    this.suppressed++;
    this.add(Counter.events_suppressed);
    return false;
  }

  /** Counts a connection that could not be inspected; whether this is the first time within its second. */
  countRefused(now: u64): bool {
    this.add(Counter.sessions_refused);
    return this.admitNotice(now);
  }

  /** Whether a notice about the filter itself may be written at `now`: one a second. */
  admitNotice(now: u64): bool {
    const second = now / 1_000_000_000;
    if (second == this.noticed) return false;
    this.noticed = second;
    return true;
  }

  /** How many events were left out since this was last asked. */
  takeSuppressed(): u32 {
    const count = this.suppressed;
    this.suppressed = 0;
    return count;
  }

  private define(kind: MetricKind, name: string): u32 {
    return defineMetric(kind, `smtp.${this.prefix}.${name}`);
  }
}
