/** The filter under test: one VM with a root context for each policy, as several listeners in one Envoy do. */
import type { LogLevel } from "../host/abi.js";
import { LOG_LEVELS } from "../host/abi.js";
import { ManualClock } from "../host/clock.js";
import type { ConnectOptions, Sink } from "../host/connect-options.js";
import { Connection } from "../host/connection.js";
import type { PluginSpec } from "../host/context.js";
import { loadVm } from "../host/load.js";
import { MetricStore } from "../host/metrics.js";
import { RootContext } from "../host/root.js";
import { SharedData } from "../host/shared-data.js";
import type { Vm } from "../host/vm.js";
import type { FuzzModule } from "./build.js";
import { COUNTERS, MEMORY_BASE } from "./build.js";
import { FUEL } from "./instrument.js";
import { blocksInUse, findHeap } from "./heap.js";
import { POLICIES } from "./policies.js";
import { toBytes } from "./text.js";

/** Rounds of loops that a session may take: some 2,000 for each byte of the longest. */
const TANK = 400_000_000;

/** Each update leaves its statistics in the host: the memory of this many connections. */
const UPDATE_AGE = 50;
/** The client's default port. */
export const PORT = 40_000;
const TLS_VERSION = "TLSv1.3";
const NOTHING = new Uint8Array(0);

export interface TargetLine {
  level: LogLevel;
  message: string;
}

export class Target {
  readonly clock = new ManualClock();
  readonly #metrics = new MetricStore();
  readonly #vm: Vm;
  readonly #roots: RootContext[];
  readonly #heap: number;
  #lines: TargetLine[] = [];
  #connections = 0;
  /** Number of connections that this VM has had. */
  get age(): number {
    return this.#connections;
  }

  /** @throws WasmTrap, or Error when a policy is refused */
  constructor(private readonly built: FuzzModule) {
    this.#vm = loadVm(
      {
        module: built.module,
        clock: this.clock,
        metrics: this.#metrics,
        sharedData: new SharedData(),
        vmConfiguration: NOTHING,
        logLevel: LOG_LEVELS.indexOf("info"),
      },
      0,
      this.#spec(NOTHING),
    );
    this.refuel();
    this.#roots = POLICIES.map(({ json }) => this.#root(json));
    this.#heap = findHeap(this.#vm.memory, MEMORY_BASE);
  }

  /** The root context of a policy. */
  rootOf(policy: number): RootContext {
    const root = this.#roots[policy];
    if (root === undefined) throw new RangeError(`no policy ${policy}`);
    return root;
  }

  /** A connection under a policy, by its index, with what stands round the filter there. */
  connectBy(policy: number, port: number, sink: Sink): Connection {
    const { switches = [], listensInTls = false } = POLICIES[policy] ?? {};
    const options = { startTls: switches, ...(listensInTls && { tlsVersion: TLS_VERSION }) };
    return this.connect(this.rootOf(policy), port, sink, options);
  }

  /** @param port of the client, which identifies events; all but one port have an IPv6 address */
  connect(root: RootContext, port: number, sink: Sink, options: ConnectOptions = {}): Connection {
    this.#connections++;
    const connection = new Connection(root, this.#connections, {
      sourceAddress: `${port === PORT ? "192.0.2.10" : "[2001:db8::10]"}:${port}`,
      sink,
      ...options,
    });
    this.#vm.endTurn();
    return connection;
  }

  /** Makes a root context of a policy's text, as a listener update does; `retire` ends it, whether it was accepted or not. */
  update(text: Uint8Array): { root: RootContext; accepted: boolean } {
    this.#connections += UPDATE_AGE;
    const root = new RootContext(this.#vm, this.#spec(text));
    const accepted = root.start();
    this.#vm.endTurn();
    return { root, accepted };
  }

  retire(root: RootContext): void {
    for (const connection of [...root.connections]) connection.drain();
    root.end();
    this.#vm.endTurn();
  }

  /** @param ms milliseconds before the timer fires */
  tick(ms: number): void {
    this.clock.advance(ms);
    for (const root of this.#roots) root.tick();
    this.#vm.endTurn();
  }

  /** What was logged since the last call. */
  takeLines(): TargetLine[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** The counters, valid until the module runs. */
  get counters(): Uint8Array {
    return new Uint8Array(this.#vm.memory.buffer, COUNTERS, this.built.sites);
  }

  /** Clears the counters and fills up the fuel. */
  refuel(): void {
    this.counters.fill(0);
    new DataView(this.#vm.memory.buffer).setUint32(FUEL, TANK, true);
  }

  /** Rounds of loops since `refuel`. */
  get burnt(): number {
    return TANK - new DataView(this.#vm.memory.buffer).getUint32(FUEL, true);
  }

  get memoryBytes(): number {
    return this.#vm.memory.buffer.byteLength;
  }

  /** Open sessions, by the filter's own count. */
  get sessionsActive(): number {
    let sum = 0;
    for (const { name } of POLICIES)
      sum += this.#metrics.byName.get(`smtp.${name}.sessions_active`)?.value ?? 0;
    return sum;
  }

  get trap(): Error | null {
    return this.#vm.trap;
  }

  /** Blocks in use on the module's heap; -1 when its headers are damaged. */
  get blocks(): number {
    return blocksInUse(this.#vm.memory, this.#heap);
  }

  /** The same, without garbage. */
  get liveBlocks(): number {
    // One call may only finish a collection that was already running.
    for (let i = 0; i < 2; i++) this.#vm.call(this.#vm.anyContext(), "__collect");
    return this.blocks;
  }

  #root(json: string): RootContext {
    const { root, accepted } = this.update(toBytes(json));
    if (!accepted) throw new Error(`policy refused: ${this.#lines.at(-1)?.message ?? ""}`);
    return root;
  }

  #spec(configuration: Uint8Array): PluginSpec {
    return {
      name: "fuzz",
      rootId: "fuzz",
      vmId: "fuzz",
      configuration,
      log: (level, message) => this.#lines.push({ level, message }),
    };
  }
}
