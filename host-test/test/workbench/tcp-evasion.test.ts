/** What somebody puts on the line so that a recording shows less, or other bytes, than the two ends have read. */
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { Flag } from "../../workbench/ip.js";
import type { SessionReport } from "../../workbench/model.js";
import { loadJudge, newCounts, replayCapture } from "../../workbench/sessions.js";
import { chunked, ipv4, pcap, RAW, type Sent } from "./streams.js";

const judge = loadJudge(filterModule(), "{}");

async function replayed(...sent: Sent[]): Promise<SessionReport[]> {
  const reports: SessionReport[] = [];
  const file = chunked(pcap(RAW, sent.map(ipv4)));
  for await (const report of replayCapture(file, judge, newCounts())) reports.push(report);
  return reports;
}

/** Of each session: its findings, why it is incomplete, how it ended, and what the client said. */
async function outcome(...sent: Sent[]) {
  return (await replayed(...sent)).map(({ findings, incomplete, closed, turns }) => [
    findings.map(({ protection }) => protection).join(),
    incomplete,
    closed,
    turns
      .filter(({ from, offset }) => from === "client" && offset !== null)
      .map(({ bytes }) => Buffer.from(bytes).toString("latin1").trimEnd())
      .join(),
  ]);
}

const client = (seq: number, ack: number, text: string): Sent => ({ from: "client", seq, ack, text });
const server = (seq: number, ack: number, text: string): Sent => ({ from: "server", seq, ack, text });
const bare = (from: Sent["from"], seq: number, ack: number, flags: number): Sent => ({
  from,
  seq,
  ack,
  flags,
});
const { syn, ack, fin, rst } = Flag;

/** The client is to go on at 108, the server at 516. */
const OPEN = [
  bare("client", 99, 0, syn),
  bare("server", 499, 100, syn | ack),
  server(500, 100, "220 mx\r\n"),
  client(100, 508, "EHLO a\r\n"),
  server(508, 108, "250 mx\r\n"),
];
const REST = [client(108, 516, "XEXCH50 1 2\r\n"), server(516, 121, "250 ok\r\n")];
const END = [bare("client", 121, 524, fin | ack), bare("server", 524, 122, fin | ack)];
/** What comes of the session when nobody meddles with it. */
const SEEN = ["exchange_command", null, "client closed the connection", "EHLO a,XEXCH50 1 2"];

test.each<[string, Sent[]]>([
  ["nothing", []],
  ["a reset of the client with a number far away", [bare("client", 0x70000000, 0, rst)]],
  ["a reset of the server with a number far away", [bare("server", 0x70000000, 0, rst)]],
  ["one of each", [bare("client", 0x70000000, 0, rst), bare("server", 0x70000000, 0, rst)]],
  ["a reset with the number of the byte before", [bare("client", 107, 516, rst)]],
  ["a reset in the window, but not where the next byte is", [bare("client", 109, 516, rst | ack)]],
  ["a SYN with another start", [bare("client", 0x70000000, 0, syn)]],
  ["a SYN of the server with another start", [bare("server", 0x70000000, 0, syn)]],
  [
    "a SYN that is answered with the old connection's numbers",
    [bare("client", 7, 0, syn), bare("server", 516, 108, ack)],
  ],
  ["a FIN far away", [bare("client", 0x70000000, 0, fin | ack)]],
  ["a keep-alive with a byte of garbage", [client(107, 516, "x")]],
])("the session is complete in spite of %s", async (_name, meddled) => {
  expect(await outcome(...OPEN, ...meddled, ...REST, ...END)).toEqual([SEEN]);
});

const AFTER_END = "one side sends more after its end";

test.each<[string, Sent[], unknown[]]>([
  [
    "sends more after its reset",
    [...OPEN, bare("client", 108, 0, rst), ...REST],
    ["", AFTER_END, "client reset the connection", "EHLO a,XEXCH50 1 2"],
  ],
  [
    "sends more after its FIN",
    [...OPEN, bare("client", 108, 516, fin | ack), ...REST],
    ["", AFTER_END, "client closed the connection", "EHLO a"],
  ],
  [
    "said more before its FIN came",
    [...OPEN, client(120, 516, "\r\nRSET\r\n"), bare("client", 108, 516, fin | ack)],
    ["", AFTER_END, "client closed the connection", "EHLO a"],
  ],
  [
    "was reset by the server, which answers all the same",
    [...OPEN, bare("server", 516, 108, rst), ...REST],
    ["", AFTER_END, "server reset the connection", "EHLO a,XEXCH50 1 2"],
  ],
])("incomplete: a client that %s", async (_name, sent, expected) => {
  expect(await outcome(...sent)).toEqual([expected]);
});

test("what comes after the end of both sides is a session that is not clean", async () => {
  const resets = [bare("client", 108, 0, rst), bare("server", 516, 0, rst)];
  expect(await outcome(...OPEN, ...resets, ...REST)).toEqual([
    ["", null, "client reset the connection", "EHLO a"],
    ["", "it continues although both sides had ended it", null, "XEXCH50 1 2"],
  ]);
});

