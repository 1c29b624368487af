import { WasmResult } from "./abi.js";

export type MetricKind = "counter" | "gauge" | "histogram";

export interface Metric {
  type: MetricKind;
  /** Counter or gauge: its value. Histogram: the sum of what was recorded. */
  value: number;
  /** Of a histogram: what was recorded, in its order. */
  samples: number[];
}

const KINDS: readonly MetricKind[] = ["counter", "gauge", "histogram"];

/** The statistics of one Envoy process: every instance of every VM adds to the same ones. */
export class MetricStore {
  readonly byName = new Map<string, Metric>();

  find(type: MetricKind, name: string): Metric {
    // Envoy keeps the types apart; one name with two types is two statistics there. None of our plugins does that.
    let metric = this.byName.get(name);
    if (metric === undefined || metric.type !== type) {
      metric = { type, value: 0, samples: [] };
      this.byName.set(name, metric);
    }
    return metric;
  }
}

/** One VM's metric ids: the two low bits hold the type, every definition makes a new id, even for an old name. */
export class MetricIds {
  readonly #metrics = new Map<number, Metric>();
  readonly #next = [0, 1, 2];

  constructor(private readonly store: MetricStore) {}

  /** @returns the new id, or null for an unknown type */
  define(type: number, name: string): number | null {
    const kind = KINDS[type];
    if (kind === undefined) return null;
    const id = (this.#next[type] as number) + 4;
    this.#next[type] = id;
    this.#metrics.set(id, this.store.find(kind, name));
    return id;
  }

  increment(id: number, offset: bigint): number {
    if ((id & 3) > 1) return WasmResult.BadArgument;
    const metric = this.#metrics.get(id);
    if (metric === undefined) return WasmResult.NotFound;
    if (metric.type === "counter" && offset <= 0n) return WasmResult.BadArgument;
    metric.value += Number(offset);
    return WasmResult.Ok;
  }

  record(id: number, value: bigint): number {
    const metric = this.#metrics.get(id);
    if (metric === undefined) return WasmResult.NotFound;
    const amount = Number(BigInt.asUintN(64, value));
    if (metric.type === "gauge") metric.value = amount;
    else metric.value += amount;
    if (metric.type === "histogram") metric.samples.push(amount);
    return WasmResult.Ok;
  }

  /** @returns the value, or the result code of the refusal */
  read(id: number): bigint | { failure: number } {
    if ((id & 3) > 1) return { failure: WasmResult.BadArgument };
    const metric = this.#metrics.get(id);
    if (metric === undefined) return { failure: WasmResult.NotFound };
    return BigInt.asUintN(64, BigInt(metric.value));
  }
}
