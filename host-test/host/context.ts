import type { LogLevel, WorkerName } from "./abi.js";
import { BufferType, StreamType, WasmResult } from "./abi.js";
import type { EditBuffer } from "./buffer.js";
import { pluginProperty } from "./properties.js";

/** One plugin configuration as the VM sees it. */
export interface PluginSpec {
  readonly name: string;
  readonly rootId: string;
  readonly vmId: string;
  readonly configuration: Uint8Array;
  log(level: LogLevel, message: string, worker: WorkerName): void;
}

/** What every context asks of its VM. */
export interface ContextVm {
  readonly worker: WorkerName;
  readonly vmConfiguration: Uint8Array;
}

/** A buffer that may be absent: then its length is 0 and it cannot be written. */
export type BufferView = EditBuffer | Uint8Array | null;

/**
 * What a host call acts on: the context of the running callback, or the effective one. This base class is the VM's
 * own context 0, which has nothing; streams and roots add to it.
 */
export class HostContext {
  constructor(
    readonly vm: ContextVm,
    readonly id: number,
    readonly spec: PluginSpec,
  ) {}

  /** @returns undefined where Envoy answers NotFound */
  buffer(type: number): BufferView | undefined {
    if (type === BufferType.VmConfiguration) return this.vm.vmConfiguration;
    if (type === BufferType.PluginConfiguration || type === BufferType.HttpCallResponseBody) return undefined;
    return null;
  }

  /** @param path segments separated by NUL @returns null where Envoy answers NotFound */
  property(path: string): Uint8Array | null {
    return pluginProperty(path, this.spec);
  }

  /** Stored by a connection; a root has no place for it. */
  setProperty(key: string, value: Uint8Array): number {
    void [key, value];
    return WasmResult.NotFound;
  }

  /** Filter state that other filters of Envoy read; likewise. */
  setFilterState(path: string, value: Uint8Array): number {
    void [path, value];
    return WasmResult.NotFound;
  }

  continueStream(type: number): number {
    if (type > StreamType.Upstream) return WasmResult.BadArgument;
    return type === StreamType.Upstream ? WasmResult.Unimplemented : WasmResult.Ok;
  }

  closeStream(type: number): number {
    return type > StreamType.Upstream ? WasmResult.BadArgument : WasmResult.Ok;
  }

  /** Only a root has a timer. */
  setTickPeriod(milliseconds: number): void {
    void milliseconds;
  }

  /** `proxy_done`. */
  done(): number {
    return WasmResult.NotFound;
  }

  /** `proxy_log`, at a level that is not dropped. */
  log(level: LogLevel, message: string): void {
    this.spec.log(level, message, this.vm.worker);
  }

  /** Called when a callback of this context has found the VM trapped. */
  onTrap(): void {}
}
