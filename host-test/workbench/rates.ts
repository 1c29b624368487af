/** How often each protection finds something in sessions that are known to be good: its false positives. */
import type { SessionReport } from "./model.js";

/** What one protection, or one of its reasons, found. */
export interface Rate {
  name: string;
  /** Sessions with such a finding, and findings in all. */
  sessions: number;
  findings: number;
  /** `detect` or `prevent`, as the policy has it. */
  mode: string;
  /** The first session with such a finding: its file and its number there. */
  example: { file: string; session: number };
}

export interface ProtectionRate extends Rate {
  reasons: Rate[];
}

/** Counts findings in any number of sessions; keeps a row for each protection and reason, nothing of the sessions. */
export class Rates {
  sessions = 0;
  clean = 0;
  /** Incomplete and without a finding: they say nothing and are not in the shares. */
  notJudged = 0;
  /** With findings, but incomplete. */
  cutShort = 0;
  readonly #protections = new Map<string, Counted>();

  /** Sessions that the shares refer to. */
  get judged(): number {
    return this.sessions - this.notJudged;
  }

  add(file: string, { id, findings, incomplete }: SessionReport): void {
    this.sessions++;
    if (findings.length === 0) {
      if (incomplete === null) this.clean++;
      else this.notJudged++;
      return;
    }
    if (incomplete !== null) this.cutShort++;
    const example = { file, session: id };
    for (const { protection, reason, mode } of findings) {
      const counted = rowOf(this.#protections, protection, mode, example);
      hit(counted.rate, this.sessions, counted);
      const ofReason = rowOf(counted.reasons, reason, mode, example);
      hit(ofReason.rate, this.sessions, ofReason);
    }
  }

  /** Those with findings, the most frequent first. */
  rows(): ProtectionRate[] {
    return ratesOf(this.#protections).map(({ rate, reasons }) => ({
      ...rate,
      reasons: ratesOf(reasons).map((counted) => counted.rate),
    }));
  }
}

/**
 * The upper bound of the true share, with 95 % confidence, where `matches` of `total` were seen: the upper end of the
 * Wilson score interval. 1 if nothing was seen.
 */
export function atMost(hits: number, total: number): number {
  if (total === 0) return 1;
  const z = 1.96;
  const share = hits / total;
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  return Math.min(1, (share + (z * z) / (2 * total) + spread) / (1 + (z * z) / total));
}

interface Counted {
  rate: Rate;
  reasons: Map<string, Counted>;
  /** Number of the session that was counted last. */
  last: number;
}

function rowOf(rows: Map<string, Counted>, name: string, mode: string, example: Rate["example"]): Counted {
  let row = rows.get(name);
  if (row === undefined) {
    row = { rate: { name, sessions: 0, findings: 0, mode, example }, reasons: new Map(), last: 0 };
    rows.set(name, row);
  }
  return row;
}

function hit(rate: Rate, session: number, counted: Counted): void {
  rate.findings++;
  if (counted.last !== session) rate.sessions++;
  counted.last = session;
}

const ratesOf = (rows: Map<string, Counted>): Counted[] =>
  [...rows.values()].sort(
    ({ rate: one }, { rate: other }) =>
      other.sessions - one.sessions || other.findings - one.findings || (one.name < other.name ? -1 : 1),
  );
