/** Finds out, for one direction, which of the bytes that one side sent reached the other, and what came instead. */
import { joined, text } from "./bytes.js";
import { keep, newTurn, type Part } from "./dialogue.js";
import { keepsBack } from "./evidence.js";
import type { Mode, Range, Received, Side, Turn } from "./model.js";
import { looksSecret } from "./secrets.js";

/**
 * Waiting lines that are searched for one that passed; those before it did not. For commands as many as may wait in the
 * filter (`limits.pending_commands` at most); for data fewer, since each line may be rewritten and would search all.
 */
const LOOK_AHEAD = { line: 4096, data: 256, tls: 256, starttls: 0 };
/** Bytes that may wait undecided: the filter holds no more (`limits.held_bytes`), the rest it has swallowed. */
const MOST_WAITING = 262_144;
/** Lines that may wait undecided: the filter holds no more commands (`limits.pending_commands` is 4096 at most). */
const MOST_WAITING_LINES = 4096;
/** A longer line is compared in pieces of this size. */
const LONGEST_LINE = 65_536;
/** How many bytes of what a side would have received are kept. */
const RECEIVED_KEPT = 16_384;

const LF = 0x0a;
/** FNV-1a of 32 bits (draft-eastlake-fnv, section 5). */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A line that came out, and where it comes from. */
interface Origin {
  line: Uint8Array;
  /** Null for what nobody sent. */
  turn: Turn | null;
  /** Waiting lines that are decided by it. */
  decided: number;
  /** The mode where it came in place of message data. */
  data: Mode | undefined;
  /** What was sent in the same call and passed after it. */
  before: Turn | undefined;
}

export class Passage {
  #received: Uint8Array[] = [];
  #receivedSize = 0;
  #check = FNV_START;
  /** Who sent each of the received lines that are kept, and how many bytes have a known sender. */
  readonly #origins: (Range & { turn: Turn })[] = [];
  #credited = 0;
  /** Lines of the filter's own that the other side has not answered yet. */
  standIns: string[] = [];
  #waiting: Part[] = [];
  #waitingBytes = 0;
  #partial: Uint8Array = new Uint8Array(0);
  #own: Turn | null = null;

  /**
   * @param from the side that speaks in this direction
   * @param add gets each turn that the filter said in this direction, and the turn that passed after it in the same call
   * @param mode of the session at the moment
   */
  constructor(
    private readonly from: Side,
    private readonly add: (turn: Turn, before: Turn | undefined) => void,
    private readonly mode: () => Mode,
  ) {}

  /** Sent, but neither passed nor known to be withheld. */
  get waiting(): readonly Part[] {
    return this.#waiting;
  }

  /** Number of lines in this list. */
  get places(): number {
    return this.#waiting.length + this.#origins.length;
  }

  /** Bytes kept here; those that wait count twice, because the filter holds them too. */
  get bytes(): number {
    return 2 * this.#waitingBytes + this.#partial.length + Math.min(this.#receivedSize, RECEIVED_KEPT);
  }

