/**
 * Puts TCP segments back into the byte streams that the two ends of a connection read: ordered by sequence number,
 * without retransmissions, with what the capture lacks marked as a gap. Segments go in one by one and what they complete
 * comes out at once; what has to wait is copied and bounded. Of bytes that came twice, those count that could be
 * delivered first. Two versions that wait at the same time are reported, and all else that a host might read differently.
 */
import { Flag, type Segment } from "./ip.js";
import { Direction, Doubt, type Piece } from "./tcp-direction.js";

/** One TCP connection. */
export interface Flow {
  /** From 0, in order of the first segments: Wireshark's stream index. */
  id: number;
  /** "ip:port" of the two ends: of the first segment's sender and of the other. */
  ends: [string, string];
  ports: [number, number];
  /** Which end opened the connection; null when the capture begins later. */
  opener: 0 | 1 | null;
  startNs: bigint;
  /** Why what it delivers from here on may differ from what its ends have read; null while there is no doubt. */
  doubt: Doubt | null;
}

/** The next thing that one end of a connection sent. */
export interface FlowEvent {
  flow: Flow;
  /** The end that sent it. */
  from: 0 | 1;
  timeNs: bigint;
  /** A view: copy what you keep. Empty for an end. */
  bytes: Uint8Array;
  /** How many bytes before these the capture lacks; usually 0. */
  gap: number;
  end: "fin" | "reset" | null;
}

/** Gets what happens on the connections. */
export interface FlowListener {
  onEvent(event: FlowEvent): void;
  /** From the next bytes on there is a doubt (`flow.doubt`). */
  onDoubt(flow: Flow): void;
  /**
   * This connection is over: both ends are done, or the capture is.
   * @param forgotten there may be more, but there was no room for it
   */
  onClose(flow: Flow, forgotten: boolean): void;
}

/** Limits of what is kept. */
export interface FlowLimits {
  /** Bytes out of order, of all connections together, each segment with its cost besides its bytes. */
  pendingBytes: number;
  /** Connections that are remembered, ended ones included; above that the one that was quiet longest is forgotten. */
  flows: number;
}

/**
 * Few of many connections lack a segment at a time, and the largest window of one is 6 MiB by Linux's default (tcp_rmem).
 * A connection takes a kilobyte (measured); a busy mail server has some thousand of them at a time.
 */
export const FLOW_LIMITS: FlowLimits = { pendingBytes: 32 * 1024 * 1024, flows: 32_768 };

interface Entry {
  flow: Flow;
  directions: [Direction, Direction];
  closed: boolean;
  /** A SYN of another connection with the same ports, without payload: nobody has answered it. */
  asking: Segment | null;
}

/** All connections of a capture. */
export class Flows {
  readonly #entries = new Map<string, Entry>();
  #count = 0;
  #pending = 0;

  constructor(
    private readonly listener: FlowListener,
    private readonly limits: FlowLimits = FLOW_LIMITS,
  ) {}

  /** Connections seen so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that wait for their turn, of all connections. */
  get pendingBytes(): number {
    return this.#pending;
  }

  add(segment: Segment): void {
    const key = keyOf(segment.source, segment.destination);
    let entry = this.#entries.get(key);
    let opening: Segment | null = null;
    if (entry !== undefined && startsAnew(entry, segment)) {
      if (!isOver(entry)) {
        // Anybody can send a SYN: only the other side's answer makes it a connection.
        entry.asking = { ...segment, payload: NOTHING };
        return;
      }
      this.#close(entry);
      entry = undefined;
    } else if (entry !== undefined && isAnswered(entry, segment)) {
      opening = entry.asking;
      if (opening !== null && entry.directions[sideOf(entry, opening)].ended === null) {
        this.#doubt(entry, Doubt.replaced);
      }
      this.#close(entry);
      entry = undefined;
    } else if (entry?.closed === true && entry.directions[sideOf(entry, segment)].isNew(segment)) {
      entry = this.#open(segment, Doubt.continued);
    }
    entry ??= this.#open(opening ?? segment);
    // The map's order is that of last use.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.limits.flows) this.forget(this.#oldest());
    if (entry.closed) return;
    if (opening !== null) this.#follow(entry, opening);
    this.#follow(entry, segment);
  }

