import {
  BufferId,
  bufferLength,
  LogLevel,
  logText,
  now,
  propertyStart,
  readBuffer,
  readProperty,
  setTickPeriod,
  WINDOW,
  windowStart,
} from "./envoy/host";
import { onClose } from "./flow/chunks";
import { settleExcess } from "./flow/message";
import { endOverdue } from "./flow/overdue";
import { Address, lastPolicyError, Policy, readPolicy } from "./policy/policy";
import { closeOverdue, passTime } from "./session/deadlines";
import { watch } from "./session/patience";
import { preventedIn, Session, trust } from "./session/session";
import { openShadow } from "./session/shadow";
import { findSwitch } from "./session/starttls";
import { givePolicyRoomBack, hasPolicyRoom, heldBytes, takePolicyRoom, usedBytes } from "./session/memory";
import { beginTally, endTally } from "./session/tally";
import { openSession } from "./session/table";
import { Counter, Gauge } from "./telemetry/generated-statistics";
import { freeCounts } from "./telemetry/counts";
import { beginMeasuring, endMeasuring, measure } from "./telemetry/measures";
import { Statistics } from "./telemetry/statistics";
import { defineFindings } from "./verdict/countable";
import { judgeArrival, judgeShadowArrival, remembersSources } from "./verdict/arrival";
import { prepareSources, recordSource } from "./verdict/sources";
import { record } from "./verdict/record";

/** One root context: a policy, its statistics, and how many sessions still go by it. */
@final
export class Inspector {
  policy: Policy | null = null;
  live: i32 = 0;
  /** Its policy was not read, since those of earlier configurations take too much memory. */
  private lacksRoom: bool = false;
  /** Bytes that its policy was counted with. */
  private policySize: usize = 0;
  /** Envoy deleted the root context; the object stays for the sessions that began with it. */
  deleted: bool = false;

  readonly statistics: Statistics = new Statistics();

  constructor(readonly root: u32) {}

  /**
   * Reads the policy from the plugin configuration; false refuses it, with the reason in the log. Envoy makes a new
   * root context for every update, so a second call on one is refused as well: its sessions go by the first.
   */
  configure(): bool {
    if (this.policy !== null) return false;
    if (!hasPolicyRoom()) {
      // Envoy has tried this policy in another VM. Refusing it in this one would be a failure of the VM, which ends all
      // of its connections: those of earlier policies go on, those of this one are closed.
      this.lacksRoom = true;
      this.statistics.begin(NO_PREFIX, false);
      logText(LogLevel.error, NO_POLICY_ROOM);
      return true;
    }
    const length = bufferLength(BufferId.plugin_configuration);
    // One byte more than the window shows that a policy is too long without room for it.
    const got = length == 0 ? 0 : readBuffer(BufferId.plugin_configuration, 0, length, windowStart());
    const policy = readPolicy(windowStart(), length > <u32>WINDOW ? <i32>length : got);
    if (policy === null) {
      logText(LogLevel.error, lastPolicyError());
      return false;
    }
    settleExcess(policy);
    this.policy = policy;
    policy.inspector = changetype<usize>(this);
    policy.statistics = changetype<usize>(this.statistics);
    policy.counts = this.statistics.counts;
    this.policySize = policy.sizeFor(got);
    takePolicyRoom(this.policySize);
    const statistics = this.statistics;
    const shadow = policy.shadow;
    statistics.begin(policy.statPrefix, shadow !== null);
    defineFindings(statistics, policy, false);
    if (shadow !== null) defineFindings(statistics, shadow, true);
    const remembers = remembersSources(policy) || (shadow !== null && remembersSources(shadow));
    if (remembers && !prepareSources()) logText(LogLevel.error, NO_SOURCES);
    beginMeasuring(statistics);
    setTickPeriod(TICK_MS);
    return true;
  }

  /** Its last session is gone, and Envoy has deleted its root context. */
  forget(): void {
    endMeasuring(this.statistics, now() / 1_000_000);
    freeCounts(this.statistics.counts);
    givePolicyRoomBack(this.policySize);
  }

