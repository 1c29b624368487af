/**
 * Puts TCP segments back into the byte streams that the two ends of a connection read: ordered by sequence number,
 * without retransmissions (what came first wins), with what the capture lacks marked as a gap.
 */
import { Flag, type Segment } from "./pcap.js";

/** Which end sent something. The client is the end that opened the connection. */
export type Side = "client" | "server";

/** The next thing that one end sent. */
export interface FlowEvent {
  from: Side;
  timeNs: bigint;
  /** Payload; empty for an end. */
  bytes: Uint8Array;
  /** How many bytes before these the capture lacks; 0 as a rule. */
  gap: number;
  /** Whether this side ended its stream here, and how. */
  end: "fin" | "reset" | null;
}

/** One TCP connection. */
export interface Flow {
  /** "ip:port" of the end that opened the connection. */
  client: string;
  server: string;
  /** In the order in which the bytes became readable to the other end. */
  events: FlowEvent[];
}

/** All TCP connections of a capture, in order of their first segment. */
export function flowsOf(segments: readonly Segment[]): Flow[] {
  const flows: FlowBuilder[] = [];
  const current = new Map<string, FlowBuilder>();
  for (const segment of segments) {
    const { source, destination } = segment;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    let flow = current.get(key);
    if (flow === undefined || flow.isReplacedBy(segment)) {
      flow = new FlowBuilder(segment);
      current.set(key, flow);
      flows.push(flow);
    }
    flow.add(segment);
  }
  return flows.map((flow) => flow.finish());
}

