/** The capture reader on captures made here, byte by byte: what real ones show seldom or never. */
import { describe, expect, test } from "vitest";
import { flowsOf, streamOf, type Flow } from "../host/flows.js";
import { Flag, NotACapture, readPcap } from "../host/pcap.js";

const CLIENT = { address: [192, 0, 2, 10], port: 40000 };
const SERVER = { address: [192, 0, 2, 25], port: 25 };

interface Sent {
  from: typeof CLIENT;
  seq: number;
  ack?: number;
  flags?: number;
  text?: string;
}

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const little32 = (value: number): number[] => u32(value).reverse();
const bytesOf = (text: string): number[] => [...Buffer.from(text, "latin1")];

function tcp({ from, seq, ack = 0, flags = Flag.ack, text = "" }: Sent): number[] {
  const to = from === CLIENT ? SERVER : CLIENT;
  const numbers = [...u32(seq >>> 0), ...u32(ack)];
  return [
    ...u16(from.port),
    ...u16(to.port),
    ...numbers,
    0x50,
    flags,
    0xff,
    0xff,
    0,
    0,
    0,
    0,
    ...bytesOf(text),
  ];
}

function ipv4(sent: Sent): number[] {
  const payload = tcp(sent);
  const to = sent.from === CLIENT ? SERVER : CLIENT;
  const fixed = [0x45, 0, ...u16(20 + payload.length), 0, 0, 0, 0, 64, 6, 0, 0];
  return [...fixed, ...sent.from.address, ...to.address, ...payload];
}

/** With a hop-by-hop header between IPv6 and TCP. */
function ipv6(sent: Sent): number[] {
  const payload = [6, 0, 1, 4, 0, 0, 0, 0, ...tcp(sent)];
  const host = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), last];
  const [from, to] = sent.from === CLIENT ? [host(1), host(2)] : [host(2), host(1)];
  return [0x60, 0, 0, 0, ...u16(payload.length), 0, 64, ...from, ...to, ...payload];
}

/** A little endian microsecond capture; all frames at second 1, microsecond 2. */
function pcap(linkType: number, frames: number[][]): Uint8Array {
  const header = [...little32(0xa1b2c3d4), 2, 0, 4, 0, ...new Array<number>(8).fill(0), ...little32(65535)];
  const records = frames.flatMap((frame) => {
    const length = little32(frame.length);
    return [...little32(1), ...little32(2), ...length, ...length, ...frame];
  });
  return Uint8Array.from([...header, ...little32(linkType), ...records]);
}

const RAW = 101;
const read = (linkType: number, frames: number[][]): Flow[] =>
  flowsOf(readPcap(pcap(linkType, frames)).segments);
const flow = (...sent: Sent[]): Flow => {
  const [first] = read(RAW, sent.map(ipv4));
  if (first === undefined) throw new Error("no flow");
  return first;
};
const text = (of: Flow, side: "client" | "server"): string =>
  Buffer.from(streamOf(of, side)).toString("latin1");
const gaps = (of: Flow): number[] => of.events.map((event) => event.gap);

