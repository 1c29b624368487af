/** Legitimate conversations: each shape of message as most clients send it, and all that SMTP allows around messages. */
import { stuffed } from "../../peers/mail.js";
import {
  ALICE,
  BOB,
  ehlo,
  envelope,
  quit,
  SECOND,
  VISIBLE,
  type Extension,
  type Step,
  type Stream,
} from "../steps.js";
import { BIG, SHAPES, type Shape } from "./content.js";

const shape = (name: string): Shape => {
  const found = SHAPES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no shape is called ${name}`);
  return found;
};
const LETTER = shape("an attachment").content;
const DOTS = shape("lines that begin with dots").content;
const MAIL = `MAIL FROM:<${VISIBLE}>\r\n`;
const RCPT = `RCPT TO:<${ALICE}>\r\n`;
const NEEDED = { "8bit": "8BITMIME", utf8: "SMTPUTF8" } as const;
const PARAMETERS = { "8bit": " BODY=8BITMIME", utf8: " BODY=8BITMIME SMTPUTF8" };

const ask = (command: string): Step[] => [{ send: `${command}\r\n` }, { reply: true }];
const letter = (content: string): Step => ({ letter: content });
const bye: Step[] = [quit, { reply: true }];

function legitimate(
  name: string,
  steps: Step[],
  needs: Extension[] = [],
  more: Partial<Stream> = {},
): Stream {
  return { name, family: "legitimate", about: "", steps: [...ehlo, ...steps, ...bye], needs, ...more };
}

/** One message in a transaction of its own, without any pipelining but MAIL's and RCPT's. */
function asUsual({ name, content, bytes }: Shape): Stream {
  const parameters = bytes === undefined ? "" : PARAMETERS[bytes];
  const steps: Step[] = [{ group: [`MAIL FROM:<${VISIBLE}>${parameters}\r\n`, RCPT] }, letter(content)];
  return legitimate(name, steps, bytes === undefined ? [] : [NEEDED[bytes]]);
}

const pieces = (content: string, size: number): string[] =>
  content.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

/** Chunks of `size` bytes, each sent when the one before is answered; the last with LAST unless `closing` is sent. */
function inChunks(content: string, size: number, closing?: string): Step[] {
  const chunks = pieces(content, size);
  const steps = chunks.flatMap((chunk, at): Step[] => {
    const last = at === chunks.length - 1 && closing === undefined ? " LAST" : "";
    return [{ send: `BDAT ${chunk.length}${last}\r\n${chunk}` }, { reply: true }];
  });
  return closing === undefined ? steps : [...steps, { send: closing }, { reply: true }];
}

const CHUNKING: Extension[] = ["CHUNKING"];
const bdat: Stream[] = [
  legitimate("BDAT, one chunk", [envelope(), ...inChunks(LETTER, LETTER.length)], CHUNKING),
  legitimate("BDAT, chunks of 100 bytes", [envelope(), ...inChunks(LETTER, 100)], CHUNKING),
  legitimate("BDAT, chunks of one byte", [envelope(), ...inChunks(shape("one line").content, 1)], CHUNKING),
  legitimate("BDAT 0 LAST at the end", [envelope(), ...inChunks(DOTS, 77, "BDAT 0 LAST\r\n")], CHUNKING),
  legitimate("BDAT of lone dots", [envelope(), ...inChunks(shape("only lone dots").content, 1000)], CHUNKING),
  legitimate("BDAT without a line end at the end", [envelope(), ...inChunks(`${LETTER}.`, 500)], CHUNKING),
  legitimate(
    "BDAT, then RSET, then BDAT",
    [
      envelope(),
      { send: `BDAT 5\r\nabcde` },
      { reply: true },
      { send: "RSET\r\n" },
      { maybe: true },
      envelope(),
      ...inChunks(DOTS, 40),
    ],
    CHUNKING,
  ),
  legitimate(
    "BDAT of bytes above 127",
    [
      { group: [`MAIL FROM:<${VISIBLE}> BODY=8BITMIME\r\n`, RCPT] },
      ...inChunks(shape("all bytes above 127").content, 64),
    ],
    ["CHUNKING", "8BITMIME"],
  ),
  legitimate(
    "BDAT of eight megabytes",
    [envelope(), ...inChunks((BIG[0] as Shape).content, 1_000_000)],
    CHUNKING,
  ),
  legitimate(
    "BDAT in the group of its envelope",
    [
      { send: `${MAIL}${RCPT}BDAT ${DOTS.length} LAST\r\n${DOTS}` },
      ...Array.from({ length: 3 }, (): Step => ({ reply: true })),
    ],
    ["CHUNKING", "PIPELINING"],
  ),
];

const PIPELINING: Extension[] = ["PIPELINING"];
const replies = (count: number): Step[] => Array.from({ length: count }, (): Step => ({ reply: true }));
const next = `MAIL FROM:<${SECOND}>\r\nRCPT TO:<${BOB}>\r\nDATA\r\n`;
const sessions: Stream[] = [
  legitimate(
    "DATA in the group",
    [{ group: [MAIL, RCPT, "DATA\r\n"] }, { send: stuffed(DOTS) }, { reply: true }],
    PIPELINING,
  ),
  legitimate(
    "the next group after the end of data",
    [
      { group: [MAIL, RCPT, "DATA\r\n"] },
      { send: `${stuffed(DOTS)}${next}` },
      ...replies(4),
      { send: stuffed(LETTER) },
      { reply: true },
    ],
    PIPELINING,
  ),
  legitimate(
    "RSET first in each group",
    [
      { group: ["RSET\r\n", MAIL, RCPT, "DATA\r\n"] },
      { send: `${stuffed(DOTS)}RSET\r\n${next}` },
      ...replies(5),
      { send: stuffed(DOTS) },
      { reply: true },
    ],
    PIPELINING,
  ),
  legitimate(
    "QUIT after the end of data",
    [{ group: [MAIL, RCPT, "DATA\r\n"] }, { send: `${stuffed(DOTS)}` }, { reply: true }],
    PIPELINING,
  ),
  legitimate("three messages", [
    envelope(),
    letter(LETTER),
    envelope(SECOND),
    letter(DOTS),
    envelope(),
    letter(shape("one line").content),
  ]),
  legitimate("RSET, NOOP and VRFY between messages", [
    envelope(),
    ...ask("RSET"),
    ...ask("NOOP"),
    envelope(),
    letter(DOTS),
    ...ask("NOOP"),
    ...ask("VRFY a"),
    ...ask("RSET"),
    envelope(SECOND),
    letter(LETTER),
  ]),
  legitimate("EHLO again between messages", [
    envelope(),
    letter(DOTS),
    ...ask("EHLO client.test"),
    envelope(SECOND),
    letter(LETTER),
  ]),
  legitimate("HELP", [...ask("HELP"), envelope(), letter(DOTS)]),
  legitimate("verbs in small letters", [
    ...ask(`mail from:<${VISIBLE}>`),
    ...ask(`rcpt to:<${ALICE}>`),
    ...ask("data"),
    { send: stuffed(DOTS) },
    { reply: true },
  ]),
  legitimate("every byte in a segment of its own", [
    { trickle: MAIL },
    { reply: true },
    { trickle: RCPT },
    { reply: true },
    { trickle: "DATA\r\n" },
    { reply: true },
    { trickle: stuffed(DOTS) },
    { reply: true },
  ]),
  legitimate("data in segments of seven bytes", [
    envelope(),
    ...ask("DATA"),
    ...pieces(stuffed(LETTER), 7).map((send): Step => ({ send })),
    { reply: true },
  ]),
  // RFC 5321 4.5.3.1 lets a client try, and has it be ready for a refusal: OpenSMTPD takes 128 octets.
  legitimate("a recipient longer than some servers take", [
    ...ask(MAIL.trim()),
    ...ask(`RCPT TO:<${"x".repeat(200)}@judge.test>`),
    ...ask(RCPT.trim()),
    letter(DOTS),
  ]),
  {
    name: "HELO",
    family: "legitimate",
    about: "a client without extensions",
    steps: [{ reply: true }, ...ask("HELO client.test"), envelope(), letter(DOTS), ...bye],
  },
  ...["[127.0.0.1]", "[IPv6:::1]", "localhost", "client-1.xn--bcher-kva.test"].map((name): Stream => ({
    name: `EHLO ${name}`,
    family: "legitimate",
    about: "names that clients give themselves",
    steps: [{ reply: true }, ...ask(`EHLO ${name}`), envelope(), letter(DOTS), ...bye],
  })),
];

export const CONVERSATIONS: readonly Stream[] = [
  ...SHAPES.map(asUsual),
  ...BIG.map(asUsual),
  ...bdat,
  ...sessions,
];
