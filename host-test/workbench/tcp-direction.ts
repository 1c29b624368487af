/** One direction of a TCP connection: the next sequence number, and what came before its turn. */
import { Flag, type Segment } from "./ip.js";

/** What one direction delivers. */
export interface Piece {
  timeNs: bigint;
  bytes: Uint8Array;
  /** Bytes that are missing before these. */
  gap: number;
  end: "fin" | "reset" | null;
}

interface Waiting extends Piece {
  seq: number;
}

/** Linux opens a window of 6 MiB at most (tcp_rmem), doubled to be safe. */
const MOST_PENDING_BYTES = 12 * 1024 * 1024;
/** What a waiting segment takes beside its bytes; measured with Node 20, rounded up. */
const SEGMENT = 512;
/** Few enough to be searched one by one; 1024 full segments are 1.4 MiB out of order. */
const MOST_PENDING_SEGMENTS = 1024;

/** How far `to` lies behind `from` in the circle of sequence numbers; negative when it lies before. */
const distance = (from: number, to: number): number => (to - from) | 0;

const NOTHING = new Uint8Array(0);

export class Direction {
  /** How the stream ended, if it did. */
  ended: Piece["end"] = null;
  /** What waits, each segment with what it costs beside its bytes. */
  pendingBytes = 0;
  #start: number | null = null;
  #next = 0;
  #pending: Waiting[] = [];

  startsElsewhere(seq: number): boolean {
    return this.#start !== null && this.#start !== seq;
  }

  /** @returns what this segment makes readable */
  add({ seq, flags, payload, length, timeNs }: Segment): Piece[] {
    const syn = (flags & Flag.syn) !== 0;
    if (this.#start === null) {
      this.#start = seq;
      this.#next = syn ? (seq + 1) >>> 0 : seq;
    }
    if (this.ended !== null) return [];
    if ((flags & Flag.rst) !== 0) {
      const held = this.flush();
      this.ended ??= "reset";
      return [...held, { timeNs, bytes: NOTHING, gap: 0, end: "reset" }];
    }
    const first = syn ? (seq + 1) >>> 0 : seq;
    if (payload.length > 0) this.#wait(first, timeNs, payload, null);
    // Behind the last byte that was sent, which need not have been captured.
    if ((flags & Flag.fin) !== 0) this.#wait((first + length) >>> 0, timeNs, NOTHING, "fin");
    const ready = this.#drain();
    // A receiver's window bounds what can be in flight; a capture without the missing piece must not grow for ever.
    const tooMuch = this.pendingBytes > MOST_PENDING_BYTES || this.#pending.length > MOST_PENDING_SEGMENTS;
    if (tooMuch) ready.push(...this.flush());
    // What waits outlives the chunk of the file that it lies in.
    for (const waiting of this.#pending.slice(-2)) {
      if (waiting.bytes === payload) waiting.bytes = payload.slice();
    }
    return ready;
  }

  /** How many bytes the other end has acknowledged that the capture has not shown, so far at least. */
  unseen(ack: number): number {
    return this.#start === null || this.ended !== null ? 0 : Math.max(0, distance(this.#next, ack));
  }

  /** The other end has everything before `ack`. */
  acknowledged(ack: number): Piece[] {
    const out: Piece[] = [];
    while (this.#pending.length > 0 && distance(this.#next, ack) > 0) {
      const first = this.#first();
      // What lies behind the acknowledged bytes may still come.
      if (distance(first.seq, ack) <= 0) break;
      out.push(...this.#skipGap(first));
    }
    return out;
  }

  /** Gives up waiting: everything held, with its gaps marked. */
  flush(): Piece[] {
    const out: Piece[] = [];
    while (this.#pending.length > 0) out.push(...this.#skipGap(this.#first()));
    return out;
  }

  #wait(seq: number, timeNs: bigint, bytes: Uint8Array, end: Piece["end"]): void {
    // Sent before, all of it: a retransmission or a keep-alive.
    if (end === null && distance(this.#next, (seq + bytes.length) >>> 0) <= 0) return;
    this.#pending.push({ seq, timeNs, bytes, gap: 0, end });
    this.pendingBytes += bytes.length + SEGMENT;
  }

  #first(): Waiting {
    return this.#pending.reduce((a, b) => (distance(a.seq, b.seq) < 0 ? b : a));
  }

  #skipGap(first: Waiting): Piece[] {
    const gap = Math.max(0, distance(this.#next, first.seq));
    this.#next = (this.#next + gap) >>> 0;
    const out = this.#drain();
    if (out[0] !== undefined) out[0].gap = gap;
    return out;
  }

  /** Takes out what continues the stream, cutting off what was there before. */
  #drain(): Piece[] {
    const out: Piece[] = [];
    for (;;) {
      const index = this.#pending.findIndex((piece) => distance(this.#next, piece.seq) <= 0);
      const [piece] = index < 0 ? [] : this.#pending.splice(index, 1);
      if (piece === undefined) return out;
      this.pendingBytes -= piece.bytes.length + SEGMENT;
      const known = -distance(this.#next, piece.seq);
      const bytes = piece.bytes.subarray(Math.min(known, piece.bytes.length));
      this.#next = (this.#next + bytes.length) >>> 0;
      const end = piece.end !== null && known === 0 ? piece.end : null;
      if (bytes.length > 0 || end !== null) out.push({ timeNs: piece.timeNs, bytes, gap: 0, end });
      if (end !== null) {
        this.ended = end;
        this.#pending = [];
        this.pendingBytes = 0;
      }
    }
  }
}
