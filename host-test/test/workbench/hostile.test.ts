/** Captures made byte by byte: links, both formats, and lengths that cannot be. */
import { describe, expect, test } from "vitest";
import { bigPcap, blocks, ipv4, ipv6, little32, pcap, RAW, read, type Sent } from "./streams.js";

const NOOP: Sent = { from: "client", seq: 1, text: "NOOP\r\n" };
const ethernet = (...type: number[]): number[] => [...new Array<number>(12).fill(0), ...type];

describe("links", () => {
  test.each([
    ["raw IP", RAW, ipv4(NOOP)],
    ["raw IP of OpenBSD", 14, ipv4(NOOP)],
    ["IPv4 alone", 228, ipv4(NOOP)],
    ["IPv6 alone, with options", 229, ipv6(NOOP)],
    ["Ethernet", 1, [...ethernet(8, 0), ...ipv4(NOOP)]],
    ["Ethernet, padded", 1, [...ethernet(8, 0), ...ipv4(NOOP), 0, 0, 0, 0]],
    ["two VLAN tags", 1, [...ethernet(0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0), ...ipv4(NOOP)]],
    ["BSD loopback", 0, [2, 0, 0, 0, ...ipv4(NOOP)]],
    ["OpenBSD loopback", 108, [0, 0, 0, 24, ...ipv6(NOOP)]],
    ["Linux cooked", 113, [...new Array<number>(14).fill(0), 8, 0, ...ipv4(NOOP)]],
    ["Linux cooked 2", 276, [8, 0, ...new Array<number>(18).fill(0), ...ipv4(NOOP)]],
    ["Linux cooked 2, VLAN", 276, [0x81, 0, ...new Array<number>(18).fill(0), 0, 7, 8, 0, ...ipv4(NOOP)]],
  ])("%s", async (_name, linkType, frame) => {
    const { sent, error } = await read(pcap(linkType, [frame]));
    expect(sent).toEqual([["NOOP\r\n", ""]]);
    expect(error).toBeNull();
  });

  test("addresses are written as people write them", async () => {
    const { found } = await read(pcap(RAW, [ipv6(NOOP), ipv4(NOOP)]));
    expect(found.map(({ flow }) => flow.ends)).toEqual([
      ["[2001:db8::1]:40000", "[2001:db8::2]:25"],
      ["192.0.2.10:40000", "192.0.2.25:25"],
    ]);
  });

  test("what is not a whole TCP segment is counted by its kind", async () => {
    const whole = ipv4(NOOP);
    const cut = Array.from({ length: 40 }, (_, length) => whole.slice(0, length));
    const frames = [whole.with(6, 0x20), whole.with(9, 17), whole.with(0, 0x46), [...ethernet(8, 6)], ...cut];
    const { found, leftOut } = await read(pcap(RAW, frames));
    expect(found).toEqual([]);
    // 0x46: a header of 24 bytes moves TCP's own header length to where a zero is.
    expect(leftOut).toEqual({ "IP fragment": 1, "not TCP": 1, "damaged frame": 42 });
  });
});

describe("pcap", () => {
  test("the other byte order, and nanoseconds", async () => {
    const { sent, found } = await read(bigPcap(RAW, [ipv4(NOOP)]));
    expect(sent).toEqual([["NOOP\r\n", ""]]);
    expect(found[0]?.flow.startNs).toBe(1_000_000_002n);
    const micro = await read(pcap(RAW, [ipv4(NOOP)]));
    expect(micro.found[0]?.flow.startNs).toBe(1_000_002_000n);
  });

  test("a file cut anywhere gives what is whole in it, and says where it ends", async () => {
    const file = pcap(RAW, [ipv4(NOOP), ipv4({ ...NOOP, seq: 7, text: "QUIT\r\n" })]);
    for (let length = 4; length < file.length; length++) {
      const { sent, error } = await read(file.subarray(0, length), 7);
      expect(sent).toEqual(length < 86 ? [] : [["NOOP\r\n", ""]]);
      if (length < 24) expect(error).toBe(`file header at byte 0: the file ends after ${length} of 24 bytes`);
      else if (length === 24 || length === 86) expect(error).toBeNull();
      else
        expect(error).toContain(
          length < 86 ? "packet 1 at byte 24: the file ends" : "packet 2 at byte 86: the file",
        );
    }
  });

  test("lengths that cannot be", async () => {
    const file = pcap(RAW, [ipv4(NOOP), ipv4(NOOP), []]);
    file.set(little32(0xffffffff), 86 + 8);
    expect(await read(file)).toMatchObject({
      sent: [["NOOP\r\n", ""]],
      error: "packet 2 at byte 86: a length of 4294967295 bytes; the maximum is 262144",
    });
    const empty = await read(pcap(RAW, [[], ipv4(NOOP), []]));
    expect(empty).toMatchObject({ sent: [["NOOP\r\n", ""]], error: null, leftOut: { "damaged frame": 2 } });
  });

  test.each([
    ["nothing", [], "file header at byte 0: not a capture: too short for a magic number"],
    [
      "text",
      Buffer.from("EHLO mail.example\r\n"),
      "file header at byte 0: not a capture: no pcap or pcapng magic number",
    ],
    [
      "a compressed file that is cut off",
      [0x1f, 0x8b, 8, 0, 0],
      "after unpacking at byte 0: the compressed data ends too early or is damaged",
    ],
    ["an unread link", pcap(195, []), "file header at byte 0: link type 195 is not supported"],
    [
      "another version",
      pcap(RAW, []).with(4, 3),
      "file header at byte 0: version 3 of the format is not supported, only 2",
    ],
  ])("%s is refused with what it is", async (_name, bytes, message) => {
    expect((await read(Uint8Array.from(bytes))).error).toBe(message);
  });
});

