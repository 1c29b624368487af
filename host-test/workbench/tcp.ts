/**
 * Puts TCP segments back into the byte streams that the two ends of a connection read: ordered by sequence number,
 * without retransmissions (what came first wins), with what the capture lacks marked as a gap. Segments go in one by
 * one and what they complete comes out at once; what has to wait is copied and bounded.
 */
import { Flag, type Segment } from "./ip.js";
import { Direction, type Piece } from "./tcp-direction.js";

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
}

/** The next thing that one end of a connection sent. */
export interface FlowEvent {
  flow: Flow;
  /** The end that sent it. */
  from: 0 | 1;
  timeNs: bigint;
  /** A view: copy what is to be kept. Empty for an end. */
  bytes: Uint8Array;
  /** How many bytes before these the capture lacks; 0 as a rule. */
  gap: number;
  end: "fin" | "reset" | null;
}

/** Told about connections as they go. */
export interface FlowListener {
  onEvent(event: FlowEvent): void;
  /** What comes next was said by an end that had read `bytes` which the capture has not shown: lost, or late. */
  onUnseen(flow: Flow, bytes: number): void;
  /**
   * Nothing more comes of this connection: both ends are done, or the capture is over.
   * @param forgotten more may have come, but there was no room for it
   */
  onClose(flow: Flow, forgotten: boolean): void;
}

/** Bounds of what is kept. */
export interface FlowLimits {
  /** Bytes out of order, of all connections together, each segment with what it costs beside its bytes. */
  pendingBytes: number;
  /** Connections, ended ones included, that are remembered; beyond it the one that was quiet longest is forgotten. */
  flows: number;
}

/**
 * Few of many connections lack a segment at a time, and the largest window of one is 6 MiB by Linux's default (tcp_rmem).
 * A connection takes a kilobyte (measured); a busy mail server's line has some thousand of them at a time.
 */
export const FLOW_LIMITS: FlowLimits = { pendingBytes: 32 * 1024 * 1024, flows: 32_768 };

interface Entry {
  flow: Flow;
  directions: [Direction, Direction];
  closed: boolean;
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
    const { source, destination } = segment;
    const key = keyOf(source, destination);
    let entry = this.#entries.get(key);
    if (entry !== undefined && isReplaced(entry, segment)) {
      this.#close(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      entry = { flow: this.#flowOf(segment), directions: [new Direction(), new Direction()], closed: false };
    }
    // The map's order is that of last use.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.limits.flows) this.forget(this.#oldest());
    if (!entry.closed) this.#follow(entry, segment);
  }

  /** Gives a connection up: what comes of it later is taken for a new one. */
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

  #flowOf({ source, destination, sourcePort, destinationPort, flags, timeNs }: Segment): Flow {
    const opener = (flags & Flag.syn) === 0 ? null : (flags & Flag.ack) === 0 ? 0 : 1;
    return {
      id: this.#count++,
      ends: [source, destination],
      ports: [sourcePort, destinationPort],
      opener,
      startNs: timeNs,
    };
  }

  #follow(entry: Entry, segment: Segment): void {
    const from = sideOf(entry, segment);
    const own = entry.directions[from];
    const other = entry.directions[from === 0 ? 1 : 0];
    const before = own.pendingBytes + other.pendingBytes;
    // What the receiver acknowledges it has read, whether or not the capture has it: do not wait for it.
    if ((segment.flags & Flag.ack) !== 0 && (segment.flags & Flag.rst) === 0) {
      this.#emit(entry, from === 0 ? 1 : 0, segment.timeNs, other.acknowledged(segment.ack));
      const unseen = segment.payload.length === 0 ? 0 : other.unseen(segment.ack);
      if (unseen > 0) this.listener.onUnseen(entry.flow, unseen);
    }
    this.#emit(entry, from, segment.timeNs, own.add(segment));
    this.#pending += own.pendingBytes + other.pendingBytes - before;
    if (this.#pending > this.limits.pendingBytes) {
      this.#pending -= own.pendingBytes;
      this.#emit(entry, from, segment.timeNs, own.flush());
    }
    // Behind a reset of one end, what the other had sent may still be on its way.
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
      this.#emit(entry, side, null, direction.flush());
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

/** A SYN with another start than the one seen means that the same ports were used again. */
function isReplaced(entry: Entry, segment: Segment): boolean {
  const opens = (segment.flags & (Flag.syn | Flag.ack)) === Flag.syn;
  return opens && entry.directions[sideOf(entry, segment)].startsElsewhere(segment.seq);
}

const keyOf = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);

const sideOf = ({ flow }: Entry, { source }: Segment): 0 | 1 => (source === flow.ends[0] ? 0 : 1);
