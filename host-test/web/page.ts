/** What the user can do on the page: each action replaces the state and calls the worker if something is to be played. */
import { after, showing, withPolicy } from "./answers.js";
import type { Answer, ExportFormat, Input, Request, Slot } from "./messages.js";
import { save } from "./save.js";
import {
  filtered,
  firstState,
  type PageState,
  type PolicyState,
  policyState,
  profilePolicy,
} from "./state.js";

/** How long typing must pause before the input is played, in milliseconds. */
const REST_MS = 250;
/** Files up to this size are replayed automatically when a policy changes; larger ones when the user asks for it. */
const AUTOMATIC_BYTES = 8 * 1024 * 1024;
/** The limit of a policy's editor; the filter accepts 65536 bytes. */
const LONGEST_POLICY = 200_000;

/** The page's logic. */
export class Bench {
  state: PageState = firstState();
  #rest: ReturnType<typeof setTimeout> | undefined;
  #lintRests: (ReturnType<typeof setTimeout> | undefined)[] = [];
  #rendering = false;

  /** @param render shows the state */
  constructor(
    private readonly worker: Worker,
    private readonly render: () => void,
  ) {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#set({ broken: event.message || "the worker could not be started" });
    };
  }

  /** The dialogue was edited. */
  type(dialogue: string): void {
    this.#set({ dialogue, files: null });
    this.#changed();
  }

  /** Files were dropped or chosen. */
  choose(files: readonly File[]): void {
    if (files.length === 0) return;
    this.#set({ files, shown: null });
    this.replay();
  }

  /** Back from files to the dialogue. */
  leaveFiles(): void {
    this.#set({ files: null, shown: null });
    this.replay();
  }

  setPort(port: string): void {
    this.#set({ port });
    this.#changed();
  }

  /** A policy was edited. */
  edit(slot: Slot, text: string): void {
    this.#set(
      withPolicy(this.state, slot, ({ version }) => ({ text, version: version + 1, checking: true })),
    );
    clearTimeout(this.#lintRests[slot]);
    this.#lintRests[slot] = setTimeout(() => this.#lint(slot), REST_MS);
  }

  /** The text of a policy's file; null, with the reason in the status, when it is too large or cannot be read. */
  async read(file: File): Promise<string | null> {
    const isSmall = file.size <= LONGEST_POLICY;
    // A folder, or a file that has gone since it was chosen.
    const text = isSmall ? await file.text().catch(() => null) : null;
    if (text === null) {
      const why = isSmall ? "cannot be read; choose it again" : "is too large to be a policy";
      this.#set({ status: `${file.name} ${why}` });
    }
    return text;
  }

  /** Saves a policy as it is in its editor. */
  savePolicy(slot: Slot): void {
    const { text } = this.state.policies[slot] as PolicyState;
    save("policy.json", new Blob([text], { type: "application/json" }));
    this.#set({ status: "policy.json is saved" });
  }

  /** Puts a second policy beside the first: a stricter one to start with, so that there is something to see. */
  compare(): void {
    const second = profilePolicy("strict");
    const [first] = this.state.policies as [PolicyState];
    this.#set({ policies: [first, policyState(second)], status: "Comparing with a second policy" });
    this.#lint(1);
    this.#changed();
  }

  stopComparing(): void {
    const { filter } = this.state;
    this.#set({
      policies: this.state.policies.slice(0, 1),
      exportSlot: 0,
      filter: filter === "changed" ? "all" : filter,
      status: "Back to one policy",
    });
    this.#changed();
  }

  /** Plays the input now. */
  replay(): void {
    clearTimeout(this.#rest);
    const { policies, run } = this.state;
    const input = this.#input();
    if (input === null) {
      this.#set({ status: "The port must be a number from 1 to 65535" });
      return;
    }
    // The status is announced again, even if it is the same.
    this.#set({ run: run + 1, running: true, stale: false, progress: null, status: "" });
    this.#ask({ ask: "replay", run: run + 1, input, policies: policies.map(({ accepted }) => accepted) });
  }

  stop(): void {
    this.#ask({ ask: "stop" });
  }

  /** Shows a session. */
  select(index: number): void {
    this.#set({ shown: showing(this.state, index) });
    this.#ask({ ask: "show", run: this.state.run, index });
  }

  showMore(): void {
    const { shown } = this.state;
    if (shown !== null) this.#set({ shown: { ...shown, limit: shown.limit * 2 } });
  }

  export(format: ExportFormat): void {
    const { run, exportSlot: slot, shown } = this.state;
    this.#set({ status: "Writing…" });
    this.#ask({ ask: "export", run, format, slot, index: shown?.index ?? 0 });
  }

  /** Changes only what is shown. */
  show(change: Partial<Pick<PageState, "theme" | "filter" | "exportSlot" | "status">>): void {
    this.#set(change);
  }

  #heard(answer: Answer): void {
    const before = this.state;
    this.#set(after(before, answer));
    const isStale = "run" in answer && answer.run !== before.run;
    if (isStale) return;
    if (answer.say === "ready") {
      this.#lint(0);
      this.replay();
    }
    if (answer.say === "rows") this.#showSome(false);
    if (answer.say === "ended") this.#showSome(true);
    if (answer.say === "exported") save(answer.name, answer.blob);
    if (answer.say === "linted" && acceptedOf(this.state) !== acceptedOf(before)) this.#changed();
  }

  /** Shows again what was shown before the run, or else its first session. @param ended the run is over */
  #showSome(ended: boolean): void {
    const { shown, rows, run } = this.state;
    if (shown?.run === run) return;
    const same = rows.find(({ index }) => index === shown?.index);
    const row = same ?? (shown === null || ended ? filtered(this.state)[0] : undefined);
    if (row !== undefined) this.select(row.index);
    else if (ended) this.#set({ shown: null });
  }

  #lint(slot: Slot): void {
    const policy = this.state.policies[slot];
    if (policy !== undefined) this.#ask({ ask: "lint", slot, version: policy.version, text: policy.text });
  }

  /** Plays again when typing pauses, unless that takes long. */
  #changed(): void {
    clearTimeout(this.#rest);
    const size = (this.state.files ?? []).reduce((sum, file) => sum + file.size, 0);
    if (size > AUTOMATIC_BYTES) this.#set({ stale: true });
    else this.#rest = setTimeout(() => this.replay(), REST_MS);
  }

  /** Null when the port is not valid. */
  #input(): Input | null {
    const { files, dialogue, port } = this.state;
    if (files === null) return { kind: "dialogue", text: dialogue };
    if (port !== "" && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) return null;
    return { kind: "files", files, port: port === "" ? undefined : Number(port) };
  }

  #ask(request: Request): void {
    this.worker.postMessage(request);
  }

  /** Several changes in one task are rendered once. */
  #set(change: Partial<PageState>): void {
    this.state = { ...this.state, ...change };
    if (this.#rendering) return;
    this.#rendering = true;
    queueMicrotask(() => {
      this.#rendering = false;
      this.render();
    });
  }
}

/** The policies that are in force. */
const acceptedOf = ({ policies }: PageState): string =>
  JSON.stringify(policies.map(({ accepted }) => accepted));
