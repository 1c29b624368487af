import {
  addToMetric,
  defineMetric,
  fillRandom,
  MetricKind,
  readShared,
  Shared,
  writeShared,
} from "../envoy/host";
import { Gauge, GAUGE_NAMES } from "./generated-statistics";

/*
 * All workers add to the same gauges, and a VM that traps takes nothing back. So what a root context of a VM has added stands in
 * a lease: one of `LEASES` values of the shared data, which it renews at every tick. Who finds a lease that was not renewed for
 * `STALE_MS` takes back what it says and frees it. A VM that was only paused finds that its lease is not its own any more, and
 * adds all it has anew under another one. Who writes is settled by the host's compare-and-swap, and what was written is added
 * to the gauges in the same callback. Without shared data the gauges are as good as the VM is.
 */

/** A value: owner (0: free), milliseconds of the last tick, what was added, the length of the stat_prefix and its octets. */
const OWNER: usize = 0;
const TIME: usize = 8;
const ADDED: usize = 16;
const LENGTH: usize = ADDED + ((<usize>Gauge.count) << 3);
const PREFIX: usize = LENGTH + 8;
const PREFIX_MOST: i32 = 64;
const SIZE: i32 = <i32>PREFIX + PREFIX_MOST;

/** The fixed number of keys, since none can be deleted: workers times root contexts that have sessions at the same time. */
const LEASES: i32 = 256;
/** No worker is silent for that long, unless it is stopped. */
const STALE_MS: u64 = 5000;
/** How often stale ones are looked for. */
const SEARCH_MS: u64 = 2000;

const KEY: usize = memory.data<u8>([
  // smtp_inspector.gauges.000
  0x73, 0x6d, 0x74, 0x70, 0x5f, 0x69, 0x6e, 0x73, 0x70, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x2e, 0x67, 0x61, 0x75,
  0x67, 0x65, 0x73, 0x2e, 0x30, 0x30, 0x30,
]);
const KEY_LENGTH: i32 = 25;
const value: usize = memory.data(SIZE);
/** When this VM last looked for stale leases. */
let searched: u64 = 0;

/** The gauges of one root context. */
@final
export class Gauges {
  private readonly ids: StaticArray<u32> = new StaticArray<u32>(Gauge.count);
  /** What should be added, and what is. */
  readonly wanted: StaticArray<i64> = new StaticArray<i64>(Gauge.count);
  private readonly added: StaticArray<i64> = new StaticArray<i64>(Gauge.count);
  private prefix: ArrayBuffer = new ArrayBuffer(0);
  /** The lease that it has, -1 for none, and the random number that says so. */
  private lease: i32 = -1;
  private owner: u64 = 0;
  /** When it was renewed. */
  private renewed: u64 = 0;

  begin(prefix: string): void {
    this.prefix = String.UTF8.encode(prefix);
    for (let i = 0; i < Gauge.count; i++) {
      this.ids[i] = defineMetric(MetricKind.gauge, `smtp.${prefix}.${GAUGE_NAMES[i]}`);
    }
  }

  /** Brings the gauges to what is wanted at `time` (milliseconds since 1970), and renews the lease. */
  renew(time: u64): void {
    if (this.lease < 0 && !this.differs()) return;
    if (this.lease >= 0 && !this.owns()) this.loseLease(time);
    if (this.lease < 0 && !this.acquire(time)) {
      this.apply();
      return;
    }
    const isDone = this.isNothing();
    this.describe(isDone ? 0 : this.owner, time);
    if (writeLease(this.lease) != Shared.done) return;
    this.renewed = time;
    this.apply();
    if (isDone) this.lease = -1;
  }

  /** Takes back what VMs have left that are no more. */
  static reclaim(time: u64): void {
    if (time < searched + SEARCH_MS && time >= searched) return;
    searched = time;
    for (let lease = 0; lease < LEASES; lease++) {
      const found = readLease(lease);
      // They are taken in their order.
      if (found != Shared.done) return;
      const since = load<u64>(value, TIME);
      if (load<u64>(value, OWNER) == 0 || time < since + STALE_MS) continue;
      store<u64>(value, 0, OWNER);
      if (writeLease(lease) == Shared.done) takeBack();
    }
  }

