/** The module in the Node host, with what measurements need: its memory, one root context, one timer. */
import { LOG_LEVELS } from "../../host/abi.js";
import { ManualClock } from "../../host/clock.js";
import type { Sink } from "../../host/connect-options.js";
import { Connection } from "../../host/connection.js";
import type { PluginSpec } from "../../host/context.js";
import { loadVm } from "../../host/load.js";
import { MetricStore } from "../../host/metrics.js";
import { RootContext } from "../../host/root.js";
import { SharedData } from "../../host/shared-data.js";
import type { Vm } from "../../host/vm.js";

/** Drops what passes. */
const NOWHERE: Sink = { toServer() {}, toClient() {}, endServer() {}, endClient() {}, close() {} };

/** The profile that is measured; more events than by default, so that their limit per second never changes a figure. */
export const RECOMMENDED = JSON.stringify({
  stat_prefix: "bench",
  profile: "recommended",
  events: { max_per_second: 10_000 },
});

/** The same with the stricter profile as its shadow, without what that finds in a good session: VRFY, a password in clear. */
export const SHADOWED = JSON.stringify({
  ...(JSON.parse(RECOMMENDED) as object),
  shadow: { profile: "strict", protections: { recon_command: "off", cleartext_auth: "off" } },
});

export class BenchHost {
  /** Lines that the module has logged. */
  lines: string[] = [];
  readonly #vm: Vm;
  readonly #root: RootContext;
  readonly #clock = new ManualClock();
  #connections = 0;

  /**
   * @param bufferLimit `per_connection_buffer_limit_bytes`; the Node host's default where it is left out
   * @throws WasmTrap, or Error when the policy is refused
   */
  constructor(
    module: WebAssembly.Module,
    policy = RECOMMENDED,
    private readonly bufferLimit?: number,
  ) {
    const spec: PluginSpec = {
      name: "bench",
      rootId: "bench",
      vmId: "bench",
      configuration: new TextEncoder().encode(policy),
      log: (_level, message) => this.lines.push(message),
    };
    const env = {
      module,
      clock: this.#clock,
      metrics: new MetricStore(),
      sharedData: new SharedData(),
      vmConfiguration: new Uint8Array(0),
      logLevel: LOG_LEVELS.indexOf("info"),
    };
    this.#vm = loadVm(env, 0, spec);
    this.#root = new RootContext(this.#vm, spec);
    if (!this.#root.start()) throw new Error(`the policy was refused: ${this.lines.at(-1) ?? ""}`);
    this.#vm.endTurn();
  }

  /** A new connection; without a sink what passes is dropped. @throws WasmTrap */
  connect(sink: Sink = NOWHERE): Connection {
    const connection = new Connection(this.#root, ++this.#connections, {
      sink,
      ...(this.bufferLimit === undefined ? {} : { bufferLimit: this.bufferLimit }),
    });
    this.#vm.endTurn();
    return connection;
  }

  /** @param ms milliseconds before the timer fires @throws WasmTrap */
  tick(ms: number): void {
    this.#clock.advance(ms);
    this.#root.tick();
    this.#vm.endTurn();
  }

  get memory(): WebAssembly.Memory {
    return this.#vm.memory;
  }

  /** Reads the u64 at `address` and makes it 0: a counter of `countInstructions`. */
  takeCounter(address: number): number {
    const view = new DataView(this.#vm.memory.buffer);
    const value = view.getBigUint64(address, true);
    view.setBigUint64(address, 0n, true);
    return Number(value);
  }
}
