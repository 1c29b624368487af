/** Legitimate envelopes and what comes before them: parameters, unusual addresses, AUTH, STARTTLS. */
import {
  ALICE,
  BOB,
  ehlo,
  envelope,
  quit,
  VISIBLE,
  type Extension,
  type Step,
  type Stream,
} from "../steps.js";

const CONTENT =
  "From: <a@client.test>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <#####@client.test>\r\n" +
  "Subject: judged\r\n\r\n.\r\nhello\r\n";

const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const ask = (command: string): Step[] => [{ send: `${command}\r\n` }, { reply: true }];
const letter: Step = { letter: CONTENT };

function legitimate(name: string, about: string, steps: Step[], needs: Extension[] = []): Stream {
  return { name, family: "legitimate", about, steps: [...ehlo, ...steps, quit, { reply: true }], needs };
}

/** One message with these MAIL and RCPT commands, each sent when the one before is answered. */
const addressed = (name: string, about: string, commands: string[], needs: Extension[] = []): Stream =>
  legitimate(name, about, [...commands.flatMap(ask), letter], needs);

const MAIL = `MAIL FROM:<${VISIBLE}>`;
const RCPT = `RCPT TO:<${ALICE}>`;
const many = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `r${String(at).padStart(4, "0")}-#####@judge.test`);

const envelopes: Stream[] = [
  addressed("an empty sender", "a bounce", ["MAIL FROM:<>", RCPT]),
  addressed("the postmaster without a domain", "RFC 5321 2.3.5", [MAIL, "RCPT TO:<postmaster>"]),
  addressed("a quoted local part", "RFC 5321 4.1.2", [MAIL, `RCPT TO:<"b c-#####"@judge.test>`]),
  addressed("a quoted at sign", "the domain is after the quotes", [MAIL, `RCPT TO:<"b@c-#####"@judge.test>`]),
  addressed("all characters of an atom", "RFC 5322 3.2.3", [
    MAIL,
    "RCPT TO:<b#$&'*+-/=?^_`{|}~-#####@judge.test>",
  ]),
  addressed("a plus address", "a detail", [MAIL, "RCPT TO:<b+list=client.test-#####@judge.test>"]),
  addressed("a local part of 64 octets", "RFC 5321 4.5.3.1.1", [
    MAIL,
    `RCPT TO:<${"l".repeat(58)}-#####@judge.test>`,
  ]),
  addressed("a sender in VERP", "a list's bounce address", [
    "MAIL FROM:<visible-#####+b=judge.test@client.test>",
    RCPT,
  ]),
  addressed("a sender with an address literal", "RFC 5321 4.1.3", [
    "MAIL FROM:<visible-#####@[192.0.2.1]>",
    RCPT,
  ]),
  addressed("a sender with a long domain", "63 octets a label", [
    `MAIL FROM:<visible-#####@${"d".repeat(63)}.${"e".repeat(63)}.test>`,
    RCPT,
  ]),
  addressed("SIZE", "RFC 1870", [`${MAIL} SIZE=${CONTENT.length}`, RCPT], ["SIZE"]),
  addressed("BODY=7BIT", "RFC 6152", [`${MAIL} BODY=7BIT`, RCPT], ["8BITMIME"]),
  addressed(
    "SIZE and BODY",
    "as Postfix sends them",
    [`${MAIL} SIZE=${CONTENT.length} BODY=8BITMIME`, RCPT],
    ["SIZE", "8BITMIME"],
  ),
  addressed(
    "DSN, everything",
    "RFC 3461",
    [`${MAIL} RET=HDRS ENVID=Q+2B1`, `${RCPT} NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2B1@judge.test`],
    ["DSN"],
  ),
  addressed("DSN, nothing wanted", "RFC 3461", [`${MAIL} RET=FULL`, `${RCPT} NOTIFY=NEVER`], ["DSN"]),
  addressed(
    "SMTPUTF8 recipient",
    "RFC 6531",
    [`${MAIL} SMTPUTF8 BODY=8BITMIME`, utf8("RCPT TO:<jürgen-#####@judge.test>")],
    ["SMTPUTF8"],
  ),
  addressed(
    "SMTPUTF8 sender",
    "RFC 6531",
    [`MAIL FROM:<visible-#####-${utf8("日本")}@client.test> SMTPUTF8 BODY=8BITMIME`, RCPT],
    ["SMTPUTF8"],
  ),
  addressed(
    "SMTPUTF8 domain",
    "RFC 6531",
    [utf8("MAIL FROM:<visible-#####@bücher.test> SMTPUTF8 BODY=8BITMIME"), RCPT],
    ["SMTPUTF8"],
  ),
  addressed("100 recipients, one by one", "RFC 5321 4.5.3.1.8", [
    MAIL,
    ...many(100).map((each) => `RCPT TO:<${each}>`),
  ]),
  legitimate("2,000 recipients", "a list, in one group where the server takes that", [
    envelope(VISIBLE, ...many(2000)),
    letter,
  ]),
  legitimate("the same recipient twice", "kept once or twice, as without the filter", [
    envelope(VISIBLE, ALICE, BOB, ALICE),
    letter,
  ]),
];

