import { BufferType, WasmResult } from "./abi.js";
import type { BufferView, PluginSpec } from "./context.js";
import { HostContext } from "./context.js";
import type { Vm } from "./vm.js";

/** A connection as its root knows it. */
export interface Drained {
  /** Envoy closes it: its listener is drained. */
  drain(): void;
}

/** One plugin configuration inside one VM. A VM may have several: other plugins, and ones that are being drained. */
export class RootContext extends HostContext {
  declare readonly vm: Vm;
  readonly connections = new Set<Drained>();
  #tickPeriod = 0;
  #configuring = false;
  #waitsForDone = false;

  constructor(vm: Vm, spec: PluginSpec) {
    super(vm, vm.allocateId(), spec);
    vm.contexts.set(this.id, this);
  }

  /** create, vm_start, configure. @returns false if the module refuses (or traps: see `vm.trap`) */
  start(): boolean {
    // Envoy sets the plugin for both calls, so buffer 7 can be read only in them.
    this.#configuring = true;
    this.vm.call(this, "proxy_on_context_create", this.id, 0);
    this.#configuring = false;
    if (this.vm.call(this, "proxy_on_vm_start", this.id, this.vm.vmConfiguration.length) === 0) return false;
    this.#configuring = true;
    const accepted = this.vm.call(this, "proxy_on_configure", this.id, this.spec.configuration.length) !== 0;
    this.#configuring = false;
    return accepted && this.vm.trap === null;
  }

  tick(): void {
    if (this.#tickPeriod !== 0) this.vm.call(this, "proxy_on_tick", this.id);
  }

  /** on_done, and on_delete at once unless the module asks to wait for its `proxy_done`. */
  end(): void {
    if (!this.vm.contexts.has(this.id) || this.#waitsForDone) return;
    this.#tickPeriod = 0;
    this.#waitsForDone = this.vm.call(this, "proxy_on_done", this.id) === 0;
    if (!this.#waitsForDone) this.#delete();
  }

  override done(): number {
    if (!this.#waitsForDone) return WasmResult.NotFound;
    this.#waitsForDone = false;
    this.vm.defer(() => this.#delete());
    return WasmResult.Ok;
  }

  #delete(): void {
    this.vm.call(this, "proxy_on_delete", this.id);
    this.vm.contexts.delete(this.id);
  }

  override setTickPeriod(milliseconds: number): void {
    this.#tickPeriod = milliseconds;
  }

  override buffer(type: number): BufferView | undefined {
    if (type === BufferType.PluginConfiguration && this.#configuring) return this.spec.configuration;
    return super.buffer(type);
  }
}