describe.each([true, false])("pcapng, little endian: %s", (little) => {
  const { block, section, description, enhanced, simple, old } = blocks(little);
  const quit: Sent = { ...NOOP, seq: 7, text: "QUIT\r\n" };

  test("packets of all kinds; other blocks are passed over", async () => {
    const file = [
      ...section(),
      ...block(0x0bad, [1, 2, 3]),
      ...description(RAW),
      ...enhanced(ipv4(NOOP), [0, 3_000_001]),
      ...block(5, new Array<number>(20).fill(0)),
      ...simple(ipv4(quit)),
      ...old(ipv4({ ...NOOP, seq: 13, text: "RSET\r\n" }), [0, 4_000_000]),
    ];
    const { sent, error, found } = await read(Uint8Array.from(file), 13);
    expect(error).toBeNull();
    expect(sent).toEqual([["NOOP\r\nQUIT\r\nRSET\r\n", ""]]);
    expect(found[0]?.flow.startNs).toBe(3_000_001_000n);
  });

  test.each([
    ["nanoseconds", 9, [1, 705_032_711], 5_000_000_007n],
    ["2^-10 of a second", 0x8a, [0, 2048], 2_000_000_000n],
  ])("time in %s", async (_name, resolution, time, ns) => {
    const file = [
      ...section(),
      ...description(RAW, resolution),
      ...enhanced(ipv4(NOOP), time as [number, number]),
    ];
    const { found } = await read(Uint8Array.from(file));
    expect(found[0]?.flow.startNs).toBe(ns);
  });

  test("hostile blocks end in an error, after what was readable", async () => {
    const good = [...section(), ...description(RAW), ...enhanced(ipv4(NOOP), [0, 0])];
    const at = good.length;
    const packet = enhanced(ipv4(quit), [0, 0]);
    const n32 = (value: number): number[] => (little ? little32(value) : little32(value).reverse());
    const cases: [number[], string][] = [
      [packet.slice(0, -1), "the file ends before the length at the end of a block"],
      [packet.slice(0, 20), "the file ends after 12 of 68 bytes of a block"],
      [[...packet.slice(0, -4), ...n32(7)], "a block of 80 bytes that ends with the length 7"],
      [[...n32(6), ...n32(0xfffffffc)], "a block of 4294967292 bytes; the maximum is 393216"],
      [[...n32(6), ...n32(0)], "a block of 0 bytes, an impossible length"],
      [[...n32(6), ...n32(13)], "a block of 13 bytes, an impossible length"],
      [enhanced(ipv4(quit), [0, 0], 4), "interface 4 is not described"],
      [block(6, []), "a packet block that is too short"],
      [
        block(6, [...new Array<number>(12).fill(0), ...n32(99), ...n32(99)]),
        "a frame of 99 bytes in a block of 20",
      ],
      [block(1, [1]), "an interface description that is too short"],
    ];
    for (const [bytes, what] of cases) {
      const { sent, error } = await read(Uint8Array.from([...good, ...bytes]));
      expect(error).toBe(`packet 2 at byte ${at}: ${what}`);
      expect(sent).toEqual([["NOOP\r\n", ""]]);
    }
  });
});
