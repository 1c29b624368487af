/** What is too much in a message, by a model that looks at each octet: the same findings, however the message is cut. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { cuts, parameters, TIMEOUT_MS, type Cut } from "../support/arbitrary.js";
import { ReusedFilter, type Speech } from "../support/arbitrary-filter.js";

const LINE = 1000;
const ENDLESS = 1300;
const HEADER_LINE = 80;
const NAME = 32;
const BLOCK = 32_768;
/** What the server announces. */
const SIZE = 2500;

const filter = new ReusedFilter({
  profile: "monitor",
  protections: {
    data_line_too_long: { mode: "detect", endless_bytes: ENDLESS },
    header_too_long: { mode: "detect", line_bytes: HEADER_LINE, name_bytes: NAME, block_bytes: BLOCK },
    message_too_large: { mode: "detect" },
  },
});
afterAll(() => filter.stop());

const fill = (most: number, octets: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.constantFrom(...octets))
    .map(([n, octet]) => octet.repeat(n));
/** Lengths round about the limits, and what means something to a reader of lines. */
const piece = fc.oneof(
  fc.constantFrom(
    "\r\n",
    "\r\n",
    "\r\n",
    "\r\n\r\n",
    "\r\n..",
    "\r\n.x",
    "\n",
    ".",
    " ",
    "\t",
    ": ",
    ":",
    "\r",
    "\0",
    "\xe4",
  ),
  fc.constantFrom("Subject: a\r\n", "From: b\r\n", " folded\r\n", "From a@b.c d\r\n"),
  fc.integer({ min: NAME - 3, max: NAME + 3 }).map((n) => `\r\n${"N".repeat(n)}`),
  fc.integer({ min: HEADER_LINE - 4, max: HEADER_LINE + 3 }).map((n) => `h: ${"v".repeat(n - 3)}`),
  fc.integer({ min: LINE - 4, max: LINE + 3 }).map((n) => "l".repeat(n)),
  fc.integer({ min: 290, max: 310 }).map((n) => "e".repeat(n)),
  fill(60, "ab. :"),
);
const text = fc.array(piece, { maxLength: 14 }).map((all) => all.join(""));

/** Findings in the order in which their octets come; of one octet in the order of the pages. */
function model(octets: string, stuffed: boolean, wanted = /./): string[] {
  const found: string[] = [];
  const note = (finding: string): void => {
    const name = `${finding}/detect`;
    if (wanted.test(name) && !found.includes(name)) found.push(name);
  };
  let count = 0;
  let inHeader = true;
  let start = 0;
  for (let at = 0; at < octets.length; at++) {
    const dotted = stuffed && octets[start] === ".";
    const line = octets.slice(start, at + 1).slice(dotted ? 1 : 0);
    const before = octets.slice(0, at);
    const isStuffing = stuffed && octets[at] === "." && (at === 0 || before.endsWith("\r\n"));
    if (!isStuffing) count++;
    if (line.length > LINE) note("data_line_too_long/line");
    if (line.length > ENDLESS) note("data_line_too_long/endless");
    if (inHeader) {
      if (line.length > HEADER_LINE) note("header_too_long/line");
      const name = /^([!-9;-~]+)[ \t]*:$/.exec(line);
      if (name?.[1] !== undefined && name[1].length > NAME) note("header_too_long/name");
      if (count > BLOCK) note("header_too_long/block");
    }
    if (stuffed && count > SIZE) note("message_too_large/octets");
    if (octets[at] !== "\n") continue;
    if (/^\r?\n$/.test(octets.slice(start, at + 1))) inHeader = false;
    start = at + 1;
  }
  return found;
}

const say = (side: Speech["side"], said: string): Speech => ({ side, text: said, end: false });
const OPENING = [
  say("server", "220 mx\r\n"),
  say("client", "EHLO c\r\n"),
  say("server", `250-mx\r\n250-SIZE ${SIZE}\r\n250-BINARYMIME\r\n250 CHUNKING\r\n`),
];
const JUDGED = /^(data_line_too_long|header_too_long|message_too_large)\//;

