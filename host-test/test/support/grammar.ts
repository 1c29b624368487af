/** SMTP as clients speak it, well formed and otherwise: arbitraries over strings of one character a byte. */
import fc from "fast-check";

/** What matters at line ends and round the end of data. */
const SHARP = [
  "\r",
  "\n",
  ".",
  "\0",
  " ",
  "\t",
  "\r\n",
  "\r\n.\r\n",
  "\r\n.\n",
  "\n.\r\n",
  "\r.\r",
  "..",
  "\r\n..\r\n",
];
const BLUNT = [
  "a",
  "Subject: x",
  "MAIL FROM:<a@example.org>",
  "QUIT",
  "\xff",
  "\xc3\xa4",
  "354 go",
  "250-x",
  "NOOP",
];

/** Bytes that SMTP gives a meaning, in all orders. */
export const smtpAlphabet: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SHARP) }, fc.constantFrom(...BLUNT)), {
    maxLength: 14,
  })
  .map((tokens) => tokens.join(""));

/** Any bytes. */
export const noise: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 })
  .map((codes) => String.fromCharCode(...codes));

const lineEnd = fc.oneof(
  { weight: 30, arbitrary: fc.constant("\r\n") },
  fc.constantFrom("\n", "\r\r\n", "\r", "\n\r\n", "\r\n\r\n", "\r\n\0", ""),
);

/** Paths with a domain, without brackets. */
export const mailbox = fc.constantFrom(
  "a@example.org",
  "b@example.net",
  '"a b"@example.org',
  "c@[192.0.2.1]",
);
const parameter = fc.constantFrom(
  "",
  "",
  "",
  " SIZE=5",
  " BODY=8BITMIME",
  " BODY=BINARYMIME",
  " SMTPUTF8",
  " RET=HDRS",
);

/** Commands that RFC 5321 and its extensions know, as they should be written. */
const goodCommand = fc.oneof(
  fc.constantFrom(
    "EHLO client.example",
    "HELO client.example",
    "RSET",
    "NOOP",
    "QUIT",
    "HELP",
    "VRFY a",
    "EXPN list",
  ),
  { weight: 2, arbitrary: fc.tuple(mailbox, parameter).map(([path, more]) => `MAIL FROM:<${path}>${more}`) },
  { weight: 2, arbitrary: mailbox.map((path) => `RCPT TO:<${path}>`) },
  fc.constantFrom(
    "DATA",
    "STARTTLS",
    "ETRN example.org",
    "MAIL FROM:<>",
    "RCPT TO:<Postmaster>",
    "AUTH LOGIN",
  ),
);

/** Commands that some protection has a word for. */
const badCommand = fc.oneof(
  fc.constantFrom(
    "XADR",
    "X-EXPS GSSAPI",
    "X-LINK2STATE FIRST CHUNK={x}",
    "X-ANONYMOUSTLS",
    "XCLIENT ADDR=192.0.2.9",
    "TURN",
  ),
  fc.constantFrom(
    "ATRN",
    "RCPT TO:<root>",
    'RCPT TO:<"a@b">',
    "RCPT TO:<@x.org:root>",
    "RCPT TO:<root(@x.org)>",
  ),
  fc.constantFrom(
    "HELO \x01\xff",
    "MAIL FROM:<\0a@example.org>",
    "MAIL FROM:<\xe4@example.org>",
    "RCPT TO:<b\r@example.org>",
  ),
  fc.constantFrom(
    " MAIL FROM:<a@example.org>",
    "MAIL\tFROM:<a@example.org>",
    "DATA x",
    "STARTTLS x",
    "MAIL  FROM: a@example.org",
  ),
  fc.constantFrom(
    "",
    " ",
    "\t",
    "\0",
    "GET / HTTP/1.1",
    "a=b",
    "354 go",
    "BDAT",
    "BDAT x",
    "BDAT -1",
    "BDAT  5",
    "BDAT 5 LAST x",
  ),
  fc.constantFrom(
    "BDAT 18446744073709551615",
    "BDAT 4294967301 LAST",
    "BDAT 2147483648",
    "BDAT 9223372036854775808 LAST",
    "XEXCH50",
    "XEXCH50 x 2",
    "AUTH",
    "AUTH X!Y =",
  ),
  fc.constantFrom(513, 1300, 12_300, 16_390, 17_000).map((length) => `NOOP ${"n".repeat(length)}`),
  smtpAlphabet,
);

/** A line, mostly well formed. */
export const line: fc.Arbitrary<string> = fc
  .tuple(fc.oneof({ weight: 4, arbitrary: goodCommand }, { weight: 1, arbitrary: badCommand }), lineEnd)
  .map(([command, end]) => command + end);
