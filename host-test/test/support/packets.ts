/** TCP segments and capture records, byte by byte and fast enough to make gigabytes of them. */
import { Flag } from "../../workbench/ip.js";

/** A segment between a client and 192.0.2.25:25. */
export interface Sent {
  from: "client" | "server";
  seq: number;
  ack?: number;
  flags?: number;
  /** One character a byte. */
  text?: string;
  payload?: Uint8Array;
  /** Which client: 0, the default, is 192.0.2.10:40000, others are in 10.0.0.0/8. */
  client?: number;
}

const SERVER = { address: 0xc0000219, port: 25 };

function clientOf(number: number): { address: number; port: number } {
  if (number === 0) return { address: 0xc000020a, port: 40000 };
  return { address: 0x0a000000 + (number >>> 14), port: 40000 + (number & 0x3fff) };
}

/** The TCP segment alone. */
export function tcp(sent: Sent): Buffer {
  const payload = sent.payload ?? Buffer.from(sent.text ?? "", "latin1");
  const bytes = Buffer.alloc(20 + payload.length);
  const client = clientOf(sent.client ?? 0);
  const [from, to] = sent.from === "client" ? [client, SERVER] : [SERVER, client];
  bytes.writeUInt16BE(from.port, 0);
  bytes.writeUInt16BE(to.port, 2);
  bytes.writeUInt32BE(sent.seq >>> 0, 4);
  bytes.writeUInt32BE((sent.ack ?? 0) >>> 0, 8);
  bytes.set([0x50, sent.flags ?? Flag.ack, 0xff, 0xff], 12);
  bytes.set(payload, 20);
  return bytes;
}

/** In an IPv4 packet. */
export function ipv4Packet(sent: Sent): Buffer {
  const payload = tcp(sent);
  const bytes = Buffer.alloc(20 + payload.length);
  const client = clientOf(sent.client ?? 0);
  const [from, to] = sent.from === "client" ? [client, SERVER] : [SERVER, client];
  bytes[0] = 0x45;
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.set([64, 6], 8);
  bytes.writeUInt32BE(from.address, 12);
  bytes.writeUInt32BE(to.address, 16);
  bytes.set(payload, 20);
  return bytes;
}

/** Head of a little endian capture of raw IP packets. */
export function pcapHead(): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0xa1b2c3d4, 0);
  bytes.set([2, 0, 4, 0], 4);
  bytes.writeUInt32LE(65_535, 16);
  bytes.writeUInt32LE(101, 20);
  return bytes;
}

/** A segment as such a capture has it. @param ms of capture, since 1970 */
export function pcapRecord(sent: Sent, ms: number): Buffer {
  const packet = ipv4Packet(sent);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(ms / 1000), 0);
  head.writeUInt32LE((ms % 1000) * 1000, 4);
  head.writeUInt32LE(packet.length, 8);
  head.writeUInt32LE(packet.length, 12);
  return Buffer.concat([head, packet]);
}

/** A capture of these records. */
export async function* captureOf(records: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  yield pcapHead();
  yield* records;
}

/** A connection of its own in a capture: keeps count of sequence numbers. */
export class Talk {
  readonly #next = { client: 100, server: 500 };

  /** @param client number of the client @param ms of capture of what is said next */
  constructor(
    readonly client: number,
    public ms = 1000,
  ) {}

  /** The handshake. */
  open(): Buffer {
    return Buffer.concat([this.#send("client", "", Flag.syn), this.#send("server", "", Flag.syn | Flag.ack)]);
  }

  say(from: Sent["from"], said: string | Uint8Array): Buffer {
    return this.#send(from, said, Flag.ack);
  }

  /** Both ends. */
  close(): Buffer {
    const flags = Flag.fin | Flag.ack;
    return Buffer.concat([this.#send("client", "", flags), this.#send("server", "", flags)]);
  }

  /** A mail of `size` bytes and more, in segments of an Ethernet; nothing in it is to be found fault with. */
  *mail(size: number): Generator<Buffer> {
    yield this.open();
    for (const [from, text] of ENVELOPE) yield this.say(from, text);
    yield this.say("client", "Subject: a\r\n\r\n");
    for (let sent = 0; sent < size; sent += BODY.length) yield this.say("client", BODY);
    for (const [from, text] of FAREWELL) yield this.say(from, text);
    yield this.close();
  }

  #send(from: Sent["from"], said: string | Uint8Array, flags: number): Buffer {
    const payload = typeof said === "string" ? Buffer.from(said, "latin1") : said;
    const ack = this.#next[from === "client" ? "server" : "client"];
    const record = pcapRecord(
      { from, seq: this.#next[from], ack, flags, payload, client: this.client },
      this.ms,
    );
    const counted = (flags & (Flag.syn | Flag.fin)) === 0 ? 0 : 1;
    this.#next[from] = (this.#next[from] + payload.length + counted) >>> 0;
    return record;
  }
}

const ENVELOPE: [Sent["from"], string][] = [
  ["server", "220 mx.example ESMTP\r\n"],
  ["client", "EHLO a.example\r\n"],
  ["server", "250-mx.example\r\n250 PIPELINING\r\n"],
  ["client", "MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n"],
  ["server", "250 ok\r\n250 ok\r\n354 go\r\n"],
];
const FAREWELL: [Sent["from"], string][] = [
  ["client", ".\r\n"],
  ["server", "250 queued\r\n"],
  ["client", "QUIT\r\n"],
  ["server", "221 bye\r\n"],
];
/** Seventeen lines: 1394 bytes. */
const BODY = Buffer.from(
  "The quick brown fox jumps over the lazy dog, and goes on until the line is full.\r\n".repeat(17),
);
