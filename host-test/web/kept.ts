/** The reports that the worker keeps to show them: as many as fit, those with findings or a change first. */
import type { Change } from "../workbench/compare.js";
import type { SessionReport } from "../workbench/model.js";

/** What is kept of one session. */
export interface KeptSession {
  /** The index of its file in the run. */
  file: number;
  /** Under the first policy, and under the second one where two are compared. */
  reports: SessionReport[];
  change: Change | null;
}

/** As `weightOf` counts: a tab can spare that besides the page, the capture and the filter. */
export const KEPT_BYTES = 128 * 1024 * 1024;

/** Sessions by their index in a run. */
export class KeptSessions {
  readonly #sessions = new Map<number, KeptSession>();
  /** Indices of sessions without findings or change, the oldest first: they are given up before the others. */
  readonly #plain = new Set<number>();
  /** As `weightOf` counts. */
  bytes = 0;

  /** @param limit most bytes that are kept */
  constructor(private readonly limit = KEPT_BYTES) {}

  /** Keeps a session if there is room; earlier ones without findings or change may have to go. */
  add(index: number, session: KeptSession): void {
    const weight = weightOf(session);
    const isPlain = session.change === null && session.reports.every(({ findings }) => findings.length === 0);
    if (!isPlain) {
      for (const earlier of this.#plain) {
        if (this.bytes + weight <= this.limit) break;
        this.#giveUp(earlier);
      }
    }
    if (this.bytes + weight > this.limit) return;
    this.#sessions.set(index, session);
    this.bytes += weight;
    if (isPlain) this.#plain.add(index);
  }

  /** Undefined if it was given up. */
  get(index: number): KeptSession | undefined {
    return this.#sessions.get(index);
  }

  /** All that are kept, in their order. */
  all(): KeptSession[] {
    return [...this.#sessions].sort(([a], [b]) => a - b).map(([, session]) => session);
  }

  clear(): void {
    this.#sessions.clear();
    this.#plain.clear();
    this.bytes = 0;
  }

  #giveUp(index: number): void {
    this.bytes -= weightOf(this.#sessions.get(index) as KeptSession);
    this.#sessions.delete(index);
    this.#plain.delete(index);
  }
}

/** What V8 takes for a turn or a finding besides its bytes, rounded up: some twenty fields and an array of its own. */
const RECORD_BYTES = 512;

/** About how much memory a session's reports take, in bytes. */
export function weightOf({ reports }: KeptSession): number {
  let sum = 0;
  for (const { title, turns, findings, toServer, toClient } of reports) {
    sum += 2 * title.length;
    sum +=
      RECORD_BYTES * (1 + turns.length + findings.length) + toServer.bytes.length + toClient.bytes.length;
    for (const { bytes } of turns) sum += bytes.length;
  }
  return sum;
}
