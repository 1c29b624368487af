/** What good traffic was found for: by protection and reason, how often, from where, and an example. */
import { isIP } from "node:net";
import type { Finding, SessionReport, Turn } from "../workbench/model.js";
import { escaped, rowsOf } from "../workbench/view.js";

/** One reason of one protection. */
export interface Cause {
  protection: string;
  reason: string;
  findings: number;
  /** Sessions of recordings that have it; a log does not say which events belong to one session. */
  sessions: number;
  /** Addresses of the clients, as far as they are known; at most `MOST_SOURCES`. */
  sources: Set<string>;
  /** A client whose address is not known, or one more than fits: then no list of sources is complete. */
  isFromOthers: boolean;
  /** Where it was first seen and with which bytes: printable on one line. */
  example: string;
}

/** More sources than anybody would name in a policy; a forged log has as many as its author likes. */
const MOST_SOURCES = 10_000;
/** Characters of an example's bytes. */
const SHOWN = 60;

/** Counts findings; keeps a row for each reason and a bounded set of sources, nothing of the traffic. */
export class Causes {
  /** Of all sessions and events, with or without a cause. */
  readonly sources = new Set<string>();
  sessions = 0;
  /** Findings that a report had no room for: of which reason is not known. */
  leftOut = 0;
  readonly #rows = new Map<string, Cause>();

  /** In the order in which they were first seen. */
  get rows(): Cause[] {
    return [...this.#rows.values()];
  }

  /** @param from client of this session @param only which of its findings count */
  addSession(file: string, report: SessionReport, only: (finding: Finding) => boolean): void {
    this.sessions++;
    this.leftOut += report.findingsLeftOut;
    const source = sourceOf(report.client);
    addTo(this.sources, source);
    const found = report.findings.filter(only);
    const counted = new Set<Cause>();
    for (const finding of found) {
      const example = (): string => `${escaped(file)} session ${report.id}${shown(report.turns, finding)}`;
      const row = this.add(finding, source, example);
      if (!counted.has(row)) row.sessions++;
      counted.add(row);
    }
  }

  /** @param source null when it is not known @param example made only for the first */
  add(
    { protection, reason }: { protection: string; reason: string },
    source: string | null,
    example: () => string,
    times = 1,
  ): Cause {
    const key = `${protection}/${reason}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      const counts = { findings: 0, sessions: 0, sources: new Set<string>(), isFromOthers: false };
      row = { protection, reason, ...counts, example: example() };
      this.#rows.set(key, row);
    }
    row.findings += times;
    if (!addTo(row.sources, source)) row.isFromOthers = true;
    addTo(this.sources, source);
    return row;
  }

  /**
   * Takes over what another count of the same traffic has.
   * @param other the same sessions once more: what both have counts once
   */
  join(other: Causes): void {
    for (const source of other.sources) addTo(this.sources, source);
    for (const row of other.rows) {
      const own = this.#rows.get(`${row.protection}/${row.reason}`);
      if (own === undefined) {
        this.#rows.set(`${row.protection}/${row.reason}`, row);
        continue;
      }
      own.findings = Math.max(own.findings, row.findings);
      own.sessions = Math.max(own.sessions, row.sessions);
      own.isFromOthers ||= row.isFromOthers;
      for (const source of row.sources) if (!addTo(own.sources, source)) own.isFromOthers = true;
    }
  }

  /** Forgets a reason, named as "protection/reason". */
  drop(name: string): void {
    this.#rows.delete(name);
  }

  /** Adds what other traffic was found for. */
  plus(other: Causes): void {
    const before = new Map(this.rows.map((row) => [`${row.protection}/${row.reason}`, { ...row }]));
    this.join(other);
    this.sessions += other.sessions;
    this.leftOut += other.leftOut;
    for (const { protection, reason, findings, sessions } of other.rows) {
      const was = before.get(`${protection}/${reason}`);
      const own = this.#rows.get(`${protection}/${reason}`);
      if (was === undefined || own === undefined) continue;
      own.findings = was.findings + findings;
      own.sessions = was.sessions + sessions;
    }
  }
}

/** The address in "ip:port"; null when it is none. */
export function sourceOf(client: string): string | null {
  const found = /^(?:\[([^\]]*)\]|([^:]*)):\d+$/.exec(client);
  return addressIn(found?.[1] ?? found?.[2]);
}

/** An address that a policy can name; null for anything else. */
export function addressIn(text: unknown): string | null {
  return typeof text === "string" && isIP(text) > 0 && !text.includes("%") ? text : null;
}

function addTo(sources: Set<string>, source: string | null): boolean {
  if (source === null || (sources.size >= MOST_SOURCES && !sources.has(source))) return false;
  sources.add(source);
  return true;
}

/** The line that has the finding, credentials masked; of message data and TLS only that it is there. */
function shown(turns: readonly Turn[], finding: Finding): string {
  const turn = turns.find(({ findings }) => findings.includes(finding));
  if (turn === undefined) return "";
  if (turn.kind !== "line") return `, in the ${turn.kind === "data" ? "data of a message" : "TLS"}`;
  const line = (rowsOf(turn)[0]?.text ?? "").trimEnd();
  return line === "" ? "" : `: ${line.slice(0, SHOWN)}${line.length > SHOWN ? "…" : ""}`;
}
