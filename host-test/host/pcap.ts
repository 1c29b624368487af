/**
 * Reads TCP segments out of a capture file: classic pcap, either byte order, micro- or nanoseconds; Ethernet with
 * VLAN tags, raw IP, BSD loopback and Linux cooked captures; IPv4 and IPv6. A capture is hostile input: every length
 * is checked, what cannot be read is counted and left out, and nothing is copied that need not be.
 */

/** One TCP segment with or without payload. */
export interface Segment {
  /** Time of capture in nanoseconds since 1970. */
  timeNs: bigint;
  /** "ip:port"; IPv6 in brackets. */
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** Bits of the TCP header, see `Flag`. */
  flags: number;
  /** A view into the file. */
  payload: Uint8Array;
}

/** TCP header bits (RFC 9293 3.1) that matter for following a stream. */
export const Flag = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/** What a capture file holds. */
export interface Capture {
  segments: Segment[];
  /** Frames that are no whole TCP segment: other protocols, IP fragments, damage. */
  otherFrames: number;
  /** The file ends in the middle of a frame. */
  truncated: boolean;
}

/** Thrown when the file is no capture at all, or of a kind that is not read; the message says what to do. */
export class NotACapture extends Error {}

/**
 * Reads a whole capture file.
 * @throws NotACapture
 */
export function readPcap(file: Uint8Array): Capture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < FILE_HEADER) throw new NotACapture("not a capture file: shorter than its header");
  const magic = view.getUint32(0, true);
  if (magic === 0x0a0d0d0a) {
    throw new NotACapture("a pcapng file; convert it first: editcap -F pcap in.pcapng out.pcap");
  }
  const kind = MAGIC.get(magic);
  if (kind === undefined) throw new NotACapture("not a capture file: no pcap magic number");
  const { little, fractionNs } = kind;
  // The upper bits carry the length of frame check sequences (draft-ietf-opsawg-pcap 4).
  const linkType = view.getUint32(20, little) & 0xffff;
  if (!LINK_TYPES.has(linkType)) throw new NotACapture(`link type ${linkType} is not read`);

  const capture: Capture = { segments: [], otherFrames: 0, truncated: false };
  let at = FILE_HEADER;
  while (at < file.length) {
    const length = at + RECORD_HEADER <= file.length ? view.getUint32(at + 8, little) : Infinity;
    if (length > file.length - at - RECORD_HEADER) {
      capture.truncated = true;
      break;
    }
    const seconds = BigInt(view.getUint32(at, little));
    const timeNs = seconds * 1_000_000_000n + BigInt(view.getUint32(at + 4, little)) * fractionNs;
    const frame = file.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    const segment = segmentOf(frame, linkType, timeNs);
    if (segment === null) capture.otherFrames++;
    else capture.segments.push(segment);
    at += RECORD_HEADER + length;
  }
  return capture;
}

/** Takes one frame apart down to TCP; null for everything else. */
function segmentOf(frame: Uint8Array, linkType: number, timeNs: bigint): Segment | null {
  try {
    const packet = ipPacket(frame, linkType);
    const transport = packet === null ? null : tcpOf(packet);
    return transport === null ? null : tcpSegment(transport, timeNs);
  } catch (error) {
    // A DataView refuses reads past its end: the frame is shorter than its own headers say.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function ipPacket(frame: Uint8Array, linkType: number): Uint8Array | null {
  const view = viewOf(frame);
  switch (linkType) {
    case Link.ethernet:
      return etherPayload(frame, 12);
    case Link.null:
    case Link.loop:
      return frame.subarray(4);
    case Link.cooked:
      return etherPayload(frame, 14);
    case Link.cooked2:
      return isIp(view.getUint16(0)) ? frame.subarray(20) : null;
    default:
      return frame;
  }
}

/** Skips VLAN tags (IEEE 802.1Q, 802.1ad) in front of the ether type at `at`. */
function etherPayload(frame: Uint8Array, at: number): Uint8Array | null {
  const view = viewOf(frame);
  let type = view.getUint16(at);
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    at += 4;
    type = view.getUint16(at);
  }
  return isIp(type) ? frame.subarray(at + 2) : null;
}

interface Transport {
  source: string;
  destination: string;
  tcp: Uint8Array;
}

function tcpOf(packet: Uint8Array): Transport | null {
  const view = viewOf(packet);
  const version = view.getUint8(0) >> 4;
  return version === 4 ? tcpOfIpv4(packet, view) : version === 6 ? tcpOfIpv6(packet, view) : null;
}

function tcpOfIpv4(packet: Uint8Array, view: DataView): Transport | null {
  const header = (view.getUint8(0) & 0x0f) * 4;
  const fragment = (view.getUint16(6) & 0x3fff) !== 0;
  if (header < 20 || fragment || view.getUint8(9) !== TCP) return null;
  // Segmentation offload leaves 0 in the length field: then the frame's own length counts.
  const total = view.getUint16(2) || packet.length;
  return {
    source: packet.subarray(12, 16).join("."),
    destination: packet.subarray(16, 20).join("."),
    tcp: packet.subarray(header, total),
  };
}

function tcpOfIpv6(packet: Uint8Array, view: DataView): Transport | null {
  const end = 40 + (view.getUint16(4) || packet.length);
  let next = view.getUint8(6);
  let at = 40;
  // Hop-by-hop options, routing and destination options all give their length in the second byte (RFC 8200 4.2).
  while (next === 0 || next === 43 || next === 60) {
    next = view.getUint8(at);
    at += 8 * (view.getUint8(at + 1) + 1);
  }
  if (next !== TCP) return null;
  return { source: ipv6(view, 8), destination: ipv6(view, 24), tcp: packet.subarray(at, end) };
}

function tcpSegment({ source, destination, tcp }: Transport, timeNs: bigint): Segment | null {
  const view = viewOf(tcp);
  const header = (view.getUint8(12) >> 4) * 4;
  if (header < 20 || header > tcp.length) return null;
  const [sourcePort, destinationPort] = [view.getUint16(0), view.getUint16(2)];
  return {
    timeNs,
    source: `${source}:${sourcePort}`,
    destination: `${destination}:${destinationPort}`,
    sourcePort,
    destinationPort,
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint8(13),
    payload: tcp.subarray(header),
  };
}

/** Uncompressed, in brackets: a name for a flow, not for people. */
function ipv6(view: DataView, at: number): string {
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((offset) => view.getUint16(at + offset).toString(16));
  return `[${groups.join(":")}]`;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const isIp = (etherType: number): boolean => etherType === 0x0800 || etherType === 0x86dd;

const TCP = 6;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** The magic number read as little endian: byte order and the unit of the second time field. */
const MAGIC = new Map([
  [0xa1b2c3d4, { little: true, fractionNs: 1000n }],
  [0xd4c3b2a1, { little: false, fractionNs: 1000n }],
  [0xa1b23c4d, { little: true, fractionNs: 1n }],
  [0x4d3cb2a1, { little: false, fractionNs: 1n }],
]);

/** Link types of the tcpdump registry that are read; 12, 14, 101, 228 and 229 are bare IP packets. */
const Link = { null: 0, ethernet: 1, loop: 108, cooked: 113, cooked2: 276 } as const;
const LINK_TYPES = new Set<number>([...Object.values(Link), 12, 14, 101, 228, 229]);
