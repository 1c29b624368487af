import { closeOverdue } from "./closing";
import {
  addToMetric,
  BufferId,
  bufferLength,
  LogLevel,
  logText,
  propertyStart,
  readBuffer,
  readProperty,
  setTickPeriod,
  windowStart,
  WINDOW,
} from "./host";
import { Address, lastPolicyError, Policy, readPolicy } from "./policy/policy";
import { summarize } from "./report";
import { onClose } from "./session";
import { openSession, Session } from "./sessions";
import { Statistics } from "./statistics";

/** One root context: a policy, its statistics, and how many sessions still go by it. */
@final
export class Inspector {
  policy: Policy | null = null;
  statistics: Statistics | null = null;
  live: i32 = 0;
  /** Envoy deleted the root context; the object stays for the sessions that began with it. */
  deleted: bool = false;

  constructor(readonly root: u32) {}

  /** Reads the policy from the plugin configuration; false refuses it, with the reason in the log. */
  configure(): bool {
    const length = bufferLength(BufferId.plugin_configuration);
    // One byte more than the window shows that a policy is too long without room for it.
    const got = length == 0 ? 0 : readBuffer(BufferId.plugin_configuration, 0, length, windowStart());
    const policy = readPolicy(windowStart(), length > <u32>WINDOW ? <i32>length : got);
    if (policy === null) {
      logText(LogLevel.error, lastPolicyError());
      return false;
    }
    this.policy = policy;
    this.statistics = new Statistics(policy.statPrefix);
    setTickPeriod(TICK_MS);
    return true;
  }

  /** Starts inspecting a connection; false refuses it, because nothing may pass unread. */
  open(context: u32): bool {
    const policy = this.policy;
    const statistics = this.statistics;
    if (policy === null || statistics === null) return true;
    const s = openSession(context);
    if (s === null) {
      addToMetric(statistics.sessionsRefused, 1);
      return policy.prevent == 0;
    }
    if (s.policy != 0) return true;
    this.live++;
    s.root = this.root;
    s.policy = changetype<usize>(policy);
    s.statistics = changetype<usize>(statistics);
    const exempt = policy.hasExempts ? this.exemptions(policy) : 0;
    s.enabled = policy.enabled & ~exempt;
    s.prevent = policy.prevent & ~exempt;
    s.edits = s.prevent != 0;
    addToMetric(statistics.sessions, 1);
    addToMetric(statistics.sessionsActive, 1);
    return true;
  }

  /** Ends a session: its summary for the access log, its counts, its memory. */
  close(s: Session): void {
    if (!s.summarized) this.conclude(s);
    onClose(s);
    this.live--;
  }

  /** Leaves the summary where the access log finds it, while the connection can still be written to. */
  conclude(s: Session): void {
    s.summarized = true;
    summarize(s);
    const statistics = this.statistics;
    if (statistics === null) return;
    addToMetric(statistics.sessionsActive, -1);
    if (s.commands > 0) addToMetric(statistics.commands, s.commands);
  }

  tick(): void {
    closeOverdue();
  }

  private exemptions(policy: Policy): u64 {
    const length = readProperty(SOURCE);
    if (length <= 0) return 0;
    const source = new Address();
    return source.read(propertyStart(), length) ? policy.exemptFor(source) : 0;
  }
}

/** The tick only closes what is overdue; a deadline is at least a second. */
const TICK_MS: u32 = 500;

const SOURCE: ArrayBuffer = String.UTF8.encode("source\0address");
