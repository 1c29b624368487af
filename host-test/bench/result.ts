/** What every part of the benchmark passes to the report. */

/** One row of the table. */
export interface Measurement {
  group: "module" | "envoy" | "tls" | "relays";
  /** The row, such as "RCPT" or "1 KiB kept, recommended". */
  name: string;
  /** What the samples count: "ns", "GB/s", "× plain", … */
  unit: string;
  /** One per repetition (or pair). */
  samples: number[];
  /** Bar of the project on the median: at most this. */
  most?: number;
  /** Bar of the project on the median: at least this. */
  least?: number;
  note?: string;
}

/** Gets progress, one line at a time; the lines belong on stderr. */
export type Progress = (line: string) => void;

/** What every part is given. */
export interface BenchOptions {
  /** Repetitions, or alternating pairs with plain `tcp_proxy`; at least 1. */
  pairs: number;
  /** Loads of seconds instead of minutes: shows that it works, not how fast. */
  short: boolean;
  /** Only rows whose name contains this text, ignoring case. */
  only?: string;
  progress: Progress;
  /** Aborted by Ctrl-C: stop what was started and return what there is. */
  signal: AbortSignal;
}

/** Whether a row of this name was asked for. */
export function wanted(name: string, only: string | undefined): boolean {
  return only === undefined || name.toLowerCase().includes(only.toLowerCase());
}
