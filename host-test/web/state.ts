/** All that the page shows, as one value: components read it, `Bench` replaces it. */
import type { Change } from "../workbench/compare.js";
import type { SessionReport } from "../workbench/model.js";
import { EXAMPLES } from "./examples.js";
import type { FileResult, Progress, RunTally, SessionRow, Slot, TextProblem } from "./messages.js";

export type Theme = "system" | "light" | "dark";
export type Filter = "all" | "findings" | "changed";

/** A policy in its editor. */
export interface PolicyState {
  text: string;
  /** Counts the edits: what the worker says of an older text is stale. */
  version: number;
  /** What the filter took last: sessions are judged by it. */
  accepted: string;
  /** Of `text`; of an earlier text while `checking`. */
  problems: TextProblem[];
  checking: boolean;
}

/** The session that is shown. */
export interface Shown {
  run: number;
  index: number;
  /** Under each policy; empty when they were given up for want of memory, null until the worker has answered. */
  reports: SessionReport[] | null;
  change: Change | null;
  /** Turns that are shown of each. */
  limit: number;
}

export interface PageState {
  /** The worker has loaded the filter. */
  ready: boolean;
  /** Why nothing works; null while it does. */
  broken: string | null;
  theme: Theme;
  /** The typed dialogue; kept while files are judged. */
  dialogue: string;
  dialogueProblem: TextProblem | null;
  /** What is judged instead of the dialogue; null for the dialogue. */
  files: readonly File[] | null;
  /** The server's port in captures, as typed; "" for what looks like SMTP. */
  port: string;
  /** One, or two that are compared. */
  policies: PolicyState[];
  run: number;
  running: boolean;
  /** Something has changed since the run, and judging again takes long: it is left to the user. */
  stale: boolean;
  /** Which run the rows are of: the one before, until something is heard of this one. */
  rowsOf: number;
  progress: Progress | null;
  rows: SessionRow[];
  tally: RunTally;
  results: FileResult[];
  filter: Filter;
  shown: Shown | null;
  /** Under which policy exports are written. */
  exportSlot: Slot;
  /** The last thing that happened, for the status line and screen readers. */
  status: string;
}

/** Turns that are shown of a session before one asks for more: what a browser lays out without a pause. */
export const SHOWN_TURNS = 500;

export const NO_TALLY: RunTally = { sessions: 0, withFindings: 0, changed: 0, notJudged: 0, unlisted: 0 };

/** The text of a policy that is nothing but a profile. */
export const profilePolicy = (profile: string): string => `{\n  "profile": "${profile}"\n}\n`;

/** A policy that the filter is known to take. */
export function policyState(text: string): PolicyState {
  return { text, version: 0, accepted: text, problems: [], checking: false };
}

/** How the page begins. */
export function firstState(): PageState {
  return {
    ready: false,
    broken: null,
    theme: "system",
    dialogue: EXAMPLES[0]?.text ?? "",
    dialogueProblem: null,
    files: null,
    port: "",
    policies: [policyState(profilePolicy("recommended"))],
    run: 0,
    running: false,
    stale: false,
    rowsOf: 0,
    progress: null,
    rows: [],
    tally: NO_TALLY,
    results: [],
    filter: "all",
    shown: null,
    exportSlot: 0,
    status: "",
  };
}

/** Whether the text in the editor, as it was when the filter was last asked, is not what judges. */
export const isRefused = ({ problems }: PolicyState): boolean =>
  problems.some(({ level }) => level === "error");

/** The rows that the filter lets through. */
export function filtered({ rows, filter }: PageState): SessionRow[] {
  if (filter === "changed") return rows.filter(({ change }) => change !== null);
  if (filter === "findings")
    return rows.filter(({ outcomes }) => outcomes.some(({ findings }) => findings > 0));
  return rows;
}