/** A response in base64 that makes the whole line `length` octets long, without its CRLF. */
function response(head: string, length: number): string {
  const left = length - head.length;
  // Whole groups of four characters, and spaces are not needed: every length asked for leaves a multiple of four.
  if (left % 4 !== 0) throw new Error(`${length} octets leave ${left} for base64`);
  const user = "user=tester\x01auth=Bearer ";
  const bytes = (left / 4) * 3;
  return head + Buffer.from(`${user}${"t".repeat(bytes - user.length - 2)}\x01\x01`).toString("base64");
}
/** The same for PLAIN: a password of that length. */
function password(head: string, length: number): string {
  const bytes = Math.floor((length - head.length) / 4) * 3;
  return head + Buffer.from(`\0tester\0${"p".repeat(bytes - 8)}`).toString("base64");
}
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const authenticated = (name: string, about: string, commands: string[]): Stream =>
  legitimate(name, about, [...commands.flatMap(ask), envelope(), letter], ["AUTH"]);

const auth: Stream[] = [
  authenticated("AUTH PLAIN in one line", "RFC 4616", [`AUTH PLAIN ${base64("\0tester\0secret")}`]),
  authenticated("AUTH PLAIN in two lines", "RFC 4954 4", ["AUTH PLAIN", base64("\0tester\0secret")]),
  authenticated("AUTH LOGIN", "as Outlook does it", ["AUTH LOGIN", base64("tester"), base64("secret")]),
  authenticated("AUTH LOGIN with the name in the command", "as some do it", [
    `AUTH LOGIN ${base64("tester")}`,
    base64("secret"),
  ]),
  authenticated("AUTH LOGIN whose name reads like a command", "SEND is base64 for HCC", [
    "AUTH LOGIN",
    "SEND",
    base64("secret"),
  ]),
  authenticated("AUTH cancelled", "RFC 4954 4: a star", ["AUTH PLAIN", "*"]),
  authenticated("auth plain in small letters", "verbs and mechanisms have no case", [
    `auth plain ${base64("\0tester\0secret")}`,
  ]),
  authenticated("AUTH with a mechanism that is not offered", "504, and the mail goes on", ["AUTH GSSAPI"]),
  authenticated("AUTH PLAIN of 500 octets", "at the limit of a plain command", [
    password("AUTH PLAIN ", 511),
  ]),
  ...[2000, 4096, 8192].map((length) =>
    authenticated(`AUTH PLAIN of ${length} octets`, "RFC 4954 4 allows 12,288", [
      "AUTH PLAIN",
      password("", length),
    ]),
  ),
  authenticated("AUTH PLAIN with a response of 12,288 octets", "RFC 4954 4: the longest", [
    "AUTH PLAIN",
    password("", 12_288),
  ]),
  authenticated("AUTH XOAUTH2 with a token of 1,500 octets", "as Microsoft's are", [
    response("AUTH XOAUTH2 ", 13 + 2000),
  ]),
  authenticated("AUTH XOAUTH2 with a line of 12,285 octets", "the longest whole base64", [
    response("AUTH XOAUTH2 ", 13 + 12_272),
  ]),
  authenticated("MAIL with AUTH=<>", "RFC 4954 5", [
    `AUTH PLAIN ${base64("\0tester\0secret")}`,
    `${MAIL} AUTH=<>`,
    "RSET",
  ]),
];

const tls: Stream[] = [
  legitimate(
    "STARTTLS, then a message",
    "RFC 3207",
    [...ask("STARTTLS"), { tls: true }, ...ask("EHLO client.test"), envelope(), letter],
    ["STARTTLS"],
  ),
];

/** All of them. */
export const ENVELOPES: readonly Stream[] = [...envelopes, ...auth, ...tls];
