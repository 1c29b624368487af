/** The messages between the page and its worker. The worker runs the filter; the page only shows results. */
import type { Change } from "../workbench/compare.js";
import type { SessionReport } from "../workbench/model.js";
import type { FlowCounts } from "../workbench/sessions.js";
import type { Tally } from "../workbench/tally.js";

/** Which of the two policies: the one that is always there, or the one it is compared with. */
export type Slot = 0 | 1;

/** The input. */
export type Input =
  /** Typed in the marks of host-test/vectors, or a whole transcript. */
  | { kind: "dialogue"; text: string }
  /** Captures and transcripts. */
  | { kind: "files"; files: readonly File[]; port: number | undefined };

/** One problem in a text of the user's; lines and columns from 1, columns in UTF-16 units. */
export interface TextProblem {
  line: number;
  column: number;
  /** In UTF-16 units from 0. */
  offset: number;
  /** `error`, or `warning` or `note` for what works all the same. */
  level: string;
  what: string;
  /** What to do about it; "" when `what` says it. */
  fix: string;
}

/** What the list of sessions shows of a session. */
export interface SessionRow {
  /** From 0, in the order in which the sessions of a run ended. */
  index: number;
  file: string;
  id: number;
  title: string;
  client: string;
  server: string;
  /** Under the policy, and under the second one where two are compared. */
  outcomes: Outcome[];
  /** What the second policy changes, in a few words; null if nothing, or if there is no second one. */
  change: string | null;
}

/** The result of a session under one policy. */
export interface Outcome {
  verdict: string;
  findings: number;
  /** Why the session is incomplete; null when it is complete. */
  incomplete: string | null;
}

/** The result of one file, or of the dialogue. */
export interface FileResult {
  file: string;
  /** Under each of the policies. */
  tallies: Tally[];
  counts: FlowCounts;
  /** Why it could not be read, or not completely; null when it was. */
  problem: string | null;
}

/** The progress of a run. */
export interface Progress {
  file: string;
  /** Bytes of all files. */
  done: number;
  total: number;
}

/** The totals of a run, under any of the policies. */
export interface RunTally {
  sessions: number;
  withFindings: number;
  changed: number;
  notJudged: number;
  /** Sessions that are not in the list because it is full. */
  unlisted: number;
}

export type ExportFormat = "html" | "json" | "vector";

/** From the page. Every run has a number; answers for an older one are stale. */
export type Request =
  | { ask: "lint"; slot: Slot; version: number; text: string }
  | { ask: "replay"; run: number; input: Input; policies: string[] }
  | { ask: "stop" }
  | { ask: "show"; run: number; index: number }
  | { ask: "export"; run: number; format: ExportFormat; slot: Slot; index: number };

/** From the worker. */
export type Answer =
  | { say: "ready" }
  | { say: "linted"; slot: Slot; version: number; problems: TextProblem[] }
  | { say: "rows"; run: number; rows: SessionRow[]; tally: RunTally }
  | { say: "progress"; run: number; progress: Progress }
  | { say: "file"; run: number; result: FileResult }
  /** The typed dialogue is not in the format. */
  | { say: "malformed"; run: number; problem: TextProblem }
  | { say: "ended"; run: number; tally: RunTally; stopped: boolean; failed: string | null }
  /** `reports` is empty when the report was given up for lack of memory. */
  | { say: "session"; run: number; index: number; reports: SessionReport[]; change: Change | null }
  | { say: "exported"; run: number; name: string; blob: Blob; note: string }
  | { say: "failed"; what: string };
