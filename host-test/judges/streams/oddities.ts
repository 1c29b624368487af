/** Lines that are too long, and bytes that servers read differently. */
import {
  ALICE,
  BOB,
  each,
  ehlo,
  envelope,
  HEAD,
  HIDDEN,
  MAIL,
  quit,
  RCPT,
  toData,
  VISIBLE,
  type Step,
  type Stream,
} from "../steps.js";

const BODY = `${HEAD}visible\r\n.\r\n`;
const HIDDEN_MAIL = `MAIL FROM:<${HIDDEN}>\r\n${RCPT}DATA\r\n${HEAD}hidden\r\n.\r\n`;

/** A line of `length` bytes before its CRLF, the last of them `tail`. */
const padded = (head: string, length: number, tail: string): string =>
  head + "A".repeat(length - head.length - tail.length) + tail;

/** A server with a buffer of `size` bytes may take what is after it for a line of its own. */
function overlong(size: number): Stream {
  const line = `${padded("NOOP ", size, "")}MAIL FROM:<${HIDDEN}>\r\n`;
  return {
    name: `a command of ${size} bytes, then MAIL in the same line`,
    family: "long lines",
    about: "where is the line cut?",
    steps: [...ehlo, ...each(line, RCPT, "DATA\r\n", `${HEAD}hidden\r\n.\r\n`), quit],
  };
}

export const longLines: Stream[] = [
  ...[512, 1000, 1001, 2048, 4096, 12288, 16384, 32768].map(overlong),
  {
    name: "a recipient of 3,000 bytes",
    family: "long lines",
    about: "refused, and the rest of the transaction stands",
    steps: [
      ...ehlo,
      envelope(),
      ...each(`RCPT TO:<${"b".repeat(3000)}@judge.test>\r\n`, "DATA\r\n", BODY),
      quit,
    ],
    differs: { in: "arrival", why: "some close the connection over a line of this length" },
  },
  ...[998, 2048, 4096, 16384, 65536].map((length): Stream => ({
    name: `a line of ${length} bytes in the data, then a dot`,
    family: "long lines",
    about: "a line that is cut makes a new one, and the dot its start",
    steps: [...toData, ...each(`${HEAD}${padded("", length, "")}.\r\nvisible\r\n.\r\n`), quit],
    ...(length > 998
      ? { differs: { in: "arrival", why: "a server may refuse or fold a line above 998 bytes" } as const }
      : {}),
  })),
];

/** After EHLO the segments, each with a wait after it. */
function odd(name: string, about: string, segments: string[], more: Partial<Stream> = {}): Stream {
  return { name, family: "odd bytes", about, steps: [...ehlo, ...each(...segments), quit], ...more };
}

/** A spelling that all who accept it read alike, and that no protection prevents by default. */
const LAX: Partial<Stream> = {
  differs: { in: "arrival", under: "recommended", why: "a lax spelling, refused by some" },
};

/** `line` among a transaction that is otherwise in order. */
const within = (name: string, about: string, line: string, more: Partial<Stream> = {}): Stream =>
  odd(name, about, [MAIL, RCPT, line, "DATA\r\n", BODY], more);

