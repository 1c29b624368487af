/**
 * Follows a conversation well enough to show it: lines, message data, credentials, TLS. It checks nothing. As in the
 * filter, replies move the mode, but nothing here is strict.
 */
import { joined, text } from "./bytes.js";
import type { Mode, Side, Turn } from "./model.js";
import { isAuth, looksSecret, repeats } from "./secrets.js";

/** A command that waits for its reply. */
export interface Asked {
  verb: string;
  turn: Turn;
}

/** A part of what was just said, and its turn. */
export interface Part {
  turn: Turn;
  bytes: Uint8Array;
}

/** Bytes of a turn that a report keeps; the rest is only counted. */
export const KEPT = { line: 1024, data: 16_384, tls: 0, starttls: 0 };
/** Commands that wait for a reply, at most: as many as the filter allows (`limits.pending_commands`). */
const MOST_ASKED = 4096;

export class Dialogue {
  mode: Mode = "command";
  /** The command that opened the data, AUTH exchange or TLS that the session is in. */
  opener: Turn | null = null;
  readonly asked: Asked[] = [];
  /** The command that the current reply answers: null for the greeting and for an unsolicited reply. */
  answering: Asked | null = null;
  #greeted = false;
  /** The last AUTH without a reply, as far as known. */
  #auth: Asked | null = null;
  #chunkLeft = 0;
  readonly #open: Record<Side, Turn | null> = { client: null, server: null };
  readonly #offsets: Record<Side, number> = { client: 0, server: 0 };
  /** Of data: the first bytes of the current line, its length, and whether the line before ended in CRLF. */
  #lineHead = "";
  #lineLength = 0;
  #lastByte = 0;
  #afterCrlf = true;

  /** @param add gets each new turn when it begins */
  constructor(private readonly add: (turn: Turn) => void) {}

  /** What the server's next reply answers; undefined for the greeting. */
  get next(): Turn | undefined {
    return this.#greeted ? this.asked[0]?.turn : undefined;
  }

  /** Reads what a side said. @returns it in parts, each with its turn */
  say(side: Side, bytes: Uint8Array, timeNs: bigint, gap: number): Part[] {
    if (gap > 0) {
      this.#open[side] = null;
      this.#offsets[side] += gap;
    }
    const parts: Part[] = [];
    for (let at = 0; at < bytes.length;) {
      const fresh = this.#open[side] === null;
      const startsTls = side === "client" && fresh && bytes[at] === 0x16 && bytes[at + 1] === 0x03;
      if (this.mode === "command" && startsTls) this.mode = "tls";
      const end = this.#endOf(side, bytes, at);
      const part = bytes.subarray(at, end.at);
      const turn = this.#extend(side, part, timeNs, parts.length === 0 ? gap : 0);
      parts.push({ turn, bytes: part });
      at = end.at;
      if (!end.done) continue;
      this.#open[side] = null;
      if (side === "server") this.#replied(turn);
      else if (turn.kind === "data") this.#dataEnded(turn);
      else this.#commanded(turn);
    }
    return parts;
  }

  /** The filter itself has answered STARTTLS: nobody else will, and both sides begin anew inside. */
  startTls(): void {
    const at = this.asked.findLastIndex(({ verb }) => verb === "STARTTLS");
    if (at >= 0) this.asked.splice(at, 1);
  }

  /** Where the side's current turn ends, and whether it ends here. */
  #endOf(side: Side, bytes: Uint8Array, at: number): { at: number; done: boolean } {
    if (this.mode === "tls") return { at: bytes.length, done: false };
    if (side === "client" && this.mode === "bdat") {
      const end = Math.min(bytes.length, at + this.#chunkLeft);
      this.#chunkLeft -= end - at;
      return { at: end, done: this.#chunkLeft === 0 };
    }
    if (side === "client" && this.mode === "data") return this.#endOfData(bytes, at);
    const newline = bytes.indexOf(0x0a, at);
    return newline < 0 ? { at: bytes.length, done: false } : { at: newline + 1, done: true };
  }

  #endOfData(bytes: Uint8Array, at: number): { at: number; done: boolean } {
    for (;;) {
      const newline = bytes.indexOf(0x0a, at);
      const end = newline < 0 ? bytes.length : newline + 1;
      for (let i = at; i < end && this.#lineHead.length < 3; i++) {
        this.#lineHead += String.fromCharCode(bytes[i] as number);
      }
      this.#lineLength += end - at;
      const before = end - 2 >= at ? (bytes[end - 2] as number) : this.#lastByte;
      this.#lastByte = end > at ? (bytes[end - 1] as number) : this.#lastByte;
      if (newline < 0) return { at: end, done: false };
      const isDot = this.#afterCrlf && this.#lineLength === 3 && this.#lineHead === ".\r\n";
      this.#afterCrlf = before === 0x0d;
      this.#lineHead = "";
      this.#lineLength = 0;
      if (isDot) return { at: end, done: true };
      at = end;
    }
  }

