import { instantiateSync } from "@assemblyscript/loader";
import type { WorkerName } from "./abi.js";
import type { Clock } from "./clock.js";
import type { PluginSpec } from "./context.js";
import { HostContext } from "./context.js";
import { MetricIds } from "./metrics.js";
import type { MetricStore } from "./metrics.js";
import type { SharedData } from "./shared-data.js";

/** What all VMs of one Envoy process share. */
export interface VmEnvironment {
  readonly module: WebAssembly.Module;
  readonly clock: Clock;
  readonly metrics: MetricStore;
  readonly sharedData: SharedData;
  readonly vmConfiguration: Uint8Array;
  /** Lines below this are dropped, as by `--component-log-level wasm:<level>`. */
  readonly logLevel: number;
}

/** Something with work to do when the VM is idle, such as a connection with bytes to pass on. */
export interface Settling {
  settle(): void;
}

/** The module trapped: every connection of its worker is lost. `cause` has the engine's message. */
export class WasmTrap extends Error {
  override name = "WasmTrap";
}

/** The functions that a module may import, by module and name. */
export type Imports = Record<string, Record<string, (...args: never[]) => number>>;

type Callback = (...args: number[]) => number | undefined;

/** How much of the host may be called: all of it, or what is open to `_initialize` or to an allocator. */
export const Gate = { Open: 0, Initialize: 1, Allocator: 2 } as const;

/** The result of a callback when the VM had trapped: not 0, so never "continue". */
export const TRAPPED = -1;

/** One instance of the module: its memory, its contexts, and who is running. */
export class Vm {
  readonly contexts = new Map<number, HostContext>();
  readonly metrics: MetricIds;
  readonly vmConfiguration: Uint8Array;
  /** The first trap; from then on nothing is called. */
  trap: WasmTrap | null = null;
  gate: number = Gate.Open;
  readonly memory: WebAssembly.Memory;
  readonly #exports: Record<string, Callback | undefined>;
  readonly #vmContext: HostContext;
  #running: HostContext;
  #effective = 0;
  #nextId = 1;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #actions: (() => void)[] = [];
  #unsettled: Settling[] = [];
  #settling = false;
  #unreported: WasmTrap | null = null;