export const oddBytes: Stream[] = [
  within(
    "a bare CR between two commands",
    "one line or two?",
    `RCPT TO:<c-#####@judge.test>\rRCPT TO:<${BOB}>\r\n`,
  ),
  within(
    "CR CRLF at the end of a command",
    "a CR that belongs to the address or to nobody",
    `RCPT TO:<${BOB}>\r\r\n`,
  ),
  within("NUL after the address", "the address ends at NUL for C", `RCPT TO:<${BOB}\0@evil.test>\r\n`),
  within("NUL after the command", "the line ends at NUL for C", `NOOP\0RCPT TO:<${BOB}>\r\n`),
  within("NUL before the command", "an empty line for C", `\0RCPT TO:<${BOB}>\r\n`),
  within("a space before the command", "skipped by some", ` RCPT TO:<${BOB}>\r\n`),
  within("a tab before the command", "skipped by some", `\tRCPT TO:<${BOB}>\r\n`),
  within("a tab between RCPT and TO", "a separator for some", `RCPT\tTO:<${BOB}>\r\n`),
  within("two spaces between RCPT and TO", "a separator for some", `RCPT  TO:<${BOB}>\r\n`, LAX),
  within("a space after the colon", "a lax spelling", `RCPT TO: <${BOB}>\r\n`, LAX),
  within("no brackets", "a lax spelling", `RCPT TO:${BOB}\r\n`, LAX),
  within("brackets in brackets", "which is the address?", `RCPT TO:<c@judge.test<${BOB}>>\r\n`, LAX),
  within(
    "a domain outside the inner brackets",
    "Postfix reads a phrase and an address",
    "RCPT TO:<c@judge.test<root>>\r\n",
  ),
  within(
    "a domain outside the inner brackets, and spaces",
    "Postfix reads a phrase and an address",
    "RCPT TO:<c@judge.test <root> >\r\n",
  ),
  within("a domain in the source route only", "no domain", "RCPT TO:<@judge.test:root>\r\n"),
  within("a domain in a comment only", "no domain", "RCPT TO:<root(@judge.test)>\r\n"),
  within("an escaped at sign", "no domain for Postfix and Exim", "RCPT TO:<root\\@judge.test>\r\n"),
  within("a source route", "RFC 5321 appendix C", `RCPT TO:<@relay.test:${BOB}>\r\n`, {
    differs: { in: "arrival", why: "a route may be ignored or refused (RFC 5321 appendix F.2)" },
  }),
  within(
    "a quoted address that only looks like one",
    "the domain is inside the quotes",
    `RCPT TO:<"${BOB}">\r\n`,
  ),
  within("a percent route", "whose is it?", `RCPT TO:<b-#####%judge.test>\r\n`),
  within("8-bit bytes in an address", "without SMTPUTF8", `RCPT TO:<b\xff-#####@judge.test>\r\n`),
  within("a control byte in an address", "Exim refuses it", `RCPT TO:<b\x01-#####@judge.test>\r\n`),
  within("telnet IAC in a command", "deleted by nobody", `RCPT TO:<\xff\xf4b-#####@judge.test>\r\n`),
  within("RCPTX", "not a prefix", `RCPTX TO:<${BOB}>\r\n`),
  within("RCPT in mixed case", "the benign twin", `rCpT tO:<${BOB}>\r\n`),
  within("a verb with a hidden second", "no verb at all", `MA*L FROM:<${HIDDEN}>\r\n`),
  odd("LF ends the commands", "postscreen's bare newline", [
    `MAIL FROM:<${VISIBLE}>\n`,
    `RCPT TO:<${ALICE}>\n`,
    "DATA\n",
    BODY,
  ]),
  odd("CR ends the commands", "nobody's line end", [
    `MAIL FROM:<${HIDDEN}>\rRCPT TO:<${ALICE}>\rDATA\r${HEAD}x\r.\r`,
    "\n",
  ]),
  odd("a header first", "a request from a browser", [
    `POST / HTTP/1.1\r\nHost: mx.judge.test\r\n\r\n${HIDDEN_MAIL}`,
  ]),
  odd("GET", "a request from a browser", [`GET / HTTP/1.1\r\n\r\n${HIDDEN_MAIL}`]),
  odd("a TLS hello in clear", "TLS without STARTTLS", [
    `\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00${HIDDEN_MAIL}`,
  ]),
  odd(
    "an empty line before each command",
    "what is an empty line?",
    [`\r\n${MAIL}`, `\r\n${RCPT}`, "\r\nDATA\r\n", BODY],
    {
      // aiosmtpd and OpenSMTPD offer no PIPELINING: two lines in one segment are a fault there.
      needs: ["PIPELINING"],
      differs: {
        in: "arrival",
        under: "recommended",
        why: "OpenSMTPD hangs up on groups: it offers none",
      },
    },
  ),
  {
    name: "one byte a segment",
    family: "odd bytes",
    about: "a terminal in character mode",
    steps: [
      ...ehlo,
      ...[MAIL, RCPT, "DATA\r\n", BODY].flatMap((trickle): Step[] => [{ trickle }, { reply: true }]),
      quit,
    ],
  },
];
