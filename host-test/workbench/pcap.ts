/** Classic capture files (draft-ietf-opsawg-pcap): either byte order, micro- or nanoseconds. */
import { isRead } from "./link.js";
import { viewOf } from "./bytes.js";
import { CaptureError, type Source } from "./source.js";

/** One captured frame. */
export interface Packet {
  /** From 1, as Wireshark numbers them. */
  number: number;
  /** Of the packet's record in the file, in bytes. */
  offset: number;
  /** Time of capture in nanoseconds since 1970. */
  timeNs: bigint;
  /** Of the tcpdump registry. */
  linkType: number;
  /** What was captured of the frame; a view. */
  bytes: Uint8Array;
}

/** No frame is longer: libpcap's MAXIMUM_SNAPLEN. A record with a longer one is damaged or hostile. */
export const LONGEST_FRAME = 262_144;

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** The magic number read as little endian: byte order and the unit of the second time field. */
const MAGIC = new Map([
  [0xa1b2c3d4, { little: true, fractionNs: 1000n }],
  [0xd4c3b2a1, { little: false, fractionNs: 1000n }],
  [0xa1b23c4d, { little: true, fractionNs: 1n }],
  [0x4d3cb2a1, { little: false, fractionNs: 1n }],
]);

/** Whether a file that begins with this number, read as little endian, is a classic capture. */
export const isPcap = (magic: number): boolean => MAGIC.has(magic);

/**
 * The packets of a capture.
 * @param start the first four bytes, already taken from `source`
 * @throws CaptureError, after the packets that were readable
 */
export async function* readPcap(start: Uint8Array, source: Source): AsyncGenerator<Packet> {
  const kind = MAGIC.get(viewOf(start).getUint32(0, true));
  if (kind === undefined) throw new CaptureError("not a pcap magic number", 0, 0);
  const { little, fractionNs } = kind;
  const rest = await source.take(FILE_HEADER - 4);
  if (rest.length < FILE_HEADER - 4) {
    throw new CaptureError(`the file ends after ${source.offset} of ${FILE_HEADER} bytes`, 0, 0);
  }
  const header = viewOf(rest);
  const version = header.getUint16(0, little);
  if (version !== 2)
    throw new CaptureError(`version ${version} of the format is not supported, only 2`, 0, 0);
  // The upper bits carry the length of frame check sequences (draft-ietf-opsawg-pcap 4).
  const linkType = header.getUint32(16, little) & 0xffff;
  if (!isRead(linkType)) throw new CaptureError(`link type ${linkType} is not supported`, 0, 0);

  for (let number = 1; ; number++) {
    const offset = source.offset;
    const record = source.takeNow(RECORD_HEADER) ?? (await source.take(RECORD_HEADER));
    if (record.length === 0) return;
    if (record.length < RECORD_HEADER) {
      throw new CaptureError(`the file ends after ${record.length} of 16 bytes of a header`, number, offset);
    }
    const view = viewOf(record);
    const length = view.getUint32(8, little);
    if (length > LONGEST_FRAME) {
      throw new CaptureError(`a length of ${length} bytes; the maximum is ${LONGEST_FRAME}`, number, offset);
    }
    const bytes = source.takeNow(length) ?? (await source.take(length));
    if (bytes.length < length) {
      throw new CaptureError(`the file ends after ${bytes.length} of ${length} bytes`, number, offset);
    }
    const seconds = BigInt(view.getUint32(0, little));
    const timeNs = seconds * 1_000_000_000n + BigInt(view.getUint32(4, little)) * fractionNs;
    yield { number, offset, timeNs, linkType, bytes };
  }
}