  private differs(): bool {
    for (let i = 0; i < Gauge.count; i++) {
      if (unchecked(this.wanted[i]) != unchecked(this.added[i])) return true;
    }
    return false;
  }

  private isNothing(): bool {
    for (let i = 0; i < Gauge.count; i++) {
      if (unchecked(this.wanted[i]) != 0) return false;
    }
    return true;
  }

  private owns(): bool {
    return readLease(this.lease) == Shared.done && load<u64>(value, OWNER) == this.owner;
  }

  /** The lease has another owner. Only of a stale one was it taken back what was added; else a new key was taken by two. */
  private loseLease(time: u64): void {
    this.lease = -1;
    if (time >= this.renewed && time < this.renewed + STALE_MS / 2) return;
    for (let i = 0; i < Gauge.count; i++) unchecked((this.added[i] = 0));
  }

  /** Finds a free lease and takes it; false when there is none, or no shared data. */
  private acquire(time: u64): bool {
    if (!fillRandom(value, 8)) return false;
    this.owner = load<u64>(value) | 1;
    for (let lease = 0; lease < LEASES; lease++) {
      const found = readLease(lease);
      if (found == Shared.failed) return false;
      if (found == Shared.done && load<u64>(value, OWNER) != 0) continue;
      this.describe(this.owner, time);
      if (writeLease(lease) != Shared.done) continue;
      this.lease = lease;
      // Where the key is new whoever comes last has it.
      if (!this.owns()) {
        this.lease = -1;
        continue;
      }
      return true;
    }
    return false;
  }

  /** What the lease is to say once the gauges are as wanted. */
  private describe(owner: u64, time: u64): void {
    store<u64>(value, owner, OWNER);
    store<u64>(value, time, TIME);
    for (let i = 0; i < Gauge.count; i++) {
      store<i64>(value + ((<usize>i) << 3), unchecked(this.wanted[i]), ADDED);
    }
    const length = min(this.prefix.byteLength, PREFIX_MOST);
    store<i32>(value, length, LENGTH);
    memory.fill(value + PREFIX, 0, PREFIX_MOST);
    memory.copy(value + PREFIX, changetype<usize>(this.prefix), length);
  }

  private apply(): void {
    for (let i = 0; i < Gauge.count; i++) {
      const by = unchecked(this.wanted[i]) - unchecked(this.added[i]);
      if (by != 0) addToMetric(unchecked(this.ids[i]), by);
      unchecked((this.added[i] = unchecked(this.wanted[i])));
    }
  }
}

/** Takes back what the lease that was read last says. Defines metrics: only after a VM was lost. */
function takeBack(): void {
  const prefix = String.UTF8.decodeUnsafe(value + PREFIX, min(load<i32>(value, LENGTH), PREFIX_MOST));
  for (let i = 0; i < Gauge.count; i++) {
    const by = load<i64>(value + ((<usize>i) << 3), ADDED);
    if (by != 0) addToMetric(defineMetric(MetricKind.gauge, `smtp.${prefix}.${GAUGE_NAMES[i]}`), -by);
  }
}

function readLease(lease: i32): Shared {
  setKey(lease);
  return readShared(KEY, KEY_LENGTH, value, SIZE);
}

/** Writes over what `readLease` has just read. */
function writeLease(lease: i32): Shared {
  setKey(lease);
  return writeShared(KEY, KEY_LENGTH, value, SIZE);
}

function setKey(lease: i32): void {
  store<u8>(KEY, <u8>(0x30 + lease / 100), 22);
  store<u8>(KEY, <u8>(0x30 + ((lease / 10) % 10)), 23);
  store<u8>(KEY, <u8>(0x30 + (lease % 10)), 24);
}
