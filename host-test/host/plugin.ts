import type { LogLevel, LogLine } from "./abi.js";
import { LOG_LEVELS } from "./abi.js";
import type { Clock } from "./clock.js";
import { systemClock } from "./clock.js";
import type { ConnectionObserver, ConnectOptions } from "./connect-options.js";
import { Connection } from "./connection.js";
import type { PluginSpec } from "./context.js";
import { loadVm } from "./load.js";
import type { Metric } from "./metrics.js";
import { MetricStore } from "./metrics.js";
import { ObservedConnection } from "./observer.js";
import { RootContext } from "./root.js";
import { SharedData } from "./shared-data.js";
import type { Vm, VmEnvironment } from "./vm.js";

export type { LogLine } from "./abi.js";
export type { Clock } from "./clock.js";
export type { ConnectionObserver, ConnectOptions, Sink } from "./connect-options.js";
export { Connection } from "./connection.js";
export type { Side } from "./tls.js";
export { WasmTrap } from "./vm.js";

export interface PluginOptions {
  /** The plugin configuration as the module sees it: the policy's text. */
  configuration?: string | Uint8Array;
  vmConfiguration?: string;
  rootId?: string;
  name?: string;
  vmId?: string;
  /** Worker threads, each with its own instance; 1 by default. */
  workers?: number;
  clock?: Clock;
  /** As `--component-log-level wasm:<level>`; "info" by default. */
  logLevel?: LogLevel;
  /** Called for each new connection before the filter knows of it. @returns its observer */
  observe?: (options: ConnectOptions) => ConnectionObserver;
}

/** The module refused its configuration. The message is the module's last warning or error. */
export class ConfigurationRefused extends Error {
  override name = "ConfigurationRefused";

  constructor(
    readonly logs: LogLine[],
    fallback: string,
  ) {
    const spoken = logs.filter((line) => LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf("warn"));
    super(spoken.at(-1)?.message ?? fallback);
  }
}

/** What plugins with the same VM key share in one Envoy process. */
interface HostProcess {
  readonly env: VmEnvironment;
  readonly main: Vm;
  readonly workers: Vm[];
  lastConnectionId: number;
}

/** The instances that Envoy makes for a filter's configuration: a trial, the main thread's, one for each worker. */
export class Plugin {
  readonly logs: LogLine[] = [];
  onLog: ((line: LogLine) => void) | undefined;
  readonly #process: HostProcess;
  readonly #options: Required<Pick<PluginOptions, "name" | "rootId" | "vmId">>;
  readonly #observe: PluginOptions["observe"];
  /** One for the main thread, then one for each worker. */
  #roots: RootContext[] = [];
  #oldRoots: RootContext[] = [];

  /** @throws ConfigurationRefused; WasmTrap when `_initialize` traps; Error when Envoy would not load the module */
  static load(wasm: Uint8Array | WebAssembly.Module, options: PluginOptions = {}): Plugin {
    return new Plugin(wasm, options);
  }

