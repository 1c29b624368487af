/** One session as it happens: what passes through a connection, with the words and marks of a report. */
import { systemClock } from "../host/clock.js";
import type { ConnectionObserver } from "../host/plugin.js";
import { text } from "./bytes.js";
import { Dialogue, type Part } from "./dialogue.js";
import { endOf } from "./ends.js";
import { eventIn, keepsBack, otherSide, place, turnOf } from "./evidence.js";
import { Given } from "./given.js";
import type { Finding, Side, Turn } from "./model.js";
import { Passage } from "./passage.js";
import { findingText, markOf, restOf, rowsOf, rowText, shadowText } from "./view.js";

/** Who is told about a session. */
export interface Watcher {
  /** One line about a session, safe for a terminal; without the newline. */
  line(text: string): void;
  /** A session has ended. */
  ended(findings: number): void;
}

/** Reports each line to its watcher once its fate is decided, and findings in message data at once. */
export class LiveSession implements ConnectionObserver {
  readonly #dialogue: Dialogue;
  readonly #passages: Record<Side, Passage>;
  /** What is said in the current turn, what waited before it, and the answers to what the server never got. */
  #running: { side: Side; parts: Part[]; held: Part[]; swallowed: Part[] } | null = null;
  /** Events and bytes of that turn. */
  #events: string[] = [];
  readonly #given = new Given((mark) => void this.#turns.push(mark));
  readonly #addOwn: (turn: Turn) => void;
  /** Not printed yet, oldest first. */
  readonly #turns: Turn[] = [];
  /** How much of the first of them is printed already. */
  #told = { rows: 0, findings: 0, shadow: 0 };
  /** The filter's own words in this turn, and what passed before them. */
  #own: { turn: Turn; behind: Set<Turn> }[] = [];
  #findings = 0;
  #terminated = false;
  #last: Turn | null = null;
  #closed: string | null = null;