/** The bytes of one side of a flow in one piece; gaps are left out. */
export function streamOf(flow: Flow, side: Side): Uint8Array {
  const parts = flow.events.filter((event) => event.from === side).map((event) => event.bytes);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

class FlowBuilder {
  private readonly flow: Flow;
  private readonly client = new Direction();
  private readonly server = new Direction();

  constructor(first: Segment) {
    const fromClient = sentByClient(first);
    const [client, server] = fromClient
      ? [first.source, first.destination]
      : [first.destination, first.source];
    this.flow = { client, server, events: [] };
  }

  /** A SYN with another start than the one seen means that the same ports were used again. */
  isReplacedBy(segment: Segment): boolean {
    const opens = (segment.flags & (Flag.syn | Flag.ack)) === Flag.syn;
    return opens && this.directionOf(segment).startsElsewhere(segment.seq);
  }

  add(segment: Segment): void {
    const direction = this.directionOf(segment);
    const from: Side = direction === this.client ? "client" : "server";
    const other = direction === this.client ? this.server : this.client;
    // What the receiver acknowledges it has read, whether or not the capture has it: do not wait for it.
    if ((segment.flags & Flag.ack) !== 0 && (segment.flags & Flag.rst) === 0) {
      const sender: Side = from === "client" ? "server" : "client";
      for (const piece of other.acknowledged(segment.ack)) this.emit(sender, segment, piece);
    }
    for (const piece of direction.add(segment)) this.emit(from, segment, piece);
  }

  finish(): Flow {
    for (const [side, direction] of [
      ["client", this.client],
      ["server", this.server],
    ] as const) {
      for (const piece of direction.flush()) this.emit(side, piece, piece);
    }
    return this.flow;
  }

  private directionOf(segment: Segment): Direction {
    return segment.source === this.flow.client ? this.client : this.server;
  }

  private emit(from: Side, { timeNs }: { timeNs: bigint }, { bytes, gap, end }: Piece): void {
    this.flow.events.push({ from, timeNs, bytes, gap, end });
  }
}

/** Without the handshake in the capture, the end with the lower port is taken for the server. */
function sentByClient({ flags, sourcePort, destinationPort }: Segment): boolean {
  if ((flags & Flag.syn) !== 0) return (flags & Flag.ack) === 0;
  return sourcePort > destinationPort;
}

interface Piece {
  seq: number;
  timeNs: bigint;
  bytes: Uint8Array;
  gap: number;
  end: FlowEvent["end"];
}

/** One direction of a connection: the next sequence number, and what came before its turn. */
class Direction {
  private start: number | null = null;
  private next = 0;
  private pending: Piece[] = [];
  private pendingBytes = 0;
  private ended = false;

  startsElsewhere(seq: number): boolean {
    return this.start !== null && this.start !== seq;
  }

  add({ seq, flags, payload, timeNs }: Segment): Piece[] {
    const syn = (flags & Flag.syn) !== 0;
    if (this.start === null) {
      this.start = seq;
      this.next = syn ? (seq + 1) >>> 0 : seq;
    }
    if (this.ended) return [];
    if ((flags & Flag.rst) !== 0) {
      const held = this.flush();
      this.ended = true;
      return [...held, { seq, timeNs, bytes: payload.subarray(0, 0), gap: 0, end: "reset" }];
    }
    const end = (flags & Flag.fin) !== 0 ? "fin" : null;
    if (payload.length === 0 && end === null) return [];
    this.pending.push({ seq: syn ? (seq + 1) >>> 0 : seq, timeNs, bytes: payload, gap: 0, end });
    this.pendingBytes += payload.length;
    const ready = this.drain();
    // A receiver's window bounds what can be in flight; a capture without the missing piece must not grow for ever.
    const tooMuch = this.pendingBytes > MAX_PENDING_BYTES || this.pending.length > MAX_PENDING_SEGMENTS;
    return tooMuch ? [...ready, ...this.flush()] : ready;
  }

  /** The other end has everything before `ack`. */
  acknowledged(ack: number): Piece[] {
    const out: Piece[] = [];
    while (this.pending.length > 0 && distance(this.next, ack) > 0) {
      const held = this.pending.length;
      out.push(...this.skipGap());
      if (this.pending.length === held) break;
    }
    return out;
  }

  /** Gives up waiting: everything held, with its gaps marked. */
  flush(): Piece[] {
    const out: Piece[] = [];
    while (this.pending.length > 0) out.push(...this.skipGap());
    return out;
  }

  private skipGap(): Piece[] {
    const first = this.pending.reduce((a, b) => (distance(a.seq, b.seq) < 0 ? b : a));
    const gap = Math.max(0, distance(this.next, first.seq));
    this.next = (this.next + gap) >>> 0;
    const out = this.drain();
    if (out[0] !== undefined) out[0] = { ...out[0], gap };
    return out;
  }

  /** Takes out what continues the stream, cutting off what was there before. */
  private drain(): Piece[] {
    const out: Piece[] = [];
    for (;;) {
      const index = this.pending.findIndex((piece) => distance(this.next, piece.seq) <= 0);
      const [piece] = index < 0 ? [] : this.pending.splice(index, 1);
      if (piece === undefined) return out;
      this.pendingBytes -= piece.bytes.length;
      const known = -distance(this.next, piece.seq);
      const bytes = piece.bytes.subarray(Math.min(known, piece.bytes.length));
      this.next = (this.next + bytes.length) >>> 0;
      const ends = piece.end !== null && known <= piece.bytes.length;
      if (bytes.length > 0 || ends) out.push({ ...piece, bytes, end: ends ? piece.end : null });
      if (ends) {
        this.ended = true;
        this.pending = [];
        this.pendingBytes = 0;
      }
    }
  }
}

/** How far `to` lies behind `from` in the circle of sequence numbers; negative when it lies before. */
const distance = (from: number, to: number): number => (to - from) | 0;

/** 1 GiB may be in flight (RFC 7323 2.3); Linux opens a window of 6 MiB at most (tcp_rmem), doubled to be safe. */
const MAX_PENDING_BYTES = 12 * 1024 * 1024;
/** That many bytes in segments of an Ethernet frame each, and few enough to be searched one by one. */
const MAX_PENDING_SEGMENTS = 8192;
