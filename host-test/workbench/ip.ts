/** From an IP packet to a TCP segment. Fragments are counted, not reassembled: SMTP hosts do not send any. */
import type { LeftOut } from "./link.js";
import { viewOf } from "./bytes.js";

/** One TCP segment. */
export interface Segment {
  /** Number of its packet. */
  packet: number;
  timeNs: bigint;
  /** "ip:port"; IPv6 in brackets, as RFC 5952 writes it. */
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** Bits of the TCP header, see `Flag`. */
  flags: number;
  /** What was captured of the payload; a view. */
  payload: Uint8Array;
  /** Bytes of payload that were sent, also those that were not captured. */
  length: number;
}

/** TCP header bits (RFC 9293 3.1) that matter for following a stream. */
export const Flag = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

const TCP = 6;

/** The TCP segment in an IP packet, or why there is none. */
export function tcpSegment(ip: Uint8Array, packet: number, timeNs: bigint): Segment | LeftOut {
  if (ip.length < 20) return "damaged frame";
  const version = (ip[0] as number) >> 4;
  const transport = version === 4 ? ofIpv4(ip) : version === 6 ? ofIpv6(ip) : "not IP";
  if (typeof transport === "string") return transport;
  const { tcp, length } = transport;
  if (tcp.length < 20) return "damaged frame";
  const view = viewOf(tcp);
  const header = (view.getUint8(12) >> 4) * 4;
  if (header < 20 || header > tcp.length || header > length) return "damaged frame";
  const [sourcePort, destinationPort] = [view.getUint16(0), view.getUint16(2)];
  return {
    packet,
    timeNs,
    source: `${transport.source}:${sourcePort}`,
    destination: `${transport.destination}:${destinationPort}`,
    sourcePort,
    destinationPort,
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint8(13),
    payload: tcp.subarray(header),
    length: length - header,
  };
}

interface Transport {
  source: string;
  destination: string;
  /** What was captured of the segment. */
  tcp: Uint8Array;
  /** Bytes of the segment as it was sent. */
  length: number;
}

function ofIpv4(ip: Uint8Array): Transport | LeftOut {
  const view = viewOf(ip);
  const header = ((ip[0] as number) & 0x0f) * 4;
  if (header < 20 || header > ip.length) return "damaged frame";
  // More fragments, or an offset: a part of a packet.
  if ((view.getUint16(6) & 0x3fff) !== 0) return "IP fragment";
  if (ip[9] !== TCP) return "not TCP";
  // Segmentation offload leaves 0 in the length field: then the frame's own length counts.
  const total = view.getUint16(2) || ip.length;
  if (total < header) return "damaged frame";
  return {
    source: ip.subarray(12, 16).join("."),
    destination: ip.subarray(16, 20).join("."),
    tcp: ip.subarray(header, total),
    length: total - header,
  };
}

function ofIpv6(ip: Uint8Array): Transport | LeftOut {
  if (ip.length < 40) return "damaged frame";
  const view = viewOf(ip);
  const end = 40 + (view.getUint16(4) || ip.length - 40);
  let next = ip[6] as number;
  let at = 40;
  while (
    next === HOP_BY_HOP ||
    next === ROUTING ||
    next === DESTINATION ||
    next === FRAGMENT ||
    next === AH
  ) {
    if (at + 8 > ip.length) return "damaged frame";
    // An "atomic fragment" (RFC 6946) is the whole packet.
    if (next === FRAGMENT && (view.getUint16(at + 2) & 0xfff9) !== 0) return "IP fragment";
    const size = ip[at + 1] as number;
    const length = next === FRAGMENT ? 8 : next === AH ? 4 * (size + 2) : 8 * (size + 1);
    next = ip[at] as number;
    at += length;
  }
  if (next !== TCP) return "not TCP";
  if (at > ip.length || at > end) return "damaged frame";
  return { source: ipv6(view, 8), destination: ipv6(view, 24), tcp: ip.subarray(at, end), length: end - at };
}

/** Extension headers (RFC 8200 4, RFC 4302). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AH = 51;
const DESTINATION = 60;

/** In brackets; the longest run of zero groups becomes "::" (RFC 5952 4.2). */
function ipv6(view: DataView, at: number): string {
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((offset) => view.getUint16(at + offset).toString(16));
  const text = groups.join(":");
  let longest = "";
  for (const [run] of text.matchAll(/\b0(?::0\b)+/g)) if (run.length > longest.length) longest = run;
  if (longest === "") return `[${text}]`;
  const from = text.search(new RegExp(`(?:^|:)${longest}(?:$|:)`));
  const start = text[from] === ":" ? from + 1 : from;
  const before = text.slice(0, start).replace(/:$/, "");
  const after = text.slice(start + longest.length).replace(/^:/, "");
  return `[${before}::${after}]`;
}