test("nor is what a server says that somebody refused in its name", async () => {
  const refused = [bare("client", 99, 0, syn), bare("server", 0, 100, rst | ack)];
  const greeting = server(500, 100, "220 mx\r\n");
  expect((await outcome(...refused, greeting, ...OPEN.slice(3))).map(([, why]) => why)).toEqual([AFTER_END]);
  const both = [...refused, bare("client", 100, 0, rst)];
  expect((await outcome(...both, greeting)).map(([, why]) => why)).toEqual([
    "it continues although both sides had ended it",
  ]);
});

test("what hosts send when they are done is no reason to doubt", async () => {
  const late = [
    // In flight when the client went away, and its answers to it; the FIN again.
    bare("client", 108, 516, rst | ack),
    server(516, 108, "421 bye\r\n"),
    bare("client", 108, 0, rst),
    bare("server", 525, 108, fin | ack),
    server(516, 108, "421 bye\r\n"),
    bare("client", 108, 0, rst),
  ];
  expect(await outcome(...OPEN, ...late)).toEqual([["", null, "client reset the connection", "EHLO a"]]);
  const closing = [
    bare("client", 108, 516, fin | ack),
    bare("client", 109, 0, rst),
    bare("client", 108, 0, rst),
  ];
  expect(await outcome(...OPEN, ...closing)).toEqual([["", null, "client closed the connection", "EHLO a"]]);
});

test("a reset after bytes that the capture lacks: they count as missing", async () => {
  const [report] = await replayed(...OPEN, bare("client", 112, 516, rst));
  expect(report).toMatchObject({
    incomplete: "the capture lacks bytes",
    missing: 4,
    closed: "client reset the connection",
  });
});

test("the same ports again: a connection that was open still was cut short, one that had ended was not", async () => {
  const again: Sent[] = [
    bare("client", 9000, 0, syn),
    bare("server", 7000, 9001, syn | ack),
    server(7001, 9001, "220 mx\r\n"),
    client(9001, 7009, "QUIT\r\n"),
  ];
  const replaced = "another connection took its ports before it ended";
  const second = ["", null, null, "QUIT"];
  expect(await outcome(...OPEN, ...again)).toEqual([["", replaced, null, "EHLO a"], second]);
  // Where only the client's packets were captured, its own next number tells.
  const ofClient = [...OPEN, ...again].filter(({ from }) => from === "client");
  expect((await outcome(...ofClient)).map(([, why, , said]) => [why, said])).toEqual([
    [replaced, "EHLO a"],
    [null, "QUIT"],
  ]);
  const closing = bare("client", 108, 516, fin | ack);
  expect(await outcome(...OPEN, closing, ...again)).toEqual([
    ["", null, "client closed the connection", "EHLO a"],
    second,
  ]);
  // What of the old connection comes then belongs nowhere.
  const [, left] = await outcome(...OPEN, ...again, client(108, 516, "XEXCH50 1 2\r\n"));
  expect(left).toEqual(["", "the capture has bytes from before the connection", null, "QUIT"]);
});

test("two versions of the same bytes, out of order: neither is inspected", async () => {
  const late = client(114, 516, "ROM:<a@b.example>\r\nRSET\r\n");
  const versions = "the capture has two versions of the same bytes";
  const other = client(108, 516, "MAIL FXXX:<e@v.example>\r\n");
  expect((await outcome(...OPEN, late, other)).map(([, why]) => why)).toEqual([versions]);
  const within = client(116, 516, "XX");
  expect((await outcome(...OPEN, late, within)).map(([, why]) => why)).toEqual([versions]);
  // The same bytes cut otherwise are a retransmission.
  const same = client(108, 516, "MAIL FROM:<a@b.example>\r\nRSET\r\n");
  expect((await outcome(...OPEN, late, late, same)).map(([, why, , said]) => [why, said])).toEqual([
    [null, "EHLO a,MAIL FROM:<a@b.example>,RSET"],
  ]);
});

test("whoever makes many pieces overlap is not compared with himself for ever", async () => {
  const pieces = Array.from({ length: 20 }, (_, i) => client(1000 + i, 516, "x".repeat(100)));
  expect((await outcome(...OPEN, ...pieces)).map(([, why]) => why)).toEqual([
    "the capture has two versions of the same bytes",
  ]);
});

test("bytes that come after their answer are late; those that never come are missing", async () => {
  const [asked, answered] = REST as [Sent, Sent];
  const [late] = await replayed(...OPEN, answered, asked, ...END);
  expect(late).toMatchObject({
    incomplete: "bytes of one side come after the other's answer to them",
    missing: 0,
  });
  // The last ones of a side, with nothing after them.
  const [lost] = await replayed(...OPEN, answered);
  expect(lost).toMatchObject({ incomplete: "the capture lacks bytes", missing: 13 });
});
