/** A capture file of either format, from its bytes to TCP segments. */
import { isGzip, unzipped } from "./gzip.js";
import { type Segment, tcpSegment } from "./ip.js";
import { ipPacket } from "./link.js";
import { isPcap, type Packet, readPcap } from "./pcap.js";
import { readPcapng, SECTION } from "./pcapng.js";
import { viewOf } from "./bytes.js";
import { CaptureError, Source } from "./source.js";

/** What a capture has besides TCP segments. */
export interface CaptureCounts {
  packets: number;
  /** Frames that were left out, by reason. */
  leftOut: Map<string, number>;
}

/** Whether a file that begins with these bytes (four at least) is a capture. */
export function isCapture(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  const magic = viewOf(start).getUint32(0, true);
  return magic === SECTION || isPcap(magic);
}

/**
 * What kind of input a file is.
 * @param name its extension says so, unless the first bytes do
 * @param start its first bytes, four at least if there are so many
 */
export function kindOf(name: string, start: Uint8Array): "capture" | "transcript" {
  if (isCapture(start) || isGzip(start)) return "capture";
  if (/\.(?:md|markdown|txt)$/i.test(name)) return "transcript";
  if (/\.(?:pcap|pcapng|cap)(?:\.gz)?$/i.test(name)) return "capture";
  return isText(start) ? "transcript" : "capture";
}

/** No capture begins with four of these. */
const isText = (start: Uint8Array): boolean =>
  start.length >= 4 && start.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);

/**
 * The TCP segments of a capture in its order.
 * @param counts is updated as packets are read
 * @throws CaptureError, after the segments that were readable
 */
export async function* segmentsOf(
  chunks: AsyncIterable<Uint8Array>,
  counts: CaptureCounts,
): AsyncGenerator<Segment> {
  const source = new Source(unzipped(chunks));
  try {
    for await (const packet of packetsOf(source)) {
      counts.packets++;
      const ip = ipPacket(packet.bytes, packet.linkType);
      const segment = typeof ip === "string" ? ip : tcpSegment(ip, packet.number, packet.timeNs);
      if (typeof segment !== "string") yield segment;
      else counts.leftOut.set(segment, (counts.leftOut.get(segment) ?? 0) + 1);
    }
  } finally {
    await source.close();
  }
}

/** @throws CaptureError */
async function* packetsOf(source: Source): AsyncGenerator<Packet> {
  const start = await source.take(4);
  if (start.length < 4) throw new CaptureError("not a capture: too short for a magic number", 0, 0);
  const magic = viewOf(start).getUint32(0, true);
  if (magic === SECTION) yield* readPcapng(start, source);
  else if (isPcap(magic)) yield* readPcap(start, source);
  else throw new CaptureError("not a capture: no pcap or pcapng magic number", 0, 0);
}
