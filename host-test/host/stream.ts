import type { LogLevel } from "./abi.js";
import { BufferType, StreamType, WasmResult } from "./abi.js";
import type { EditBuffer } from "./buffer.js";
import type { BufferView } from "./context.js";
import { HostContext } from "./context.js";
import type { ConnectionObserver } from "./connect-options.js";
import type { ConnectionFacts } from "./properties.js";
import { connectionProperty } from "./properties.js";
import type { RootContext } from "./root.js";
import type { Side } from "./tls.js";
import type { Vm } from "./vm.js";

/** What a stream's host calls request of its connection; all of it happens only after the running callback has returned. */
export interface StreamOwner extends ConnectionFacts {
  readonly overrides: Record<string, Uint8Array> | undefined;
  readonly filterState: Map<string, Uint8Array>;
  readonly routes: boolean;
  continueReading(): void;
  /** TLS starts on a side, once what this callback writes in clear has left. */
  startTls(side: Side): void;
  closeByFilter(reason: string): void;
}

/** The filter's context for one connection. */
export class StreamContext extends HostContext {
  declare readonly vm: Vm;
  /** Buffer 2: set for a downstream callback, and kept while its StopIteration holds. */
  downstream: EditBuffer | null = null;
  /** Buffer 3, likewise for upstream. */
  upstream: EditBuffer | null = null;

  constructor(
    root: RootContext,
    private readonly owner: StreamOwner,
    private readonly observer: ConnectionObserver | undefined,
  ) {
    super(root.vm, root.vm.allocateId(), root.spec);
    root.vm.contexts.set(this.id, this);
  }

  override buffer(type: number): BufferView | undefined {
    if (type === BufferType.DownstreamData) return this.downstream;
    if (type === BufferType.UpstreamData) return this.upstream;
    return super.buffer(type);
  }

  override property(path: string): Uint8Array | null {
    return (
      this.owner.overrides?.[path] ??
      super.property(path) ??
      connectionProperty(path, this.owner) ??
      this.owner.filterState.get(`wasm.${path}`) ??
      null
    );
  }

  override setProperty(key: string, value: Uint8Array): number {
    this.owner.filterState.set(`wasm.${key}`, value);
    const side = this.owner.tls.asked(key);
    if (side !== null) this.owner.startTls(side);
    return WasmResult.Ok;
  }

  override setFilterState(path: string, value: Uint8Array): number {
    if (!this.owner.routes) return WasmResult.NotFound;
    this.owner.filterState.set(path, value);
    return WasmResult.Ok;
  }

  override continueStream(type: number): number {
    if (type === StreamType.Downstream) this.vm.defer(() => this.owner.continueReading());
    return super.continueStream(type);
  }

  override closeStream(type: number): number {
    // Both close the connection to the client; only the reason differs.
    if (type === StreamType.Downstream)
      this.vm.defer(() => this.owner.closeByFilter("wasm_downstream_close"));
    if (type === StreamType.Upstream) this.vm.defer(() => this.owner.closeByFilter("wasm_upstream_close"));
    return super.closeStream(type);
  }

  override log(level: LogLevel, message: string): void {
    super.log(level, message);
    this.observer?.logs(message);
  }

  override onTrap(): void {
    this.vm.defer(() => this.owner.closeByFilter("wasm_trap"));
  }
}