  constructor(
    private readonly id: number,
    client: string | undefined,
    private readonly watcher: Watcher,
  ) {
    const add = (turn: Turn): void => void this.#turns.push(turn);
    this.#dialogue = new Dialogue(add);
    this.#addOwn = (turn) => {
      add(turn);
      this.#own.push({ turn, behind: new Set(this.#turns.filter(({ received }) => received > 0)) });
    };
    this.#passages = { client: this.#newPassage("client"), server: this.#newPassage("server") };
    this.#print(`== ${client ?? "a client"} connects`);
  }

  said(side: Side, bytes: Uint8Array): void {
    const held = this.#passages.client.waiting.filter(({ turn }) => this.#turns.includes(turn));
    const swallowed: Part[] = [];
    const parts = side === "client" ? this.#read(side, bytes) : this.#replies(bytes, swallowed);
    this.#running = { side, parts, held, swallowed };
  }

  goesTo(side: Side, bytes: Uint8Array): void {
    this.#given.goesTo(side, bytes);
    // What the filter sends by itself, at a deadline.
    if (this.#running === null) this.#pass(otherSide(side), []);
  }

  startsTls(side: Side): void {
    this.#given.startsTls(side);
    if (side === "client") this.#dialogue.startTls();
  }

  logs(message: string): void {
    this.#events.push(message);
    if (this.#running === null) this.#place([]);
  }

  settled(): void {
    if (this.#running === null) return;
    const { side, parts, held, swallowed } = this.#running;
    this.#running = null;
    this.#place(side === "client" ? [...held, ...parts] : [...parts, ...swallowed, ...held]);
    this.#pass(side, parts);
    this.#pass(otherSide(side), []);
    this.#given.settle(this.#passages);
    if (side === "client") this.#unask(parts);
    this.#order();
    this.#show();
    this.#forget();
    if (this.#closed !== null) this.#finish();
  }

  closes(reason: string): void {
    this.#closed = reason;
    if (this.#running === null) this.#finish();
  }

  /** What came out of the filter in one direction, and what was said in it. */
  #pass(from: Side, parts: readonly Part[]): void {
    this.#given.pass(from, this.#passages[from], parts, systemClock.nowNs());
  }

  #read(side: Side, bytes: Uint8Array): Part[] {
    return this.#dialogue.say(side, bytes, systemClock.nowNs(), 0);
  }

  /** @param swallowed gets the server's answers to the filter's own commands: the client never reads those */
  #replies(bytes: Uint8Array, swallowed: Part[]): Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < bytes.length;) {
      const line = this.#dialogue.mode === "tls" ? 0 : bytes.indexOf(LF, at) + 1;
      const end = line === 0 ? bytes.length : line;
      const asked = this.#dialogue.next;
      const said = this.#read("server", bytes.subarray(at, end));
      (asked?.received === 0 && isKeptBack(asked) ? swallowed : parts).push(...said);
      at = end;
    }
    return parts;
  }

  #place(judged: readonly Part[]): void {
    const about = judged.length > 0 ? judged : this.#lastSaid();
    let before: Finding | undefined;
    for (const message of this.#events.splice(0)) {
      const event = eventIn(message);
      if (event === null || about.length === 0) continue;
      const finding = place(event, about, before);
      const turn = turnOf(finding, about);
      const isShadow = event.shadow === true;
      (isShadow ? turn.shadow : turn.findings).push(finding);
      if (!isShadow) this.#findings++;
      this.#terminated ||= !isShadow && finding.action === "terminate";
      const words = isShadow ? shadowText : findingText;
      // The turn may already be on the screen.
      if (!this.#turns.includes(turn)) this.#print(`^ ${words(finding, turn)}`);
      before = finding;
    }
  }

  /** What a finding without bytes is about, such as one at the end of a stream. */
  #lastSaid(): Part[] {
    const turn = this.#turns.findLast(({ offset }) => offset !== null) ?? this.#last;
    return turn === null ? [] : [{ turn, bytes: turn.bytes }];
  }

  /** The server does not reply to a command that was withheld without a stand-in: the filter itself answers it. */
  #unask(parts: readonly Part[]): void {
    const kept = [...new Set(parts.map(({ turn }) => turn))].filter(isKeptBack);
    if (this.#passages.client.standIns.splice(0).length > 0) kept.pop();
    for (const turn of kept) {
      const at = this.#dialogue.asked.findIndex((asked) => asked.turn === turn);
      if (at >= 0) this.#dialogue.asked.splice(at, 1);
    }
  }

  /** What is known to be withheld must not be confused with the same words when they pass later. */
  #forget(): void {
    for (const side of ["client", "server"] as const) {
      const { waiting } = this.#passages[side];
      const settled = waiting.length > 0 && waiting.every(({ turn }) => !this.#turns.includes(turn));
      if (settled) this.#passages[side] = this.#newPassage(side);
    }
  }

  #newPassage(side: Side): Passage {
    return new Passage(side, this.#addOwn, () => this.#dialogue.mode);
  }

  /** Puts the filter's words before the lines that passed after them. */
  #order(): void {
    for (const { turn, behind } of this.#own.splice(0)) {
      const passed = (each: Turn): boolean =>
        each.from === turn.from && each.received > 0 && each.offset !== null && !behind.has(each);
      const [at, own] = [this.#turns.findIndex(passed), this.#turns.indexOf(turn)];
      if (at >= 0 && at < own) this.#turns.splice(at, 0, ...this.#turns.splice(own, 1));
    }
  }

  /** Prints what is decided, in order; stops at the first turn that is held. */
  #show(all = this.#turns.length > MOST_TURNS): void {
    for (let turn = this.#turns[0]; turn !== undefined; turn = this.#turns[0]) {
      const isOver = all || this.#isDecided(turn);
      const isNew = turn.findings.length > this.#told.findings || turn.shadow.length > this.#told.shadow;
      if (isOver || (turn.kind === "data" && isNew && (turn.received > 0 || isKeptBack(turn)))) {
        this.#tell(turn, isOver);
      }
      if (!isOver) return;
      this.#turns.shift();
      this.#told = { rows: 0, findings: 0, shadow: 0 };
      if (turn.offset !== null) this.#last = turn;
    }
  }

  /** Prints the part of a turn that is not printed yet; of data that is still coming, its first whole lines. */
  #tell(turn: Turn, isOver: boolean): void {
    const rows = rowsOf(turn);
    if (!isOver) rows.splice(text(turn.bytes).split("\n").length - 1);
    for (const row of rows.slice(this.#told.rows)) this.#print(`${markOf(turn)}${rowText(row)}`);
    const rest = isOver ? restOf(turn) : null;
    if (rest !== null) this.#print(`# ${rest}`);
    for (const found of turn.findings.slice(this.#told.findings))
      this.#print(`^ ${findingText(found, turn)}`);
    for (const found of turn.shadow.slice(this.#told.shadow)) this.#print(`^ ${shadowText(found, turn)}`);
    this.#told = { rows: rows.length, findings: turn.findings.length, shadow: turn.shadow.length };
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
    if (mode !== "data" && mode !== "bdat") return undefined;
    return this.#turns.findLast(({ kind, offset }) => kind === "data" && offset !== null);
  }

  #finish(): void {
    const now = systemClock.nowNs();
    for (const side of ["client", "server"] as const) this.#passages[side].end(now);
    this.#show(true);
    const count = this.#findings;
    this.#print(`== ${endOf(count, this.#closed ?? "")}`);
    this.watcher.ended(count);
  }

  #print(text: string): void {
    this.watcher.line(`[${this.id}] ${text}`);
  }
}

const isKeptBack = ({ findings }: Turn): boolean => findings.some(keepsBack);

/** More turns wait only if one side floods the other; then they are shown as they are. */
const MOST_TURNS = 1000;
const LF = 0x0a;
/** Of a line that is longer than what a turn keeps only the start is shown, complete or not. */
const LONG = 4096;
