/** One direction of a TCP connection: the next sequence number, and what came early. */
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
const MOST_IN_FLIGHT = 12 * 1024 * 1024;
const MOST_PENDING_BYTES = MOST_IN_FLIGHT;
/** What a waiting segment takes besides its bytes; measured with Node 20, rounded up. */
const SEGMENT = 512;
/** Few enough to be searched one by one; 1024 full segments are 1.4 MiB out of order. */
const MOST_PENDING_SEGMENTS = 1024;
/** How often a segment's bytes are compared with others that wait: once, unless somebody overlaps on purpose. */
const MOST_COMPARED = 8;

/** Why only the receiver knows what it has read, and when. */
export const Doubt = {
  /** A reply or a command may have been among what is missing. */
  loss: "the capture lacks bytes",
  behindEnd: "one side sends more after its end",
  versions: "the capture has two versions of the same bytes",
  stray: "the capture has bytes from before the connection",
  continued: "it continues although both sides had ended it",
  replaced: "another connection took its ports before it ended",
  late: "bytes of one side come after the other's answer to them",
} as const;
export type Doubt = (typeof Doubt)[keyof typeof Doubt];

/** How far `to` is after `from` in the circle of sequence numbers; negative when it is before. */
const distance = (from: number, to: number): number => (to - from) | 0;

const NOTHING = new Uint8Array(0);

export class Direction {
  /** How the stream ended, if it did. */
  ended: Piece["end"] = null;
  /** What waits, each segment with its cost besides its bytes. */
  pendingBytes = 0;
  /** No byte of it was seen. */
  isSilent = true;
  /** Why what was delivered may differ from what the other end has read; null while there is no doubt. */
  doubt: Doubt | null = null;
  #start: number | null = null;
  #next = 0;
  /** The distance from the start to the next byte, including missing bytes and the SYN. */
  #passed = 0;
  /** The highest number that the other end acknowledged before the capture showed the bytes up to it, and when. */
  #unseen: { ack: number; timeNs: bigint } | null = null;
  #pending: Waiting[] = [];

  startsElsewhere(seq: number): boolean {
    return this.#start !== null && this.#start !== seq;
  }

  /** Whether a segment has bytes after all that was delivered. */
  isNew({ seq, flags, payload }: Segment): boolean {
    if (payload.length === 0) return false;
    return this.#start === null || distance(this.#next, firstOf(seq, flags) + payload.length) > 0;
  }

