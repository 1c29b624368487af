/** Capture files of the newer format (draft-ietf-opsawg-pcapng): sections of either byte order, blocks of any type. */
import { LONGEST_FRAME, type Packet } from "./pcap.js";
import { viewOf } from "./bytes.js";
import { CaptureError, type Source } from "./source.js";

/** Type of a section header block, the same in both byte orders: how such a file begins. */
export const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** Types of blocks that are read. */
const READ: ReadonlySet<number> = new Set([INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET]);
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Longest block that is read: a frame, its header, and options of up to 64 KiB each, more than anybody writes. */
const LONGEST_BLOCK = LONGEST_FRAME + 2 * 65_536;
/** Interfaces of one section; a machine has some dozens. */
const MOST_INTERFACES = 4096;

interface Interface {
  linkType: number;
  snapLength: number;
  /** Units of time in a second. */
  unitsPerSecond: bigint;
  offsetSeconds: bigint;
}

/**
 * The packets of a capture; blocks without packets are skipped.
 * @param start the first four bytes, already taken from `source`
 * @throws CaptureError, after the packets that were readable
 */
export async function* readPcapng(start: Uint8Array, source: Source): AsyncGenerator<Packet> {
  let section: Section = { little: true, interfaces: [] };
  let number = 0;
  let timeNs = 0n;
  let typeBytes = start;
  for (let offset = 0; ; offset = source.offset) {
    const fail = (what: string): CaptureError =>
      new CaptureError(what, offset === 0 ? 0 : number + 1, offset);
    if (offset > 0) typeBytes = source.takeNow(4) ?? (await source.take(4));
    if (typeBytes.length === 0) return;
    const lengthBytes = source.takeNow(4) ?? (await source.take(4));
    if (lengthBytes.length < 4) throw fail(`the file ends in the header of a block`);
    const isSection = viewOf(typeBytes).getUint32(0, true) === SECTION;
    if (isSection) section = await sectionOf(source, fail);
    const { little, interfaces } = section;
    const type = viewOf(typeBytes).getUint32(0, little);
    const length = viewOf(lengthBytes).getUint32(0, little);
    const least = isSection ? 28 : 12;
    if (length % 4 !== 0 || length < least) throw fail(`a block of ${length} bytes, an impossible length`);
    const isWanted = !isSection && READ.has(type);
    const bytes = await bodyOf(source, length, isSection ? 12 : 8, isWanted, fail);
    const trailer = source.takeNow(4) ?? (await source.take(4));
    if (trailer.length < 4) throw fail("the file ends before the length at the end of a block");
    const again = viewOf(trailer).getUint32(0, little);
    if (again !== length) throw fail(`a block of ${length} bytes that ends with the length ${again}`);
    if (bytes === null) continue;
    if (type === INTERFACE) {
      if (interfaces.length >= MOST_INTERFACES) throw fail(`more than ${MOST_INTERFACES} interfaces`);
      interfaces.push(interfaceOf(bytes, little, fail));
      continue;
    }
    number++;
    const failPacket = (what: string): CaptureError => new CaptureError(what, number, offset);
    const found = frameOf(type, bytes, little, interfaces, failPacket);
    timeNs = found.timeNs ?? timeNs;
    yield { number, offset, timeNs, linkType: found.linkType, bytes: found.frame };
  }
}

/** What holds until the next section header. */
interface Section {
  little: boolean;
  interfaces: Interface[];
}

type Fail = (what: string) => CaptureError;

/** Reads the byte order of a section, after type and length of its header. */
async function sectionOf(source: Source, fail: Fail): Promise<Section> {
  const magic = await source.take(4);
  if (magic.length < 4) throw fail("the file ends in a section header");
  const little = viewOf(magic).getUint32(0, true) === BYTE_ORDER_MAGIC;
  if (!little && viewOf(magic).getUint32(0) !== BYTE_ORDER_MAGIC) {
    throw fail("a section header without its byte order magic");
  }
  return { little, interfaces: [] };
}

/** @param taken bytes of the block that were read @returns what is in it, null when it was passed over */
async function bodyOf(
  source: Source,
  length: number,
  taken: number,
  isWanted: boolean,
  fail: Fail,
): Promise<Uint8Array | null> {
  const size = length - taken - 4;
  if (isWanted) {
    if (length > LONGEST_BLOCK) throw fail(`a block of ${length} bytes; the maximum is ${LONGEST_BLOCK}`);
    const bytes = source.takeNow(size) ?? (await source.take(size));
    if (bytes.length < size) throw fail(`the file ends after ${bytes.length} of ${size} bytes of a block`);
    return bytes;
  }
  const skipped = await source.skip(size);
  if (skipped < size) throw fail(`the file ends after ${skipped} of ${size} bytes of a block`);
  return null;
}

function interfaceOf(body: Uint8Array, little: boolean, fail: Fail): Interface {
  const view = viewOf(body);
  if (body.length < 8) throw fail("an interface description that is too short");
  const described: Interface = {
    linkType: view.getUint16(0, little),
    snapLength: view.getUint32(4, little),
    unitsPerSecond: 1_000_000n,
    offsetSeconds: 0n,
  };
  for (let at = 8; at + 4 <= body.length;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0) break;
    if (at + 4 + length > body.length) throw fail("an option that is longer than its block");
    // if_tsresol: a negative power of 10, or of 2 when the top bit is set.
    if (code === 9 && length === 1) {
      const value = view.getUint8(at + 4);
      const power = value & 0x7f;
      if (power > 63) throw fail(`a time resolution of ${value}`);
      described.unitsPerSecond = (value & 0x80) === 0 ? 10n ** BigInt(power) : 1n << BigInt(power);
    }
    if (code === 14 && length === 8) described.offsetSeconds = view.getBigInt64(at + 4, little);
    at += 4 + length + (-length & 3);
  }
  return described;
}

interface Frame {
  frame: Uint8Array;
  linkType: number;
  /** Null where the block has none. */
  timeNs: bigint | null;
}

function frameOf(
  type: number,
  body: Uint8Array,
  little: boolean,
  interfaces: readonly Interface[],
  fail: Fail,
): Frame {
  const view = viewOf(body);
  const header = type === SIMPLE_PACKET ? 4 : 20;
  if (body.length < header) throw fail("a packet block that is too short");
  const index =
    type === SIMPLE_PACKET ? 0 : type === OLD_PACKET ? view.getUint16(0, little) : view.getUint32(0, little);
  const source = interfaces[index];
  if (source === undefined) throw fail(`interface ${index} is not described`);
  if (type === SIMPLE_PACKET) {
    const original = view.getUint32(0, little);
    const length = Math.min(original, source.snapLength || original);
    if (length > body.length - header) throw fail(`a frame of ${length} bytes in a block of ${body.length}`);
    return { frame: body.subarray(header, header + length), linkType: source.linkType, timeNs: null };
  }
  const length = view.getUint32(12, little);
  if (length > body.length - header) throw fail(`a frame of ${length} bytes in a block of ${body.length}`);
  const units = (BigInt(view.getUint32(4, little)) << 32n) | BigInt(view.getUint32(8, little));
  const timeNs = source.offsetSeconds * 1_000_000_000n + (units * 1_000_000_000n) / source.unitsPerSecond;
  return { frame: body.subarray(header, header + length), linkType: source.linkType, timeNs };
}
