/** What messages Envoy's configuration has, read out of its binary, which carries the descriptors of all its protos. */

/** Fields of one message, by name. */
export interface Message {
  fields: Map<string, Field>;
  /** It is how protobuf writes a map; `value` is what is in it. */
  isMap: boolean;
}

export interface Field {
  /** The message that the field holds, such as "envoy.config.core.v3.Address"; empty for what is none. */
  type: string;
}

/** A field on the wire: number and payload, a number for varints. */
type Wire = [number, Buffer | number];

/** @param binary Envoy, as a file. @returns every message by its full name */
export function messagesOf(binary: Buffer): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (let at = binary.indexOf(SUFFIX); at >= 0; at = binary.indexOf(SUFFIX, at + 1)) {
    const start = startOf(binary, at + SUFFIX.length);
    if (start < 0) continue;
    const file = wires(binary.subarray(start, start + LARGEST), true);
    const name = textOf(file, 2);
    for (const [number, payload] of file) if (number === 4) readMessage(messages, name, payload as Buffer);
  }
  return messages;
}

/** A FileDescriptorProto begins with its name: field 1, length, text (descriptor.proto). */
function startOf(binary: Buffer, end: number): number {
  for (let length = SUFFIX.length; length < 128; length++) {
    const start = end - length - 2;
    if (start < 0) return -1;
    if (binary[start] === 0x0a && binary[start + 1] === length) {
      return /^[a-z][a-z0-9_/]+\.proto$/.test(binary.toString("latin1", start + 2, end)) ? start : -1;
    }
  }
  return -1;
}

function readMessage(messages: Map<string, Message>, prefix: string, bytes: Buffer): void {
  const inside = wires(bytes, false);
  const name = `${prefix}.${textOf(inside, 1)}`;
  const fields = new Map<string, Field>();
  let isMap = false;
  for (const [number, payload] of inside) {
    if (typeof payload === "number") continue;
    if (number === 2) {
      const field = wires(payload, false);
      fields.set(textOf(field, 1), { type: textOf(field, 6).slice(1) });
    } else if (number === 3) readMessage(messages, name, payload);
    // MessageOptions.map_entry
    else if (number === 7) isMap = wires(payload, false).some(([option, on]) => option === 7 && on === 1);
  }
  messages.set(name, { fields, isMap });
}

const textOf = (found: Wire[], wanted: number): string => {
  const payload = found.find(([number]) => number === wanted)?.[1];
  return Buffer.isBuffer(payload) ? payload.toString("latin1") : "";
};

/** @param open there is something else after the message: it ends at "syntax", or where a file has no such field */
function wires(bytes: Buffer, open: boolean): Wire[] {
  const found: Wire[] = [];
  for (let at = 0; at < bytes.length;) {
    const [key, rest] = varint(bytes, at);
    const [number, kind] = [key >>> 3, key & 7];
    if (open && (!FILE_FIELDS.includes(number) || (number === 1 && at > 0))) break;
    const [value, next] = varint(bytes, rest);
    if (kind !== 0 && kind !== 2) break;
    found.push([number, kind === 0 ? value : bytes.subarray(next, next + value)]);
    at = kind === 0 ? next : next + value;
    if (open && number === 12) break;
  }
  return found;
}

function varint(bytes: Buffer, at: number): [number, number] {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7, next++) {
    const octet = bytes[next] ?? 0;
    value += (octet & 0x7f) * 2 ** shift;
    if (octet < 0x80) return [value, next + 1];
  }
}

const SUFFIX = Buffer.from(".proto");
/** The fields of FileDescriptorProto. */
const FILE_FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14];
/** No descriptor of Envoy's is longer. */
const LARGEST = 1 << 20;