  /**
   * @param importsOf makes the host's functions for this VM
   * @throws Error when the module asks for an import that Envoy lacks, or lacks what Envoy asks of it
   */
  constructor(
    readonly env: VmEnvironment,
    readonly worker: WorkerName,
    spec: PluginSpec,
    importsOf: (vm: Vm) => Imports,
  ) {
    this.vmConfiguration = env.vmConfiguration;
    this.metrics = new MetricIds(env.metrics);
    this.#vmContext = this.#running = new HostContext(this, 0, spec);
    this.contexts.set(0, this.#vmContext);
    const imports = importsOf(this);
    checkModule(env.module, imports);
    const { instance } = instantiateSync(env.module, imports);
    this.#exports = instance.exports as Record<string, Callback | undefined>;
    this.memory = instance.exports["memory"] as WebAssembly.Memory;
    this.gate = Gate.Initialize;
    this.call(this.#vmContext, "_initialize");
    this.gate = Gate.Open;
  }

  allocateId(): number {
    return this.#nextId++;
  }

  /** The context a host call acts on. @throws WasmTrap while an allocator or `_initialize` runs */
  context(): HostContext {
    if (this.gate !== Gate.Open) throw new WasmTrap("restricted_callback");
    return this.anyContext();
  }

  /** The same for the few calls that are always allowed. */
  anyContext(): HostContext {
    return (this.#effective !== 0 && this.contexts.get(this.#effective)) || this.#running;
  }

  /** `proxy_set_effective_context`: 0 goes back to the running one. */
  setEffective(id: number): boolean {
    if (!this.contexts.has(id)) return false;
    this.#effective = id;
    return true;
  }

  /**
   * Runs a callback, then what it deferred (closing and continuing happen after the call, never within it).
   * @returns its result, 0 or more; undefined when it is not exported or returns nothing; TRAPPED
   */
  call(context: HostContext, name: string, a = 0, b = 0, c = 0): number | undefined {
    const result = this.trap === null ? this.#invoke(context, name, a, b, c) : TRAPPED;
    if (this.trap !== null) context.onTrap();
    while (this.#actions.length > 0) (this.#actions.shift() as () => void)();
    return this.trap === null ? result : TRAPPED;
  }

  #invoke(context: HostContext, name: string, a: number, b: number, c: number): number | undefined {
    const callback = this.#exports[name];
    if (callback === undefined) return undefined;
    const running = this.#running;
    const effective = this.#effective;
    this.#running = context;
    this.#effective = 0;
    try {
      const result = callback(a, b, c);
      return result === undefined ? undefined : result >>> 0;
    } catch (cause) {
      this.#fail(name, cause);
      return TRAPPED;
    } finally {
      this.#running = running;
      this.#effective = effective;
    }
  }

  #fail(name: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.trap ??= this.#unreported = new WasmTrap(`${name} failed: ${reason}`, { cause });
  }

  exports(name: string): boolean {
    return this.#exports[name] !== undefined;
  }

  /** Defers `action` until the running callback has returned. */
  defer(action: () => void): void {
    this.#actions.push(action);
  }

  /** Schedules `settle` for the end of this turn of the event loop. */
  unsettled(work: Settling): void {
    this.#unsettled.push(work);
  }

  /** Ends a turn of the event loop: passes on what was written. @throws WasmTrap the first time after a trap */
  endTurn(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (let work = this.#unsettled.shift(); work !== undefined; work = this.#unsettled.shift())
        work.settle();
    } finally {
      this.#settling = false;
    }
    const trap = this.#unreported;
    this.#unreported = null;
    if (trap !== null) throw trap;
  }

  /** A view of the module's memory, valid until it runs again; null when out of bounds. */
  read(pointer: number, size: number): Uint8Array | null {
    const bytes = this.#refresh();
    const start = pointer >>> 0;
    const length = size >>> 0;
    return start + length > bytes.length ? null : bytes.subarray(start, start + length);
  }

  writeU32(pointer: number, value: number): boolean {
    const at = pointer >>> 0;
    if (at + 4 > this.#refresh().length) return false;
    this.#view.setUint32(at, value, true);
    return true;
  }

  writeU64(pointer: number, value: bigint): boolean {
    const at = pointer >>> 0;
    if (at + 8 > this.#refresh().length) return false;
    this.#view.setBigUint64(at, value, true);
    return true;
  }

  /** Copies `bytes` into memory that the module allocates. @returns its address, 0 if the module gives none */
  give(bytes: Uint8Array): number {
    const gate = this.gate;
    this.gate = Gate.Allocator;
    const name = this.exports("malloc") ? "malloc" : "proxy_on_memory_allocate";
    const pointer = this.#invoke(this.#vmContext, name, bytes.length, 0, 0) ?? 0;
    this.gate = gate;
    if (this.trap !== null || pointer === 0) return 0;
    const target = this.read(pointer, bytes.length);
    if (target === null) return 0;
    target.set(bytes);
    return pointer;
  }

  #refresh(): Uint8Array {
    if (this.#bytes.buffer !== this.memory.buffer) {
      this.#bytes = new Uint8Array(this.memory.buffer);
      this.#view = new DataView(this.memory.buffer);
    }
    return this.#bytes;
  }
}

const checked = new WeakSet<WebAssembly.Module>();

/** Envoy's checks at load; the loader would provide `env.abort` and others that Envoy does not have. */
function checkModule(module: WebAssembly.Module, have: Imports): void {
  if (checked.has(module)) return;
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (have[from]?.[name] === undefined) {
      throw new Error(`Failed to load Wasm module due to a missing import: ${from}.${name}`);
    }
  }
  const exported = new Set(WebAssembly.Module.exports(module).map((entry) => entry.name));
  if (!exported.has("proxy_abi_version_0_2_1")) throw new Error("Missing or unknown Proxy-Wasm ABI version");
  if (!exported.has("malloc") && !exported.has("proxy_on_memory_allocate")) {
    throw new Error("Wasm module is missing malloc/proxy_on_memory_allocate");
  }
  checked.add(module);
}