  /** Adds to the side's open turn, or opens one. */
  #extend(side: Side, bytes: Uint8Array, timeNs: bigint, gap: number): Turn {
    const inData = side === "client" && (this.mode === "data" || this.mode === "bdat");
    const kind = this.mode === "tls" ? "tls" : inData ? "data" : "line";
    let turn = this.#open[side];
    if (turn === null || turn.kind !== kind) {
      turn = newTurn(kind, side, this.mode, timeNs, this.#offsets[side]);
      turn.gap = gap;
      turn.secret = kind === "line" && side === "client" && this.#mayBeSecret();
      this.#open[side] = turn;
      this.add(turn);
    }
    keep(turn, bytes);
    this.#offsets[side] += bytes.length;
    if (side === "client" && kind === "line") turn.secret ||= looksSecret(text(turn.bytes));
    return turn;
  }

  /** Between AUTH and its last reply every line may be a response, whether the server asked for one or not. */
  #mayBeSecret(): boolean {
    if (this.#auth !== null && !this.asked.includes(this.#auth)) {
      this.#auth = this.asked.findLast(({ verb }) => isAuth(verb)) ?? null;
    }
    return this.mode === "auth" || this.#auth !== null;
  }

  #commanded(turn: Turn): void {
    const line = text(turn.bytes);
    const verb = this.mode === "auth" ? "" : (/^\s*([!-~]+)/.exec(line)?.[1] ?? "").toUpperCase();
    if (this.asked.length >= MOST_ASKED) this.asked.shift();
    const size = /^BDAT[ \t]+(\d{1,15})(?:[ \t]+LAST)?[ \t]*\r?\n$/i.exec(line)?.[1];
    if (size !== undefined && Number(size) > 0) {
      // The reply comes after the payload.
      this.mode = "bdat";
      this.opener = turn;
      this.#chunkLeft = Number(size);
    }
    const asked = { verb, turn };
    this.asked.push(asked);
    if (isAuth(verb)) this.#auth = asked;
  }

  #dataEnded(turn: Turn): void {
    if (this.mode === "data") this.asked.push({ verb: ".", turn });
    this.mode = "command";
    this.opener = null;
  }

  #replied(turn: Turn): void {
    const line = text(turn.bytes);
    const code = /^(\d{3})(?![-\d])/.exec(line)?.[1];
    if (this.#greeted) this.answering ??= this.asked[0] ?? null;
    turn.secret = this.answering?.turn.secret === true && repeats(line, text(this.answering.turn.bytes));
    if (code === undefined) return;
    const asked = this.#greeted ? (this.asked.shift() ?? null) : null;
    this.#greeted = true;
    this.answering = null;
    if (asked !== null) this.#moved(asked, code);
  }

  /** What a reply does to the mode. */
  #moved(asked: Asked, code: string): void {
    const { verb, turn } = asked;
    if (verb === "DATA" && code === "354") this.#dataOpened(turn);
    else if ((verb === "STARTTLS" || verb === "X-ANONYMOUSTLS") && code === "220") {
      this.mode = "tls";
      this.opener = turn;
    } else if (code === "334" && (isAuth(verb) || this.mode === "auth")) {
      if (this.mode === "command") this.opener = turn;
      this.mode = "auth";
    } else if (this.mode === "auth") {
      this.mode = "command";
      this.opener = null;
    }
  }

  #dataOpened(turn: Turn): void {
    // Lines that came before the 354 were data, for a server that took them so.
    const dot = this.asked.findIndex((each) => text(each.turn.bytes) === ".\r\n");
    this.asked.splice(0, dot < 0 ? this.asked.length : dot);
    if (dot >= 0) return;
    this.mode = "data";
    this.opener = turn;
    this.#afterCrlf = true;
    this.#lineHead = "";
    this.#lineLength = 0;
  }
}

/** A turn without bytes. @param offset null for what the filter itself said */
export function newTurn(
  kind: Turn["kind"],
  from: Side,
  mode: Mode,
  timeNs: bigint,
  offset: number | null,
): Turn {
  return {
    kind,
    from,
    mode,
    timeNs,
    offset,
    bytes: NOTHING,
    size: 0,
    received: 0,
    held: false,
    secret: false,
    gap: 0,
    fate: "judged",
    findings: [],
    shadow: [],
  };
}

/** Adds bytes to a turn: copies those that it keeps, counts all. */
export function keep(turn: Turn, bytes: Uint8Array): void {
  const room = KEPT[turn.kind] - turn.bytes.length;
  turn.size += bytes.length;
  if (room <= 0 || bytes.length === 0) return;
  turn.bytes = joined([turn.bytes, bytes.subarray(0, room)]);
}

const NOTHING: Uint8Array = new Uint8Array(0);
