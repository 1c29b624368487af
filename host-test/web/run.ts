/** One run in the worker: an input under one or two policies, reported as it goes; its reports are kept as far as they fit. */
import { type Change, changeWords, compared } from "../workbench/compare.js";
import { type Both, both, type Follower } from "../workbench/follower.js";
import type { SessionReport } from "../workbench/model.js";
import type { Judge } from "../workbench/judge.js";
import { newCounts, replayCapture, replayTranscript } from "../workbench/sessions.js";
import { CaptureError } from "../workbench/source.js";
import { count, newTally, type Tally } from "../workbench/tally.js";
import type { Conversation } from "../workbench/transcript.js";
import { chunksOf, kindOfFile, NotReadable, type Source, transcriptOf } from "./inputs.js";
import type { KeptSessions } from "./kept.js";
import type { Answer, FileResult, Outcome, RunTally, SessionRow } from "./messages.js";

/** The most rows that are listed; those without findings or change fill at most half, so that the others have room. */
export const MOST_ROWS = 10_000;
/** How often the page gets progress and new sessions, in milliseconds: as often as an eye can follow. */
const TELL_MS = 100;

/** Characters of a title in a row; that of a hostile transcript may be megabytes. */
const LONGEST_TITLE = 200;

/** What a run needs and where its results go. */
export interface RunOptions {
  run: number;
  input: Source;
  /** One, or the two that are compared; and the filter under each. */
  policies: readonly string[];
  judges: readonly Judge[];
  kept: KeptSessions;
  signal: AbortSignal;
  tell(answer: Answer): void;
}

/** Plays an input from its beginning to its end, or until it is stopped. */
export class Run {
  readonly tally: RunTally = { sessions: 0, withFindings: 0, changed: 0, notJudged: 0, unlisted: 0 };
  /** The result of each file so far. */
  readonly files: FileResult[] = [];
  readonly policies: readonly string[];
  readonly input: Source;
  readonly #follower: Follower<SessionReport | Both>;
  #rows: SessionRow[] = [];
  #listed = 0;
  #toldAt = 0;
  #doneBefore = 0;
  /** Of the file being played. */
  #tallies: Tally[] = [];
  #total = 0;

  constructor(private readonly options: RunOptions) {
    this.policies = options.policies;
    this.input = options.input;
    const [first, second] = options.judges as [Judge, Judge?];
    this.#follower = second === undefined ? first : both(first, second);
  }

  /** @throws WasmTrap */
  async play(): Promise<void> {
    const { input, judges, signal } = this.options;
    if (input.kind === "dialogue") {
      this.#tallies = judges.map(newTally);
      await this.#playTranscript("dialogue", input.conversations);
      this.files.push({ file: "dialogue", tallies: this.#tallies, counts: newCounts(), problem: null });
    } else {
      this.#total = input.files.reduce((sum, { size }) => sum + size, 0);
      for (const file of input.files) {
        if (signal.aborted) break;
        await this.#playFile(file, input.port);
        this.#doneBefore += file.size;
      }
    }
    this.#tellRows();
  }

  async #playFile(file: File, port: number | undefined): Promise<void> {
    const { run, judges, signal } = this.options;
    this.#tallies = judges.map(newTally);
    const counts = newCounts();
    let problem: string | null = null;
    try {
      if ((await kindOfFile(file)) === "transcript") {
        await this.#playTranscript(file.name, await transcriptOf(file));
      } else {
        const chunks = chunksOf(file, (read) => this.#tellProgress(file, read));
        for await (const each of replayCapture(chunks, this.#follower, counts, { port, signal })) {
          this.#add(file.name, each);
        }
      }
    } catch (error) {
      const isFiles =
        error instanceof CaptureError || error instanceof NotReadable || error instanceof DOMException;
      if (!isFiles) throw error;
      problem = error.message;
    }
    const result = { file: file.name, tallies: this.#tallies, counts, problem };
    this.files.push(result);
    this.#tellRows();
    this.options.tell({ say: "file", run, result });
  }

  /** Gives the page a chance now and then: it may want to stop. */
  async #playTranscript(file: string, conversations: readonly Conversation[]): Promise<void> {
    for (const each of replayTranscript(conversations, this.#follower)) {
      this.#add(file, each);
      if (performance.now() - this.#toldAt < TELL_MS) continue;
      this.#tellRows();
      await new Promise((resolve) => setTimeout(resolve));
      if (this.options.signal.aborted) return;
    }
  }

  /** Sends progress to the page. @param read bytes of this file */
  #tellProgress(file: File, read: number): void {
    if (performance.now() - this.#toldAt < TELL_MS) return;
    this.#tellRows();
    const progress = { file: file.name, done: this.#doneBefore + read, total: this.#total };
    this.options.tell({ say: "progress", run: this.options.run, progress });
  }

  #add(file: string, result: SessionReport | Both): void {
    const { tally } = this;
    const reports = Array.isArray(result) ? result : [result];
    for (const [slot, each] of this.#tallies.entries()) count(each, reports[slot] as SessionReport);
    const [before, after] = reports as [SessionReport, SessionReport?];
    const change = after === undefined ? null : compared(before, after);
    const index = tally.sessions++;
    const hasFindings = reports.some(({ findings }) => findings.length > 0);
    if (hasFindings) tally.withFindings++;
    if (change !== null) tally.changed++;
    if (reports.some(({ incomplete }) => incomplete !== null)) tally.notJudged++;
    const most = hasFindings || change !== null ? MOST_ROWS : MOST_ROWS / 2;
    if (this.#listed >= most) {
      tally.unlisted++;
      return;
    }
    this.#listed++;
    const { id, title, client, server } = before;
    this.options.kept.add(index, { file: this.files.length, reports, change });
    this.#rows.push({
      ...{ index, file, id, title: title.slice(0, LONGEST_TITLE), client, server },
      outcomes: reports.map(outcomeOf),
      change: change === null ? null : changeText(change),
    });
  }

  #tellRows(): void {
    this.#toldAt = performance.now();
    const rows = this.#rows;
    this.#rows = [];
    this.options.tell({ say: "rows", run: this.options.run, rows, tally: this.tally });
  }
}

const outcomeOf = ({ verdict, findings, incomplete }: SessionReport): Outcome => ({
  verdict,
  findings: findings.length,
  incomplete,
});

/** What changes besides the verdict, which has its own place in the row. */
const changeText = (change: Change): string =>
  changeWords(change).slice(1).join("; ") || "different findings";