function findings(speeches: Speech[], cut: Cut): string[] {
  return filter.script(speeches, cut).findings.filter((each) => JUDGED.test(each));
}

/** Without what ends the data, or what a server may take for an end. */
const inData = text.map((all) => {
  const stuffed = all.replace(/(^|[\r\n\0])\.(?=[\r\n\0]|$)/g, "$1.x");
  return stuffed.endsWith("\r") ? `${stuffed}x` : stuffed;
});

function dataSession(messages: string[]): Speech[] {
  const each = (message: string): Speech[] => [
    say("client", "MAIL FROM:<a@b.c>\r\n"),
    say("server", "250 ok\r\n"),
    say("client", "RCPT TO:<a@b.c>\r\n"),
    say("server", "250 ok\r\n"),
    say("client", "DATA\r\n"),
    say("server", "354 go\r\n"),
    say("client", `${message}\r\n.\r\n`),
    say("server", "250 ok\r\n"),
  ];
  return [...OPENING, ...messages.flatMap(each)];
}

const someCut: fc.Arbitrary<Cut> = fc.oneof(fc.constantFrom<Cut>("whole", "bytes"), cuts);

test(
  "in DATA, message after message",
  () => {
    const check = (messages: string[], cut: Cut): void => {
      const wanted = messages.flatMap((message) => model(`${message}\r\n`, true));
      expect(findings(dataSession(messages), cut)).toEqual(wanted);
    };
    fc.assert(fc.property(fc.array(inData, { minLength: 1, maxLength: 2 }), someCut, check), parameters(600));
  },
  TIMEOUT_MS,
);

/** Each chunk is announced before it comes: what its line says about sizes is found before what its octets say. */
function bdatModel(chunks: string[], isBinary: boolean): string[] {
  const all: string[] = [];
  let before = "";
  for (const chunk of chunks) {
    const total = before.length + chunk.length;
    if (chunk.length > SIZE) all.push("message_too_large/chunk/detect");
    else if (chunk.length > 0 && total > SIZE && !all.includes("message_too_large/octets/detect"))
      all.push("message_too_large/octets/detect");
    before += chunk;
    const wanted = isBinary ? /^header/ : /./;
    for (const finding of model(before, false, wanted)) if (!all.includes(finding)) all.push(finding);
  }
  return all;
}

test(
  "in BDAT, over several chunks",
  () => {
    const check = (chunks: string[], isBinary: boolean, cut: Cut): void => {
      const session = [
        ...OPENING,
        say("client", `MAIL FROM:<a@b.c>${isBinary ? " BODY=BINARYMIME" : ""}\r\n`),
        say("server", "250 ok\r\n"),
        say("client", "RCPT TO:<a@b.c>\r\n"),
        say("server", "250 ok\r\n"),
        ...chunks.flatMap((chunk, nth) => [
          say("client", `BDAT ${chunk.length}${nth + 1 === chunks.length ? " LAST" : ""}\r\n${chunk}`),
          say("server", "250 ok\r\n"),
        ]),
      ];
      expect(findings(session, cut)).toEqual(bdatModel(chunks, isBinary));
    };
    const chunks = fc.array(text, { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(chunks, fc.boolean(), someCut, check), parameters(600));
  },
  TIMEOUT_MS,
);

test("a header of as many octets as the limit is not too long, with one more it is", () => {
  const lines = "X-A: 0123456789\r\n".repeat(1927);
  const check = (last: string, cut: Cut): string[] =>
    findings(dataSession([`${lines}${last}\r\n\r\n${"b".repeat(80)}`]), cut);
  for (const cut of ["whole", [1000], [4096, 1]] satisfies Cut[]) {
    expect(check("X: 12", cut)).toEqual(["message_too_large/octets/detect"]);
    expect(check("X: 123", cut)).toEqual(["message_too_large/octets/detect", "header_too_long/block/detect"]);
  }
});
