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
  /** Counts the edits: answers for an older text are stale. */
  version: number;
  /** The last valid policy: sessions are played with it. */
  accepted: string;
  /** Of `text`; of an earlier text while `checking`. */
  problems: TextProblem[];
  checking: boolean;
}

/** The session that is shown. */
export interface Shown {
  run: number;
  index: number;
  /** Under each policy; empty when they were given up for lack of memory, null until the worker has answered. */
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
  /** The typed dialogue; kept while files are the input. */
  dialogue: string;
  dialogueProblem: TextProblem | null;
  /** The files that are the input; null for the dialogue. */
  files: readonly File[] | null;
  /** The server's port in captures, as typed; "" for what looks like SMTP. */
  port: string;
  /** One, or two that are compared. */
  policies: PolicyState[];
  run: number;
  running: boolean;
  /** Something has changed since the run, and a new run takes long: the user starts it. */
  stale: boolean;
  /** The run that the rows belong to: the previous one, until this one has a first answer. */
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

/** Turns of a session that are shown at first: as many as a browser lays out without a pause. */
export const SHOWN_TURNS = 500;

export const NO_TALLY: RunTally = { sessions: 0, withFindings: 0, changed: 0, notJudged: 0, unlisted: 0 };

/** The text of a policy that is only a profile. */
export const profilePolicy = (profile: string): string => `{\n  "profile": "${profile}"\n}\n`;

/** A policy that is known to be valid. */
export function policyState(text: string): PolicyState {
  return { text, version: 0, accepted: text, problems: [], checking: false };
}

/** The first state of the page. */
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

/** Whether the text in the editor, as the filter last saw it, is not the policy in force. */
export const isRefused = ({ problems }: PolicyState): boolean =>
  problems.some(({ level }) => level === "error");

/** The rows that the list's filter selects. */
export function filtered({ rows, filter }: PageState): SessionRow[] {
  if (filter === "changed") return rows.filter(({ change }) => change !== null);
  if (filter === "findings")
    return rows.filter(({ outcomes }) => outcomes.some(({ findings }) => findings > 0));
  return rows;
}
