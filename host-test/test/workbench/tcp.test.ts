/** What TCP does seldom, or an attacker on purpose, in captures made byte by byte. */
import { describe, expect, test } from "vitest";
import { Flag } from "../../workbench/ip.js";
import { ipv4, ipv6, pcap, RAW, read, type Sent, type Streams, text } from "./streams.js";

const NOOP: Sent = { from: "client", seq: 1, text: "NOOP\r\n" };

describe("streams", () => {
  const flow = async (...sent: Sent[]): Promise<Streams> => {
    const { found } = await read(pcap(RAW, sent.map(ipv4)));
    return found[0] as Streams;
  };

  test("who sent SYN opened the connection, whatever the ports; without a handshake the higher port is the client's", async () => {
    const who = async (sent: Sent) => {
      const streams = await flow(sent);
      const { ends, opener } = streams.flow;
      return [opener, ends[streams.client]];
    };
    expect(await who({ from: "server", seq: 1, flags: Flag.syn })).toEqual([0, "192.0.2.25:25"]);
    expect(await who({ from: "client", seq: 1, flags: Flag.syn | Flag.ack })).toEqual([1, "192.0.2.25:25"]);
    const greeting: Sent = { from: "server", seq: 1, text: "220 hi\r\n" };
    expect(await who(greeting)).toEqual([null, "192.0.2.10:40000"]);
  });

  test("out of order, sent again, overlapping with other bytes, across the wrap: what could be delivered first stands", async () => {
    const { sent, gaps, ends } = await flow(
      { from: "client", seq: 0xfffffffe, flags: Flag.syn },
      { from: "client", seq: 3, text: "EFGH" },
      { from: "client", seq: 0xffffffff, text: "ABCD" },
      { from: "client", seq: 0xffffffff, text: "abcd" },
      { from: "client", seq: 5, text: "ghIJ" },
      // A keep-alive repeats the byte before the next.
      { from: "client", seq: 8, text: "?" },
      { from: "client", seq: 9, flags: Flag.ack | Flag.fin },
      { from: "client", seq: 10, text: "after the end" },
    );
    expect(text(sent[0])).toBe("ABCDEFGHIJ");
    expect(gaps).toEqual([]);
    expect(ends).toEqual(["0 fin"]);
  });

  test("what the capture lacks is a gap: at once when acknowledged, else at the end", async () => {
    const lost: Sent[] = [
      { from: "client", seq: 1, text: "ab" },
      { from: "client", seq: 7, text: "gh" },
    ];
    const acknowledged = await flow(...lost, { from: "server", seq: 1, ack: 9, text: "250 ok\r\n" });
    expect(acknowledged.events.map(({ from, gap, bytes }) => [from, gap, text(bytes)])).toEqual([
      [0, 0, "ab"],
      [0, 4, "gh"],
      [1, 0, "250 ok\r\n"],
    ]);
    const open = await flow(...lost);
    expect([text(open.sent[0]), open.gaps]).toEqual(["abgh", [4]]);
  });

  test("what a snap length cut off is a gap", async () => {
    const cut = ipv4({ from: "client", seq: 1, text: "abcdef" }).slice(0, -4);
    const { found } = await read(pcap(RAW, [cut, ipv4({ from: "client", seq: 7, text: "gh" })]));
    expect([text((found[0] as Streams).sent[0]), found[0]?.gaps]).toEqual(["abgh", [4]]);
  });

  test("a reset ends its side, what comes of it all the same is not lost, and the same ports with a new start are another connection", async () => {
    const { found } = await read(
      pcap(
        RAW,
        (
          [
            { from: "client", seq: 1, flags: Flag.syn },
            { from: "client", seq: 2, flags: Flag.rst },
            { from: "client", seq: 2, text: "late" },
            { from: "client", seq: 900, flags: Flag.syn },
            { from: "client", seq: 901, text: "new" },
          ] as Sent[]
        ).map(ipv4),
      ),
    );
    expect(found.map(({ sent, ends }) => [text(sent[0]), ends])).toEqual([
      ["late", ["0 reset"]],
      ["new", []],
    ]);
  });

  test("bytes out of order and connections are bounded", async () => {
    // Ten pieces after a hole that never fills, with room for 40 bytes.
    const pieces = Array.from({ length: 10 }, (_, i): Sent => ({
      from: "client",
      seq: 100 + 20 * i,
      text: "0123456789",
    }));
    const frames = [{ from: "client", seq: 1, text: "a" } as Sent, ...pieces].map(ipv4);
    const bounded = await read(pcap(RAW, frames), undefined, { pendingBytes: 40, flows: 10 });
    expect(bounded.found[0]?.gaps).toEqual([98, 10, 10, 10, 10, 10, 10, 10, 10, 10]);
    // With room for one connection, the older is given up when another comes.
    const two = [ipv4(NOOP), ipv6(NOOP), ipv4({ ...NOOP, seq: 7 })];
    const forgotten = await read(pcap(RAW, two), undefined, { pendingBytes: 40, flows: 1 });
    expect(forgotten.sent).toEqual([
      ["NOOP\r\n", ""],
      ["NOOP\r\n", ""],
      ["NOOP\r\n", ""],
    ]);
  });
});
