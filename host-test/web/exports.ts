/** The files that the worker makes from a run. */
import { fileLine, sessionLines } from "../workbench/json-lines.js";
import type { SessionReport } from "../workbench/model.js";
import { type Tally, tallyText } from "../workbench/tally.js";
import { vectorOf } from "../workbench/vector.js";
import { HtmlWriter } from "../html/html.js";
import { recordingOf } from "./inputs.js";
import type { KeptSession, KeptSessions } from "./kept.js";
import type { Request, Slot } from "./messages.js";
import type { Run } from "./run.js";
import css from "../html/session.css?raw";

/** A file to be saved. */
export interface Exported {
  name: string;
  blob: Blob;
  /** What is missing in it, for people; "" when it is complete. */
  note: string;
}

type ExportRequest = Extract<Request, { ask: "export" }>;

/** A policy's name in a document is the policy itself, as far as it fits into a heading. */
const SHOWN_POLICY = 200;

/** @throws Error that says why there is nothing to save */
export async function exported(
  filter: WebAssembly.Module,
  { format, slot, index }: ExportRequest,
  kept: KeptSessions,
  run: Run,
): Promise<Exported> {
  if (format === "vector") return vector(filter, kept.get(index), slot, run);
  const sessions = kept.all();
  const missing = run.tally.sessions - sessions.length;
  const note =
    missing === 0 ? "" : `${missing} of ${run.tally.sessions} sessions are missing: not all are kept`;
  const parts = format === "html" ? htmlParts(sessions, slot, run) : jsonLines(sessions, slot, run);
  const [name, type] = NAMES[format];
  return { name, blob: new Blob(parts, { type }), note };
}

/** The same file as `smtp-inspector from-pcap` writes. */
async function vector(
  filter: WebAssembly.Module,
  session: KeptSession | undefined,
  slot: Slot,
  run: Run,
): Promise<Exported> {
  if (session === undefined) throw new Error("Cannot save a test case: the session is not kept");
  const recording = await recordingOf(run.input, session.file, (session.reports[0] as SessionReport).id);
  const { id, text, notes } = vectorOf(recording, filter, run.policies[slot] as string);
  return { name: `${id}.md`, blob: new Blob([text], { type: "text/markdown" }), note: notes.join("; ") };
}

const NAMES = {
  html: ["smtp-sessions.html", "text/html"],
  json: ["smtp-sessions.jsonl", "application/x-ndjson"],
} as const;

/** The same lines as `smtp-inspector replay --json`. */
function jsonLines(sessions: readonly KeptSession[], slot: Slot, run: Run): string[] {
  return run.files.flatMap(({ file, tallies, counts, problem }, index) => {
    const lines = reportsOf(sessions, index, slot).flatMap((report) => sessionLines(file, report));
    return [...lines, fileLine(file, tallies[slot] as Tally, counts, problem)];
  });
}

/** The same document as `smtp-inspector replay --html`. */
function htmlParts(sessions: readonly KeptSession[], slot: Slot, run: Run): string[] {
  const parts: string[] = [];
  const html = new HtmlWriter((text) => void parts.push(text), { css, hash: SESSION_CSS_SHA256 });
  const policy = (run.policies[slot] as string).replace(/\s+/g, " ").trim();
  html.begin(policy.length > SHOWN_POLICY ? `${policy.slice(0, SHOWN_POLICY)}…` : policy || "{}");
  for (const [index, { file, tallies, counts, problem }] of run.files.entries()) {
    html.beginFile(file);
    for (const report of reportsOf(sessions, index, slot)) html.session(report);
    html.endFile(tallyText(tallies[slot] as Tally, counts), problem);
  }
  html.end();
  return parts;
}

/** What is kept of one file's sessions under one policy. */
function reportsOf(sessions: readonly KeptSession[], file: number, slot: Slot): SessionReport[] {
  return sessions
    .filter((session) => session.file === file)
    .map(({ reports }) => reports[slot] as SessionReport);
}
