/** One session as it happens: what passes through a connection, in the words and marks of a report. */
import { systemClock } from "../host/clock.js";
import type { ConnectOptions, Sink } from "../host/plugin.js";
import { Dialogue, type Part } from "../workbench/dialogue.js";
import { eventIn, keepsBack, otherSide, place, turnOf } from "../workbench/evidence.js";
import type { Finding, Side, Turn } from "../workbench/model.js";
import { Passage } from "../workbench/passage.js";
import { findingText, turnText } from "../workbench/view.js";
import type { Watcher } from "./live.js";

/** Tells its watcher each line once it is decided what became of it. */
export class LiveSession {
  /** Log lines of the call that is running. */
  readonly events: string[] = [];
  readonly #dialogue: Dialogue;
  readonly #passages: Record<Side, Passage>;
  #given: Record<Side, Uint8Array[]> = { client: [], server: [] };
  #running = false;
  readonly #addOwn: (turn: Turn) => void;
  /** Not printed yet, oldest first. */
  readonly #turns: Turn[] = [];
  /** The filter's words of this call, and what had passed before them. */
  #own: { turn: Turn; behind: Set<Turn> }[] = [];
  #findings = 0;
  #terminated = false;
  #last: Turn | null = null;
  #closed: string | null = null;

  constructor(
    private readonly id: number,
    options: ConnectOptions,
    private readonly watcher: Watcher,
  ) {
    const add = (turn: Turn): void => void this.#turns.push(turn);
    this.#dialogue = new Dialogue(add);
    this.#addOwn = (turn) => {
      add(turn);
      this.#own.push({ turn, behind: new Set(this.#turns.filter(({ received }) => received > 0)) });
    };
    this.#passages = { client: this.#newPassage("client"), server: this.#newPassage("server") };
    this.#print(`== ${options.sourceAddress ?? "somebody"} connects`);
  }

  /** Where the filter's bytes go on to `own`. */
  sink(own: Sink | undefined): Sink {
    return {
      toServer: (bytes) => {
        this.#gave("client", bytes);
        own?.toServer(bytes);
      },
      toClient: (bytes) => {
        this.#gave("server", bytes);
        own?.toClient(bytes);
      },
      endServer: () => own?.endServer(),
      endClient: () => own?.endClient(),
      close: (reason) => {
        this.#closed = reason;
        if (!this.#running) this.#finish();
        own?.close(reason);
      },
    };
  }

  /** Lets the filter judge what one side said, and shows what is decided then. @throws what `act` throws: WasmTrap */
  run(side: Side, bytes: Uint8Array, act: () => void): void {
    const held = this.#passages.client.waiting.filter(({ turn }) => this.#turns.includes(turn));
    const parts = this.#dialogue.say(side, bytes, systemClock.nowNs(), 0);
    this.#running = true;
    try {
      act();
    } finally {
      this.#running = false;
    }
    this.#place(side === "client" ? [...held, ...parts] : [...parts, ...held]);
    const given = this.#given;
    this.#given = { client: [], server: [] };
    const now = systemClock.nowNs();
    this.#passages[side].pass(parts, given[side], now);
    this.#passages[otherSide(side)].pass([], given[otherSide(side)], now);
    if (side === "client") this.#unask(parts);
    this.#order();
    this.#show();
    this.#forget();
    if (this.#closed !== null) this.#finish();
  }

  /** What the filter gives out by itself, at a deadline, passes at once. */
  #gave(from: Side, bytes: Uint8Array): void {
    if (this.#running) this.#given[from].push(bytes);
    else this.#passages[from].pass([], [bytes], systemClock.nowNs());
  }

  #place(judged: readonly Part[]): void {
    const about = judged.length > 0 ? judged : this.#lastSaid();
    let before: Finding | undefined;
    for (const message of this.events.splice(0)) {
      const event = eventIn(message);
      if (event === null || about.length === 0) continue;
      const finding = place(event, about, before);
      const turn = turnOf(finding, about);
      turn.findings.push(finding);
      this.#findings++;
      this.#terminated ||= finding.action === "terminate";
      // The turn may be on the screen already.
      if (!this.#turns.includes(turn)) this.#print(`^ ${findingText(finding, turn)}`);
      before = finding;
    }
  }

  /** What a finding is about that came with no byte, such as at the end of a stream. */
  #lastSaid(): Part[] {
    const turn = this.#turns.findLast(({ offset }) => offset !== null) ?? this.#last;
    return turn === null ? [] : [{ turn, bytes: turn.bytes }];
  }

  /** No reply comes to a command that was kept back without a stand-in: the filter itself answers it. */
  #unask(parts: readonly Part[]): void {
    const kept = [...new Set(parts.map(({ turn }) => turn))].filter(isKeptBack);
    if (this.#passages.client.standIns.splice(0).length > 0) kept.pop();
    for (const turn of kept) {
      const at = this.#dialogue.asked.findIndex((asked) => asked.turn === turn);
      if (at >= 0) this.#dialogue.asked.splice(at, 1);
    }
  }

  /** What is known to be kept back must not be taken for the same words when they pass later. */
  #forget(): void {
    for (const side of ["client", "server"] as const) {
      const { waiting } = this.#passages[side];
      const settled = waiting.length > 0 && waiting.every(({ turn }) => !this.#turns.includes(turn));
      if (settled) this.#passages[side] = this.#newPassage(side);
    }
  }

  #newPassage(side: Side): Passage {
    return new Passage(side, this.#addOwn);
  }

  /** Puts the filter's words before the lines that passed behind them. */
  #order(): void {
    for (const { turn, behind } of this.#own.splice(0)) {
      const passed = (each: Turn): boolean =>
        each.from === turn.from && each.received > 0 && each.offset !== null && !behind.has(each);
      const [at, own] = [this.#turns.findIndex(passed), this.#turns.indexOf(turn)];
      if (at >= 0 && at < own) this.#turns.splice(at, 0, ...this.#turns.splice(own, 1));
    }
  }

  /** Prints from the front what is decided; what is held stays, and all behind it. */
  #show(all = this.#turns.length > MOST_TURNS): void {
    while (this.#turns.length > 0) {
      const turn = this.#turns[0] as Turn;
      if (!all && !this.#isDecided(turn)) return;
      this.#turns.shift();
      if (turn.offset !== null) this.#last = turn;
      for (const line of turnText(turn)) this.#print(line);
    }
  }

  #isDecided(turn: Turn): boolean {
    const { mode, asked, answering } = this.#dialogue;
    if (turn.kind === "tls") return false;
    const open =
      turn.kind === "data" ? turn === this.#openData() : turn.bytes.at(-1) !== LF && turn.size < LONG;
    if (open) return false;
    if (turn.offset === null || turn.received === turn.size || isKeptBack(turn)) return true;
    if (this.#terminated) return true;
    const waits = this.#passages[turn.from].waiting.some((part) => part.turn === turn);
    // The filter holds a reply until it is whole, and a client's bytes until the reply that decides them.
    if (turn.from === "server") return answering === null || !waits;
    return !waits || (asked.every((each) => each.turn === turn) && mode === "command");
  }

  /** The data that the client is sending. */
  #openData(): Turn | undefined {
    const { mode } = this.#dialogue;
    if (mode !== "data" && mode !== "chunk") return undefined;
    return this.#turns.findLast(({ kind, offset }) => kind === "data" && offset !== null);
  }

  #finish(): void {
    const now = systemClock.nowNs();
    for (const side of ["client", "server"] as const) this.#passages[side].end(now);
    this.#show(true);
    const count = this.#findings;
    const found = count === 0 ? "no findings" : `${count} finding${count === 1 ? "" : "s"}`;
    this.#print(`== ${found}; ${CLOSED[this.#closed ?? ""] ?? "the filter closes"}`);
    this.watcher.ended(count);
  }

  #print(text: string): void {
    this.watcher.line(`[${this.id}] ${text}`);
  }
}

const isKeptBack = ({ findings }: Turn): boolean => findings.some(keepsBack);

/** Reasons of the host for people; all others are the filter's own close. */
const CLOSED: Record<string, string> = {
  ended: "both sides ended",
  client_reset: "the client is gone",
  server_reset: "the server is gone",
  filter_chain_is_being_removed: "the proxy closes",
};

/** More wait only where one side floods the other; then they are shown as they are. */
const MOST_TURNS = 1000;
const LF = 0x0a;
/** A line longer than what a turn keeps is shown in part, whole or not. */
const LONG = 4096;