  private constructor(wasm: Uint8Array | WebAssembly.Module | HostProcess, options: PluginOptions) {
    const { name = "smtp_inspector", rootId = "smtp_inspector", vmId = "smtp_inspector" } = options;
    this.#options = { name, rootId, vmId };
    this.#observe = options.observe;
    const spec = this.#spec(options.configuration ?? "");
    if ("main" in wasm) {
      this.#process = wasm;
    } else {
      const env = environment(wasm, options);
      // The base VM runs `_initialize` and afterwards serves only as a copy source.
      loadVm(env, "main", spec);
      trial(env, spec, this.logs);
      const workers = Array.from({ length: options.workers ?? 1 }, (_, worker) => loadVm(env, worker, spec));
      this.#process = { env, main: loadVm(env, "main", spec), workers, lastConnectionId: 0 };
    }
    if ("main" in wasm) trial(this.#process.env, spec, this.logs);
    this.#roots = this.#start(spec);
  }

  /**
   * A listener update that changes nothing but this configuration: a new root context in the same VMs.
   * @returns false if the module refuses it; the old one then stays in force
   */
  update(configuration: string | Uint8Array): boolean {
    const spec = this.#spec(configuration);
    try {
      trial(this.#process.env, spec, this.logs);
    } catch (error) {
      if (error instanceof ConfigurationRefused) return false;
      throw error;
    }
    this.#oldRoots.push(...this.#roots);
    this.#roots = this.#start(spec);
    return true;
  }

  /** The end of the drain time: closes connections that still use earlier configurations, then ends those. */
  drainOld(): void {
    const old = this.#oldRoots;
    this.#oldRoots = [];
    this.#end(old);
  }

  /** A second listener with this plugin: the same VM key, so the same VMs. @throws ConfigurationRefused */
  addListener(configuration: string | Uint8Array, rootId = this.#options.rootId): Plugin {
    return new Plugin(this.#process, { ...this.#options, configuration, rootId });
  }

  /** A new TCP connection. @throws WasmTrap */
  connect(options: ConnectOptions = {}): Connection {
    const root = this.#roots[1 + (options.worker ?? 0)];
    if (root === undefined) throw new RangeError(`there is no worker ${options.worker}`);
    const id = ++this.#process.lastConnectionId;
    const observer = options.observer ?? this.#observe?.(options);
    const connection =
      observer === undefined
        ? new Connection(root, id, options)
        : new ObservedConnection(root, id, { ...options, observer });
    root.vm.endTurn();
    return connection;
  }

  /** The timer fires once on every instance, the main thread's included. @throws WasmTrap */
  tick(): void {
    for (const root of [...this.#oldRoots, ...this.#roots]) {
      root.tick();
      root.vm.endTurn();
    }
  }

  /** Envoy's exit: closes all connections, ends all root contexts. */
  shutdown(): void {
    const all = [...this.#oldRoots, ...this.#roots];
    this.#oldRoots = [];
    this.#roots = [];
    this.#end(all);
  }

  /** The workers' roots first, as their connections must be closed. */
  #end(roots: RootContext[]): void {
    const { main } = this.#process;
    for (const root of [...roots.filter(({ vm }) => vm !== main), ...roots.filter(({ vm }) => vm === main)]) {
      for (const connection of [...root.connections]) connection.drain();
      root.end();
      root.vm.endTurn();
    }
  }

  /** The first trap of any instance, or null. Its worker's connections are lost. */
  get trapped(): Error | null {
    const { main, workers } = this.#process;
    return [main, ...workers].find((vm) => vm.trap !== null)?.trap ?? null;
  }

  /** All statistics of the process by the module's own names, without Envoy's "wasmcustom." before them. */
  get metrics(): Map<string, Metric> {
    return this.#process.env.metrics.byName;
  }

  metric(name: string): number | undefined {
    return this.metrics.get(name)?.value;
  }

  /** The size of a worker's linear memory. */
  memoryBytes(worker = 0): number {
    return this.#process.workers[worker]?.memory.buffer.byteLength ?? 0;
  }

  /** What all VMs of this process keep in shared data. */
  get sharedData(): { keys: number; bytes: number } {
    return this.#process.env.sharedData.size;
  }

  /** Forgets what is in shared data, as a restart of Envoy does; the VMs stay. */
  forgetShared(): void {
    this.#process.env.sharedData.clear();
  }

  #start(spec: PluginSpec): RootContext[] {
    const { main, workers } = this.#process;
    return [main, ...workers].map((vm) => {
      const root = new RootContext(vm, spec);
      // The trial has accepted this configuration; an instance that refuses it is lost, like a trapped one.
      if (!root.start() && vm.trap === null)
        throw new ConfigurationRefused(this.logs, "refused after its trial");
      vm.endTurn();
      return root;
    });
  }

  #spec(configuration: string | Uint8Array): PluginSpec {
    const bytes = typeof configuration === "string" ? new TextEncoder().encode(configuration) : configuration;
    return {
      ...this.#options,
      configuration: bytes,
      log: (level, message, worker) => {
        const line = { level, message, worker };
        this.logs.push(line);
        this.onLog?.(line);
      },
    };
  }
}

function environment(wasm: Uint8Array | WebAssembly.Module, options: PluginOptions): VmEnvironment {
  const module =
    wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  return {
    module,
    clock: options.clock ?? systemClock,
    metrics: new MetricStore(),
    sharedData: new SharedData(),
    vmConfiguration: new TextEncoder().encode(options.vmConfiguration ?? ""),
    logLevel: LOG_LEVELS.indexOf(options.logLevel ?? "info"),
  };
}

/** Envoy tries a configuration on a separate instance, which it then drops without a callback. */
function trial(env: VmEnvironment, spec: PluginSpec, logs: LogLine[]): void {
  const before = logs.length;
  const vm = loadVm(env, "canary", spec);
  const accepted = new RootContext(vm, spec).start();
  if (accepted) return;
  throw new ConfigurationRefused(
    logs.slice(before),
    vm.trap?.message ?? "the module refused its configuration",
  );
}