  /** @returns what this segment makes readable */
  add(segment: Segment): Piece[] {
    const { seq, flags, payload, length, timeNs } = segment;
    if ((flags & Flag.rst) !== 0) return this.#reset(seq, timeNs);
    const first = firstOf(seq, flags);
    if (this.#start === null) {
      this.#start = seq;
      this.#next = first;
      this.#passed = distance(seq, first);
    }
    if (this.ended !== null) {
      // A host that accepted the end would not send more, and one that reads on did not accept it.
      if (this.isNew(segment)) this.doubt ??= Doubt.behindEnd;
      if (this.ended === "fin") return [];
    }
    if (payload.length > 0 && distance(first, this.#next) > Math.min(this.#passed, MOST_IN_FLIGHT)) {
      this.doubt ??= Doubt.stray;
      return [];
    }
    if (payload.length > 0) {
      this.isSilent = false;
      this.#wait(first, timeNs, payload, null);
    }
    // After the last byte that was sent, which need not have been captured.
    if ((flags & Flag.fin) !== 0) this.#wait((first + length) >>> 0, timeNs, NOTHING, "fin");
    const ready = this.#drain();
    // A receiver's window bounds what can be in flight; a capture without the missing piece must not grow forever.
    const tooMuch = this.pendingBytes > MOST_PENDING_BYTES || this.#pending.length > MOST_PENDING_SEGMENTS;
    if (tooMuch) ready.push(...this.flush());
    // What waits is kept longer than the file's chunk that contains it.
    for (const waiting of this.#pending.slice(-2)) {
      if (waiting.bytes === payload) waiting.bytes = payload.slice();
    }
    return ready;
  }

  /** Whether the other end has acknowledged bytes that the capture has not shown, at least so far. */
  isUnseen(ack: number, timeNs: bigint): boolean {
    if (this.#start === null || this.ended !== null || distance(this.#next, ack) <= 0) return false;
    if (this.#unseen === null || distance(this.#unseen.ack, ack) > 0) this.#unseen = { ack, timeNs };
    return true;
  }

  /** The other end has everything before `ack`. */
  acknowledged(ack: number): Piece[] {
    const out: Piece[] = [];
    while (this.#pending.length > 0 && distance(this.#next, ack) > 0) {
      const first = this.#first();
      // What comes after the acknowledged bytes may still arrive.
      if (distance(first.seq, ack) <= 0) break;
      out.push(...this.#skipGap(first));
    }
    return out;
  }

  /** Gives up waiting: returns everything held, with its gaps marked. */
  flush(): Piece[] {
    const out: Piece[] = [];
    while (this.#pending.length > 0) out.push(...this.#skipGap(this.#first()));
    return out;
  }

  /** The capture is over: returns everything held, and what never came although the other end had it. */
  close(): Piece[] {
    const out = this.flush();
    const gap = this.#unseen === null ? 0 : distance(this.#next, this.#unseen.ack);
    if (this.#unseen !== null && gap > 0 && this.ended === null) {
      out.push({ timeNs: this.#unseen.timeNs, bytes: NOTHING, gap, end: null });
    }
    return out;
  }

  /**
   * A reset counts only at the place of the next byte; a host ignores others (RFC 5961 3.2). One further on waits: bytes
   * before it may be late, or missing.
   */
  #reset(seq: number, timeNs: bigint): Piece[] {
    if (this.ended !== null) return [];
    if (this.#start === null) {
      // No byte was sent to compare its number with: usually a refused connection.
      this.ended = "reset";
      return [{ timeNs, bytes: NOTHING, gap: 0, end: "reset" }];
    }
    const ahead = distance(this.#next, seq);
    if (ahead < 0 || ahead > MOST_IN_FLIGHT) return [];
    this.#wait(seq, timeNs, NOTHING, "reset");
    return this.#drain();
  }

  #wait(seq: number, timeNs: bigint, bytes: Uint8Array, end: Piece["end"]): void {
    // All of it was sent before: a retransmission or a keep-alive.
    if (end === null && distance(this.#next, (seq + bytes.length) >>> 0) <= 0) return;
    if (bytes.length > 0 && this.doubt === null && this.#differs(seq, bytes)) this.doubt = Doubt.versions;
    this.#pending.push({ seq, timeNs, bytes, gap: 0, end });
    this.pendingBytes += bytes.length + SEGMENT;
  }

  /** Whether what waits has other bytes at the same place. Delivered bytes are not kept: the first version counts. */
  #differs(seq: number, bytes: Uint8Array): boolean {
    let left = MOST_COMPARED * bytes.length;
    for (const { seq: at, bytes: known } of this.#pending) {
      const ahead = distance(seq, at);
      const from = Math.max(0, ahead);
      const to = Math.min(bytes.length, ahead + known.length);
      if (to <= from) continue;
      left -= to - from;
      if (left < 0) return true;
      for (let i = from; i < to; i++) if (bytes[i] !== known[i - ahead]) return true;
    }
    return false;
  }

  #first(): Waiting {
    return this.#pending.reduce((a, b) => (distance(a.seq, b.seq) < 0 ? b : a));
  }

  #skipGap(first: Waiting): Piece[] {
    const gap = Math.max(0, distance(this.#next, first.seq));
    this.#pass(gap);
    const out = this.#drain();
    if (out[0] !== undefined) out[0].gap = gap;
    return out;
  }

  /** Takes out what continues the stream, without the bytes that were delivered before. */
  #drain(): Piece[] {
    const out: Piece[] = [];
    for (;;) {
      const index = this.#pending.findIndex((piece) => distance(this.#next, piece.seq) <= 0);
      const [piece] = index < 0 ? [] : this.#pending.splice(index, 1);
      if (piece === undefined) return out;
      this.pendingBytes -= piece.bytes.length + SEGMENT;
      const known = -distance(this.#next, piece.seq);
      const bytes = piece.bytes.subarray(Math.min(known, piece.bytes.length));
      this.#pass(bytes.length);
      const end = piece.end !== null && known === 0 && this.ended === null ? piece.end : null;
      if (bytes.length > 0 || end !== null) out.push({ timeNs: piece.timeNs, bytes, gap: 0, end });
      if (end === null) continue;
      this.ended = end;
      const isMore = ({ seq, bytes }: Waiting): boolean =>
        bytes.length > 0 && distance(this.#next, seq + bytes.length) > 0;
      if (this.#pending.some(isMore)) this.doubt ??= Doubt.behindEnd;
      if (end === "reset") continue;
      this.#pending = [];
      this.pendingBytes = 0;
    }
  }

  #pass(bytes: number): void {
    this.#next = (this.#next + bytes) >>> 0;
    this.#passed += bytes;
  }
}

/** Number of the first byte: a SYN takes one itself. */
const firstOf = (seq: number, flags: number): number => ((flags & Flag.syn) === 0 ? seq : (seq + 1) >>> 0);