  /** What the other side received so far. */
  get received(): Received {
    const bytes = joined(this.#received);
    const secrets = this.#origins
      .filter(({ turn }) => turn.secret)
      .map(({ from, to }) => ({ from, to: Math.min(to, bytes.length) }));
    return { bytes, size: this.#receivedSize, check: this.#check, secrets };
  }

  /** What one call of the filter took in and sent out in this direction. */
  pass(sent: readonly Part[], given: readonly Uint8Array[], timeNs: bigint): void {
    for (const bytes of given) this.#keep(bytes);
    if (this.#isUnchanged(sent, given)) {
      for (const { turn, bytes } of sent) this.#credit(turn, bytes.length);
      return;
    }
    const held = this.#waiting.length;
    for (const part of sent) this.#wait(part);
    let left = held;
    const origins = given
      .flatMap((bytes) => this.#linesOf(bytes))
      .map((line) => {
        const origin = this.#originOf(line, left > 0);
        left -= origin.decided;
        return origin;
      });
    const now = new Set(sent.map(({ turn }) => turn));
    let next: Turn | undefined;
    for (const origin of origins.toReversed()) {
      if (origin.turn === null) origin.before = next;
      else next = now.has(origin.turn) ? origin.turn : undefined;
    }
    for (const origin of origins) this.#pass(origin, timeNs);
    // What the filter refused need not be searched for any longer.
    while (this.#waiting[0] !== undefined && isRefused(this.#waiting[0].turn)) this.#drop(1);
  }

  /** Nothing of what waits will pass. */
  forget(): void {
    this.#drop(this.#waiting.length);
  }

  /** The session is over: a partial line is the start of a line that was cut off. */
  end(timeNs: bigint): void {
    const rest = this.#partial;
    this.#partial = new Uint8Array(0);
    if (rest.length > 0) this.#pass(this.#originOf(rest, true, true), timeNs);
  }

  #isUnchanged(sent: readonly Part[], given: readonly Uint8Array[]): boolean {
    if (this.#waiting.length > 0 || this.#partial.length > 0) return false;
    const total = (list: readonly Uint8Array[]): number => list.reduce((sum, one) => sum + one.length, 0);
    const parts = sent.map((part) => part.bytes);
    if (total(parts) !== total(given)) return false;
    const one = parts.length === 1 ? parts[0] : joined(parts);
    const other = given.length === 1 ? given[0] : joined(given);
    return one === other || (one !== undefined && other !== undefined && same(one, other));
  }

  #wait({ turn, bytes }: Part): void {
    for (const line of pieces(bytes)) {
      const last = this.#waiting.at(-1);
      const continues = last !== undefined && last.turn === turn && last.bytes.at(-1) !== LF;
      if (continues && last.bytes.length < LONGEST_LINE) last.bytes = joined([last.bytes, line]);
      else this.#waiting.push({ turn, bytes: line.slice() });
      this.#waitingBytes += line.length;
    }
    while (this.#waitingBytes > MOST_WAITING || this.#waiting.length > MOST_WAITING_LINES) this.#drop(1);
  }

  /** The first `count` waiting lines did not pass. */
  #drop(count: number): void {
    for (const part of this.#waiting.splice(0, count)) this.#waitingBytes -= part.bytes.length;
  }

  #linesOf(bytes: Uint8Array): Uint8Array[] {
    const whole = this.#partial.length === 0 ? bytes : joined([this.#partial, bytes]);
    const lines = pieces(whole);
    const last = lines.at(-1);
    const isPartial = last !== undefined && last.at(-1) !== LF && last.length < LONGEST_LINE;
    this.#partial = isPartial ? (lines.pop() as Uint8Array).slice() : new Uint8Array(0);
    return lines;
  }

  /** Finds out who sent a line, and so what no longer waits. @param isCut only the start of the line came */
  #originOf(line: Uint8Array, wasHeld: boolean, isCut = false): Origin {
    const first = this.#waiting[0];
    const most = first === undefined ? 0 : Math.min(this.#waiting.length, LOOK_AHEAD[first.turn.kind]);
    for (let index = 0; index < most; index++) {
      const { turn, bytes } = this.#waiting[index] as Part;
      if (!same(isCut ? bytes.subarray(0, line.length) : bytes, line)) continue;
      turn.held ||= wasHeld;
      this.#drop(index + 1);
      return { line, turn, decided: index + 1, data: undefined, before: undefined };
    }
    const data = first?.turn.kind === "data" ? first.turn.mode : undefined;
    return { line, turn: null, decided: 0, data, before: undefined };
  }

  #pass(origin: Origin, timeNs: bigint): void {
    if (origin.turn === null) {
      this.#said(origin, timeNs);
      return;
    }
    this.#credit(origin.turn, origin.line.length);
    this.#own = null;
  }

  /** What nobody sent. */
  #said({ line, data, before }: Origin, timeNs: bigint): void {
    if (this.#own === null || data === undefined || this.#own.kind !== "data") {
      const kind = data === undefined ? "line" : "data";
      this.#own = newTurn(kind, this.from, data ?? this.mode(), timeNs, null);
      // Rewritten data reads best after the original.
      this.add(this.#own, data === undefined ? before : undefined);
    }
    keep(this.#own, line);
    this.#credit(this.#own, line.length);
    if (data !== undefined || this.from === "server") return;
    // What is too far back to be recognised may still be the client's.
    this.#own.secret = looksSecret(text(this.#own.bytes));
    this.standIns.push(text(line.subarray(0, 16)));
  }

  /** These bytes arrived next. */
  #credit(turn: Turn, size: number): void {
    turn.received += size;
    const from = this.#credited;
    this.#credited += size;
    if (turn.kind !== "line" || from >= RECEIVED_KEPT) return;
    const last = this.#origins.at(-1);
    if (last?.turn === turn && last.to === from) last.to += size;
    else this.#origins.push({ turn, from, to: from + size });
  }

  #keep(bytes: Uint8Array): void {
    const room = RECEIVED_KEPT - this.#receivedSize;
    if (room > 0) this.#received.push(bytes.slice(0, room));
    this.#receivedSize += bytes.length;
    let check = this.#check;
    for (let at = 0; at < bytes.length; at++) check = Math.imul(check ^ (bytes[at] as number), FNV_PRIME);
    this.#check = check;
  }
}

const isRefused = ({ kind, findings }: Turn): boolean => kind === "line" && findings.some(keepsBack);

/** Lines with their ends; long ones in pieces. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(LF, at);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, at + LONGEST_LINE);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