describe("frames", () => {
  const sent: Sent = { from: CLIENT, seq: 1, text: "NOOP\r\n" };

  test.each([
    ["raw IP", RAW, ipv4(sent)],
    ["Ethernet", 1, [...new Array<number>(12).fill(0), 0x08, 0x00, ...ipv4(sent)]],
    ["Ethernet, padded", 1, [...new Array<number>(12).fill(0), 0x08, 0x00, ...ipv4(sent), 0, 0, 0, 0]],
    [
      "two VLAN tags",
      1,
      [...new Array<number>(12).fill(0), 0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0, ...ipv4(sent)],
    ],
    ["BSD loopback", 0, [2, 0, 0, 0, ...ipv4(sent)]],
    ["Linux cooked", 113, [...new Array<number>(14).fill(0), 0x08, 0x00, ...ipv4(sent)]],
    ["Linux cooked 2", 276, [0x08, 0x00, ...new Array<number>(18).fill(0), ...ipv4(sent)]],
    ["IPv6 with options", RAW, ipv6(sent)],
  ])("%s", (_name, linkType, frame) => {
    const [only] = read(linkType, [frame]);
    expect(only && text(only, "client")).toBe("NOOP\r\n");
  });

  test("byte order and nanoseconds follow the magic number", () => {
    const file = pcap(RAW, [ipv4(sent)]);
    expect(readPcap(file).segments[0]?.timeNs).toBe(1_000_002_000n);
    file.set([0x4d, 0x3c, 0xb2, 0xa1]);
    expect(readPcap(file).segments[0]?.timeNs).toBe(1_000_000_002n);
    const big = Uint8Array.from(pcap(RAW, []));
    big.set([0xa1, 0xb2, 0xc3, 0xd4]);
    big.set([0, 0, 0, RAW], 20);
    expect(readPcap(big)).toEqual({ segments: [], otherFrames: 0, truncated: false });
  });

  test("a fragment, UDP and every shortening of a frame are left out, not misread", () => {
    const whole = ipv4(sent);
    const fragment = whole.with(6, 0x20);
    const udp = whole.with(9, 17);
    const cut = Array.from({ length: 40 }, (_, length) => whole.slice(0, length));
    const capture = readPcap(pcap(RAW, [fragment, udp, ...cut]));
    expect(capture.segments).toEqual([]);
    expect(capture.otherFrames).toBe(42);
  });

  test("a file cut anywhere gives what is whole in it", () => {
    const file = pcap(RAW, [ipv4(sent), ipv4(sent)]);
    for (let length = 24; length < file.length; length++) {
      const capture = readPcap(file.subarray(0, length));
      expect(capture.segments.length).toBe(length < 24 + 62 ? 0 : 1);
      expect(capture.truncated).toBe(length !== 24 && length !== 24 + 62);
    }
  });

  test("what is no capture is refused with what to do", () => {
    expect(() => readPcap(new Uint8Array(10))).toThrow(NotACapture);
    expect(() => readPcap(new Uint8Array(100))).toThrow("not a capture file: no pcap magic number");
    expect(() => readPcap(Uint8Array.from([10, 13, 13, 10, ...new Array<number>(30).fill(0)]))).toThrow(
      "editcap",
    );
    expect(() => readPcap(pcap(195, []))).toThrow("link type 195 is not read");
  });
});

describe("streams", () => {
  test("the opener is the client, whatever the ports; without a handshake the higher port is", () => {
    expect(flow({ from: SERVER, seq: 1, flags: Flag.syn }).client).toBe("192.0.2.25:25");
    expect(flow({ from: CLIENT, seq: 1, flags: Flag.syn | Flag.ack }).client).toBe("192.0.2.25:25");
    expect(flow({ from: SERVER, seq: 1, text: "220 hi\r\n" }).client).toBe("192.0.2.10:40000");
  });

  test("out of order, sent again and overlapping: each byte once, the first to come wins", () => {
    const whole = flow(
      { from: CLIENT, seq: 0xfffffffe, flags: Flag.syn },
      { from: CLIENT, seq: 3, text: "EFGH" },
      { from: CLIENT, seq: 0xffffffff, text: "ABCD" },
      { from: CLIENT, seq: 0xffffffff, text: "abcd" },
      { from: CLIENT, seq: 5, text: "ghIJ" },
      // A keep-alive repeats the byte before the next.
      { from: CLIENT, seq: 8, text: "?" },
      { from: CLIENT, seq: 9, flags: Flag.ack | Flag.fin },
      { from: CLIENT, seq: 10, text: "after the end" },
    );
    expect(text(whole, "client")).toBe("ABCDEFGHIJ");
    expect(gaps(whole)).toEqual([0, 0, 0, 0]);
    expect(whole.events.at(-1)?.end).toBe("fin");
  });

  test("what the capture lacks is a gap: at once when acknowledged, else at the end", () => {
    const acknowledged = flow(
      { from: CLIENT, seq: 1, text: "ab" },
      { from: CLIENT, seq: 7, text: "gh" },
      { from: SERVER, seq: 1, ack: 9, text: "250 ok\r\n" },
    );
    expect(acknowledged.events.map((event) => [event.from, event.gap, event.bytes.length])).toEqual([
      ["client", 0, 2],
      ["client", 4, 2],
      ["server", 0, 8],
    ]);
    expect(gaps(flow({ from: CLIENT, seq: 1, text: "ab" }, { from: CLIENT, seq: 7, text: "gh" }))).toEqual([
      0, 4,
    ]);
  });

  test("a reset ends its side, and the same ports with a new start are another connection", () => {
    const flows = read(
      RAW,
      [
        { from: CLIENT, seq: 1, flags: Flag.syn },
        { from: CLIENT, seq: 2, flags: Flag.rst },
        { from: CLIENT, seq: 2, text: "late" },
        { from: CLIENT, seq: 900, flags: Flag.syn },
        { from: CLIENT, seq: 901, text: "new" },
      ].map(ipv4),
    );
    expect(flows.map((one) => [text(one, "client"), one.events.at(-1)?.end])).toEqual([
      ["", "reset"],
      ["new", null],
    ]);
  });
});