  /** Gives up a connection: later segments of it count as a new one. */
  forget({ ends }: Flow): void {
    const key = keyOf(...ends);
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry !== undefined) this.#close(entry, true);
  }

  /** The capture is over: ends the connections one by one. @returns false when there is none left */
  endNext(): boolean {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      this.#close(entry);
      return true;
    }
    return false;
  }

  #open(segment: Segment, doubt: Doubt | null = null): Entry {
    const { source, destination, sourcePort, destinationPort, flags, timeNs } = segment;
    const opener = (flags & Flag.syn) === 0 ? null : (flags & Flag.ack) === 0 ? 0 : 1;
    const flow: Flow = {
      id: this.#count++,
      ends: [source, destination],
      ports: [sourcePort, destinationPort],
      opener,
      startNs: timeNs,
      doubt,
    };
    return { flow, directions: [new Direction(), new Direction()], closed: false, asking: null };
  }

  #doubt({ flow }: Entry, why: Doubt | null): void {
    if (why === null || flow.doubt !== null) return;
    flow.doubt = why;
    this.listener.onDoubt(flow);
  }

  #follow(entry: Entry, segment: Segment): void {
    const from = sideOf(entry, segment);
    const own = entry.directions[from];
    const other = entry.directions[from === 0 ? 1 : 0];
    const before = own.pendingBytes + other.pendingBytes;
    // The receiver has read what it acknowledges, whether or not the capture has it: do not wait for it.
    if ((segment.flags & Flag.ack) !== 0 && (segment.flags & Flag.rst) === 0) {
      this.#emit(entry, from === 0 ? 1 : 0, segment.timeNs, other.acknowledged(segment.ack));
      const isAnswer = segment.payload.length > 0;
      if (isAnswer && other.isUnseen(segment.ack, segment.timeNs)) this.#doubt(entry, Doubt.late);
    }
    const ready = own.add(segment);
    this.#doubt(entry, own.doubt);
    this.#emit(entry, from, segment.timeNs, ready);
    this.#pending += own.pendingBytes + other.pendingBytes - before;
    if (this.#pending > this.limits.pendingBytes) {
      this.#pending -= own.pendingBytes;
      this.#emit(entry, from, segment.timeNs, own.flush());
    }
    // After a reset of one end, what the other had sent may still be on its way.
    if (own.ended !== null && other.ended !== null) this.#close(entry);
  }

  /** The one that was quiet longest; there is one. */
  #oldest(): Flow {
    return (this.#entries.values().next().value as Entry).flow;
  }

  #close(entry: Entry, forgotten = false): void {
    if (entry.closed) return;
    entry.closed = true;
    for (const side of [0, 1] as const) {
      const direction = entry.directions[side];
      this.#pending -= direction.pendingBytes;
      this.#emit(entry, side, null, direction.close());
    }
    this.listener.onClose(entry.flow, forgotten);
  }

  /** @param timeNs when they became readable; null: when they came */
  #emit({ flow }: Entry, from: 0 | 1, timeNs: bigint | null, pieces: Piece[]): void {
    for (const { bytes, gap, end, timeNs: cameNs } of pieces) {
      this.listener.onEvent({ flow, from, timeNs: timeNs ?? cameNs, bytes, gap, end });
    }
  }
}

/** A SYN with another start than the one seen means that the same ports are used again. */
function startsAnew(entry: Entry, segment: Segment): boolean {
  const opens = (segment.flags & (Flag.syn | Flag.ack | Flag.rst)) === Flag.syn;
  return opens && entry.directions[sideOf(entry, segment)].startsElsewhere(segment.seq);
}

/** Whether nothing that matters can come of it any longer, or ever came. */
const isOver = ({ closed, directions }: Entry): boolean =>
  closed || directions.some(({ ended }) => ended === "reset") || directions.every(({ isSilent }) => isSilent);

/** Whether a segment continues the SYN for the same ports: the other side's SYN, or what follows it. */
function isAnswered(entry: Entry, { source, seq, ack, flags }: Segment): boolean {
  const { asking } = entry;
  if (asking === null || (flags & Flag.ack) === 0 || (flags & Flag.rst) !== 0) return false;
  const next = (asking.seq + 1) >>> 0;
  const isSyn = (flags & Flag.syn) !== 0;
  return source === asking.source ? !isSyn && seq === next : isSyn && ack === next;
}

const NOTHING = new Uint8Array(0);

const keyOf = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);

const sideOf = ({ flow }: Entry, { source }: Segment): 0 | 1 => (source === flow.ends[0] ? 0 : 1);
