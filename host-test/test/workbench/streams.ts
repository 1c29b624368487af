/** The byte streams of a capture, as the workbench puts them together; and captures made byte by byte. */
import { segmentsOf, type CaptureCounts } from "../../workbench/capture.js";
import { newCounts } from "../../workbench/sessions.js";
import { CaptureError } from "../../workbench/source.js";
import { ipv4Packet, type Sent, tcp } from "../support/packets.js";
import { type Flow, type FlowEvent, type FlowLimits, FLOW_LIMITS, Flows } from "../../workbench/tcp.js";

/** One connection: all that its two ends said, in the order in which it became readable. */
export class Streams {
  readonly events: FlowEvent[] = [];

  constructor(readonly flow: Flow) {}

  /** What each end sent; gaps are left out. */
  get sent(): [Uint8Array, Uint8Array] {
    const by = (end: 0 | 1): Uint8Array =>
      new Uint8Array(Buffer.concat(this.events.filter(({ from }) => from === end).map(({ bytes }) => bytes)));
    return [by(0), by(1)];
  }

  get gaps(): number[] {
    return this.events.map(({ gap }) => gap).filter((gap) => gap > 0);
  }

  get ends(): string[] {
    return this.events.flatMap(({ from, end }) => (end === null ? [] : [`${from} ${end}`]));
  }

  /** The end that opened the connection; without the handshake in the capture, the one with the higher port. */
  get client(): 0 | 1 {
    const [first, second] = this.flow.ports;
    return this.flow.opener ?? (first > second ? 0 : 1);
  }

  get server(): 0 | 1 {
    return this.client === 0 ? 1 : 0;
  }
}

/** All streams of a capture. @throws CaptureError, with what was readable in `into` */
export async function streamsOf(
  chunks: AsyncIterable<Uint8Array>,
  counts: CaptureCounts = newCounts(),
  into: Streams[] = [],
  limits: FlowLimits = FLOW_LIMITS,
): Promise<Streams[]> {
  const of = (flow: Flow): Streams => (into[flow.id] ??= new Streams(flow));
  const flows = new Flows(
    {
      onEvent: (event) => void of(event.flow).events.push({ ...event, bytes: event.bytes.slice() }),
      onDoubt() {},
      onClose: (flow) => void of(flow),
    },
    limits,
  );
  try {
    for await (const segment of segmentsOf(chunks, counts)) flows.add(segment);
  } finally {
    while (flows.endNext());
  }
  return into;
}

/** Bytes in pieces of `size`, as a file might be read. */
export async function* chunked(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Each connection's first and second end, what they sent, gaps and ends; then why reading stopped. */
export async function read(file: Uint8Array, size?: number, limits?: FlowLimits) {
  const found: Streams[] = [];
  const counts = newCounts();
  let error: string | null = null;
  try {
    await streamsOf(chunked(file, size), counts, found, limits);
  } catch (thrown) {
    if (!(thrown instanceof CaptureError)) throw thrown;
    error = thrown.message;
  }
  const sent = found.map((each) => each.sent.map(text));
  return { found, sent, error, counts, leftOut: Object.fromEntries(counts.leftOut) };
}

export type { Sent } from "../support/packets.js";

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
export const little32 = (value: number): number[] => u32(value).reverse();
const little16 = (value: number): number[] => u16(value).reverse();

export const ipv4 = (sent: Sent): number[] => [...ipv4Packet(sent)];

/** With a hop-by-hop header between IPv6 and TCP: 2001:db8::1 and ::2. */
export function ipv6(sent: Sent): number[] {
  const payload = [6, 0, 1, 4, 0, 0, 0, 0, ...tcp(sent)];
  const host = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), last];
  const [from, to] = sent.from === "client" ? [host(1), host(2)] : [host(2), host(1)];
  return [0x60, 0, 0, 0, ...u16(payload.length), 0, 64, ...from, ...to, ...payload];
}

export const RAW = 101;

/** A little endian microsecond capture; all frames at second 1, microsecond 2. */
export function pcap(linkType: number, frames: number[][]): Uint8Array {
  const header = [...little32(0xa1b2c3d4), 2, 0, 4, 0, ...new Array<number>(8).fill(0), ...little32(65535)];
  const records = frames.flatMap((frame) => {
    const length = little32(frame.length);
    return [...little32(1), ...little32(2), ...length, ...length, ...frame];
  });
  return Uint8Array.from([...header, ...little32(linkType), ...records]);
}

/** The same in big endian, with nanoseconds. */
export function bigPcap(linkType: number, frames: number[][]): Uint8Array {
  const header = [...u32(0xa1b23c4d), 0, 2, 0, 4, ...new Array<number>(8).fill(0), ...u32(65535)];
  const records = frames.flatMap((frame) => {
    return [...u32(1), ...u32(2), ...u32(frame.length), ...u32(frame.length), ...frame];
  });
  return Uint8Array.from([...header, ...u32(linkType), ...records]);
}

/** Blocks of a pcapng file, little or big endian. */
export function blocks(little: boolean) {
  const n32 = little ? little32 : u32;
  const n16 = little ? little16 : u16;
  const block = (type: number, body: number[]): number[] => {
    const padded = [...body, ...new Array<number>(-body.length & 3).fill(0)];
    const length = n32(12 + padded.length);
    return [...n32(type), ...length, ...padded, ...length];
  };
  return {
    block,
    section: (): number[] =>
      block(0x0a0d0d0a, [...n32(0x1a2b3c4d), ...n16(1), ...n16(0), ...new Array<number>(8).fill(0xff)]),
    /** @param resolution if_tsresol */
    description: (linkType: number, resolution?: number, snapLength = 0): number[] => {
      const options = resolution === undefined ? [] : [...n16(9), ...n16(1), resolution, 0, 0, 0, ...n32(0)];
      return block(1, [...n16(linkType), ...n16(0), ...n32(snapLength), ...options]);
    },
    enhanced: (frame: number[], time: [number, number], index = 0): number[] =>
      block(6, [
        ...n32(index),
        ...n32(time[0]),
        ...n32(time[1]),
        ...n32(frame.length),
        ...n32(frame.length),
        ...frame,
      ]),
    simple: (frame: number[]): number[] => block(3, [...n32(frame.length), ...frame]),
    old: (frame: number[], time: [number, number]): number[] =>
      block(2, [
        ...n16(0),
        ...n16(0),
        ...n32(time[0]),
        ...n32(time[1]),
        ...n32(frame.length),
        ...n32(frame.length),
        ...frame,
      ]),
  };
}