  /** Makes room for the stream `context`, which has no connection yet; without room its connection will be closed. */
  adopt(context: u32): void {
    const policy = this.policy;
    const s = openSession(context, policy === null ? MOST_MEMORY : <usize>policy.memoryBytes);
    if (s === null) this.refuse(NO_ROOM);
    if (s === null || s.policy != 0 || s.since != 0) return;
    s.since = <u32>changetype<usize>(this);
    this.live++;
  }

  /** Counts a connection that is closed because it cannot be inspected, and says why, once a second at most. */
  refuse(reason: string): void {
    if (!this.statistics.countRefused(now())) return;
    logText(LogLevel.error, this.lacksRoom ? NO_POLICY_ROOM : reason);
  }

  /** Starts inspecting the connection of `s` by the policy of now; false when there is none. */
  open(s: Session): bool {
    const policy = this.policy;
    const statistics = this.statistics;
    if (policy === null) return false;
    if (s.policy != 0) return true;
    s.policy = changetype<usize>(policy);
    beginTally(s);
    const source = this.sourceFor(policy);
    const exempt = source === null ? 0 : policy.exemptFor(source);
    s.enabled = policy.enabled & ~exempt;
    if (source !== null && policy.trusts(source)) trust(s);
    const stays = !remembersSources(policy) || judgeArrival(s);
    if (policy.hasTimeouts && exempt != u64.MAX_VALUE) watch(s);
    s.edits = preventedIn(s) != 0 || policy.handlesTls;
    if (policy.handlesTls) findSwitch(s);
    const shadow = policy.shadow;
    if (stays && shadow !== null) {
      if (!openShadow(s, shadow, source)) statistics.add(Counter.shadow_sessions_skipped);
      else if (remembersSources(shadow)) judgeShadowArrival(s);
    }
    statistics.gauges.wanted[Gauge.sessions_active]++;
    return true;
  }

  /** Ends a session: its record, its counts, its memory. */
  close(s: Session): void {
    this.conclude(s, true);
    onClose(s);
    this.live--;
  }

  /** Leaves the record where the access log finds it, while the connection can be written to; `isLocal`: its client did not close it. */
  conclude(s: Session, isLocal: bool): void {
    const statistics = this.statistics;
    if (s.summarized || s.policy == 0) return;
    if (isLocal && !s.clientEnded) s.serverClosed = true;
    endTally(s);
    s.summarized = true;
    if (s.enabled != 0) recordSource(s);
    record(s);
    statistics.gauges.wanted[Gauge.sessions_active]--;
    if (statistics.gauges.wanted[Gauge.sessions_active] == 0) statistics.gauges.renew(now() / 1_000_000);
  }

  tick(): void {
    const time = now();
    measure(time / 1_000_000, usedBytes(), heldBytes());
    passTime(time);
    endOverdue(time);
    closeOverdue();
  }

  /** The client's address, where the policy or its shadow names any; null where Envoy gives none. */
  private sourceFor(policy: Policy): Address | null {
    const shadow = policy.shadow;
    if (!policy.namesSources && (shadow === null || !shadow.namesSources)) return null;
    const length = readProperty(SOURCE);
    const source = new Address();
    return length > 0 && source.read(propertyStart(), length) ? source : null;
  }
}

/** Connections of a root context that has no policy are closed as soon as they send. */
const MOST_MEMORY: usize = 16777216;

/** Counts what is refused where no policy could be read to name the statistics. */
const NO_PREFIX: string = "default";

const NO_POLICY_ROOM: string =
  "policy refused: earlier policies, which open connections still go by, take all the memory that a worker has for " +
  "policies; connections of this one are closed until those have ended (envoy --drain-time-s) and it is updated again";

const NO_SOURCES: string =
  "source_abuse remembers nothing because the host allows no shared data or random numbers: add proxy_get_shared_data, " +
  "proxy_set_shared_data and random_get to the allowed_capabilities of capability_restriction_config";

const NO_ROOM: string =
  "connections are closed at once because those that are open hold as much memory as limits.memory_bytes allows";

/** The tick only closes what is overdue; a deadline is at least a second. */
const TICK_MS: u32 = 500;

const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
