import { addToMetric, defineMetric, MetricKind } from "../envoy/host";
import { actionName, CATALOGUE } from "../protections/catalogue";
import { Action, Protection } from "../protections/catalogue";

const FINDINGS: i32 = <i32>Protection.count * <i32>Action.count;

/** The counters of one root context, named `smtp.<stat_prefix>.<name>`. Envoy shares a metric between workers by name. */
@final
export class Statistics {
  sessions: u32 = 0;
  sessionsActive: u32 = 0;
  sessionsTls: u32 = 0;
  starttlsOffered: u32 = 0;
  starttlsTerminated: u32 = 0;
  starttlsRefused: u32 = 0;
  starttlsOriginated: u32 = 0;
  starttlsUnavailable: u32 = 0;
  messages: u32 = 0;
  commands: u32 = 0;
  capabilitiesStripped: u32 = 0;
  eventsSuppressed: u32 = 0;
  sessionsRefused: u32 = 0;
  sessionsOverMemory: u32 = 0;
  editsRefused: u32 = 0;
  /** Of the memory of sources, defined where it is used. */
  sourcesRecorded: u32 = 0;
  sourcesBlocked: u32 = 0;
  sourcesForgotten: u32 = 0;
  sourcesContended: u32 = 0;
  shadowSourcesBlocked: u32 = 0;
  /** That the switch of envoy/starttls is missing was said. */
  saidNoSwitch: bool = false;
  /**
   * What the server offered in its last reply to EHLO, to whichever session: bits of `Capability`. An Exim sends EHLO
   * before the greeting only where it was offered PIPECONNECT, so that this says whether it may.
   */
  lastOffers: u32 = 0;
  clientTimeouts: u32 = 0;
  serverTimeouts: u32 = 0;
  /** Ids of `findings.protection.<id>.action.<action>`, defined at the first finding so that a scrape stays short. */
  private readonly findings: StaticArray<u32> = new StaticArray<u32>(FINDINGS);
  /** The same of the shadow, in an array without room where the policy has none. */
  private shadowFindings: StaticArray<u32> = new StaticArray<u32>(0);
  /** Sessions that there was no memory to judge by the shadow. */
  shadowSkipped: u32 = 0;
  /** Events written in the second that began at `second` (seconds since 1970). */
  private second: u64 = 0;
  private written: i32 = 0;
  /** Events left out since the last one that was written. */
  private suppressed: u32 = 0;
  /** The second of the last notice. */
  private noticed: u64 = 0;

  private prefix: string = "";

  /** Defines what a policy with the `stat_prefix` `prefix` counts. */
  begin(prefix: string, hasShadow: bool): void {
    this.prefix = prefix;
    this.shadowFindings = new StaticArray<u32>(hasShadow ? FINDINGS : 0);
    this.shadowSkipped = hasShadow ? this.define(MetricKind.counter, "shadow.sessions_skipped") : 0;
    this.sessions = this.define(MetricKind.counter, "sessions");
    this.sessionsActive = this.define(MetricKind.gauge, "sessions_active");
    this.sessionsTls = this.define(MetricKind.counter, "sessions_tls");
    this.starttlsOffered = this.define(MetricKind.counter, "starttls_offered");
    this.starttlsTerminated = this.define(MetricKind.counter, "starttls_terminated");
    this.starttlsRefused = this.define(MetricKind.counter, "starttls_refused");
    this.starttlsOriginated = this.define(MetricKind.counter, "starttls_originated");
    this.starttlsUnavailable = this.define(MetricKind.counter, "starttls_unavailable");
    this.messages = this.define(MetricKind.counter, "messages");
    this.commands = this.define(MetricKind.counter, "commands");
    this.capabilitiesStripped = this.define(MetricKind.counter, "capabilities_stripped");
    this.eventsSuppressed = this.define(MetricKind.counter, "events_suppressed");
    this.sessionsRefused = this.define(MetricKind.counter, "sessions_refused");
    this.sessionsOverMemory = this.define(MetricKind.counter, "sessions_over_memory");
    this.editsRefused = this.define(MetricKind.counter, "edits_refused");
    this.clientTimeouts = this.define(MetricKind.counter, "client_timeouts");
    this.serverTimeouts = this.define(MetricKind.counter, "server_timeouts");
  }

  /** Defines what counts the memory of sources. */
  defineSources(hasShadow: bool): void {
    this.sourcesRecorded = this.define(MetricKind.counter, "sources_recorded");
    this.sourcesBlocked = this.define(MetricKind.counter, "sources_blocked");
    this.sourcesForgotten = this.define(MetricKind.counter, "sources_forgotten");
    this.sourcesContended = this.define(MetricKind.counter, "sources_contended");
    if (hasShadow) this.shadowSourcesBlocked = this.define(MetricKind.counter, "shadow.sources_blocked");
  }

  /** Counts one finding. */
  countFinding(protection: Protection, action: Action): void {
    this.count(this.findings, "", protection, action);
  }

  /** Counts one finding of the shadow: `action` is what it would have done. */
  countShadowFinding(protection: Protection, action: Action): void {
    this.count(this.shadowFindings, "shadow.", protection, action);
  }

  private count(ids: StaticArray<u32>, whose: string, protection: Protection, action: Action): void {
    const index = <i32>protection * <i32>Action.count + <i32>action;
    if (unchecked(ids[index]) == 0) {
      const name = `findings.protection.${CATALOGUE[protection].id}.action.${actionName(action)}`;
      ids[index] = this.define(MetricKind.counter, whose + name);
    }
    addToMetric(unchecked(ids[index]), 1);
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
    addToMetric(this.eventsSuppressed, 1);
    return false;
  }

  /** Counts a connection that could not be inspected; whether this is the first time within its second. */
  countRefused(now: u64): bool {
    addToMetric(this.sessionsRefused, 1);
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
