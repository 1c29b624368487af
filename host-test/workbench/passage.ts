/** Finds out, for one direction, which of the bytes that one side sent reached the other and what came instead. */
import { joined } from "./bytes.js";
import { keep, newTurn, type Part } from "./dialogue.js";
import type { Received, Side, Turn } from "./model.js";

/** Lines that are looked at for one that passed; those before it did not. A group of commands is seldom longer. */
const LOOK_AHEAD = 256;
/** Bytes that may wait undecided: the filter holds no more (`limits.held_bytes`), the rest it has swallowed. */
const MOST_WAITING = 262_144;
/** A line that is longer is compared in pieces of this size. */
const LONGEST_LINE = 65_536;
/** How many bytes of what a side would have received are kept. */
const RECEIVED_KEPT = 16_384;

const LF = 0x0a;

export class Passage {
  #received: Uint8Array[] = [];
  #receivedSize = 0;
  /** Lines of the filter's own that the other side has not answered yet. */
  standIns: string[] = [];
  #waiting: Part[] = [];
  #waitingBytes = 0;
  #partial: Uint8Array = new Uint8Array(0);
  #own: Turn | null = null;

  /** @param from whose words pass here @param add is told each turn that the filter said in this voice */
  constructor(
    private readonly from: Side,
    private readonly add: (turn: Turn) => void,
  ) {}

  /** Sent, but neither passed nor known to be kept back. */
  get waiting(): readonly Part[] {
    return this.#waiting;
  }

  /** What the other side received so far. */
  get received(): Received {
    return { bytes: joined(this.#received), size: this.#receivedSize };
  }

  /** What one call of the filter took in and gave out in this direction. */
  pass(sent: readonly Part[], given: readonly Uint8Array[], timeNs: bigint): void {
    for (const bytes of given) this.#keep(bytes);
    if (this.#isUnchanged(sent, given)) {
      for (const { turn, bytes } of sent) turn.received += bytes.length;
      return;
    }
    const held = this.#waiting.length;
    for (const part of sent) this.#wait(part);
    let left = held;
    for (const bytes of given) {
      for (const line of this.#linesOf(bytes)) left -= this.#match(line, timeNs, left > 0);
    }
  }

  /** The session is over: what is still partial came as it is. */
  end(timeNs: bigint): void {
    const rest = this.#partial;
    this.#partial = new Uint8Array(0);
    if (rest.length > 0) this.#match(rest, timeNs, true);
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
    while (this.#waitingBytes > MOST_WAITING) this.#drop(1);
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

  /** @returns how many waiting lines are decided now */
  #match(line: Uint8Array, timeNs: bigint, wasHeld: boolean): number {
    const most = Math.min(this.#waiting.length, LOOK_AHEAD);
    for (let index = 0; index < most; index++) {
      const part = this.#waiting[index] as Part;
      if (!same(part.bytes, line)) continue;
      part.turn.received += line.length;
      part.turn.held ||= wasHeld;
      this.#drop(index + 1);
      this.#own = null;
      return index + 1;
    }
    this.#said(line, timeNs);
    return 0;
  }

  /** What nobody sent. */
  #said(line: Uint8Array, timeNs: bigint): void {
    const inData = this.#waiting[0]?.turn.kind === "data";
    if (this.#own === null || !inData || this.#own.kind !== "data") {
      this.#own = newTurn(inData ? "data" : "line", this.from, timeNs, null);
      this.add(this.#own);
    }
    keep(this.#own, line);
    this.#own.received += line.length;
    if (!inData && this.from === "client") this.standIns.push(String.fromCharCode(...line.subarray(0, 16)));
  }

  #keep(bytes: Uint8Array): void {
    const room = RECEIVED_KEPT - this.#receivedSize;
    if (room > 0) this.#received.push(bytes.slice(0, room));
    this.#receivedSize += bytes.length;
  }
}

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
