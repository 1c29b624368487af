/** The client's side of whole sessions: messages, chunks, AUTH and TLS, well formed and otherwise. */
import fc from "fast-check";
import { line, mailbox, noise, smtpAlphabet } from "./grammar.js";

/** One segment of the client; `answered` says that the server gets its turn before the next one. */
export interface Segment {
  text: string;
  answered: boolean;
}

const CLIENT_HELLO = "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00";

const goodContent = fc
  .array(fc.constantFrom("Subject: x", "", "..", ". x", "line", "8 bit \xe4", "QUIT", "x".repeat(200)), {
    maxLength: 6,
  })
  .map((lines) => lines.map((each) => `${each.startsWith(".") ? "." : ""}${each}\r\n`).join(""));

const content = fc.oneof({ weight: 2, arbitrary: goodContent }, smtpAlphabet, noise);

/** Segments that belong together, each to be answered before the next. */
type Exchange = string[];

const bdat = fc
  .tuple(content, fc.boolean(), fc.constantFrom(0, 0, 0, 0, -1, 1, 7))
  .map(([payload, last, wrong]): Exchange => {
    return [`BDAT ${Math.max(0, payload.length + wrong)}${last ? " LAST" : ""}\r\n${payload}`];
  });

const base64 = fc.constantFrom(
  "AGEAYg==",
  "dXNlcg==",
  "c2VjcmV0",
  "*",
  "",
  "=",
  "not base64!",
  "x".repeat(600),
);
const authentication = fc
  .tuple(
    fc.constantFrom("AUTH LOGIN", "AUTH PLAIN AGEAYg==", "AUTH PLAIN", "X-EXPS NTLM", "auth login"),
    fc.array(base64, { maxLength: 3 }),
  )
  .map(([command, responses]): Exchange => [command, ...responses].map((each) => `${each}\r\n`));

const encryption = fc
  .tuple(
    fc.constantFrom("STARTTLS", "X-ANONYMOUSTLS"),
    fc.oneof(fc.constant(CLIENT_HELLO), smtpAlphabet, noise),
  )
  .map(([command, first]): Exchange => [`${command}\r\n`, first, "opaque\0\r\n"]);

const exchange50 = fc
  .tuple(fc.nat({ max: 20 }), smtpAlphabet)
  .map(([size, payload]): Exchange => [`XEXCH50 ${size} 2\r\n`, payload]);

/** A whole message by DATA, the pieces in lock-step or pipelined. */
export const message: fc.Arbitrary<Exchange> = fc
  .tuple(
    mailbox,
    fc.array(fc.oneof({ weight: 4, arbitrary: mailbox }, fc.constant("root")), {
      minLength: 1,
      maxLength: 3,
    }),
    content,
    fc.boolean(),
  )
  .map(([from, to, body, pipelined]): Exchange => {
    const lines = [`MAIL FROM:<${from}>\r\n`, ...to.map((each) => `RCPT TO:<${each}>\r\n`), "DATA\r\n"];
    return [...(pipelined ? [lines.join("")] : lines), `${body}\r\n.\r\n`];
  });

const envelopeForBdat = bdat.map((chunk): Exchange => [
  "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n",
  ...chunk,
]);

const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => [lines.join("")]) },
  { weight: 4, arbitrary: message },
  { weight: 2, arbitrary: envelopeForBdat },
  { weight: 2, arbitrary: authentication },
  bdat,
  encryption,
  exchange50,
  { weight: 2, arbitrary: smtpAlphabet.map((each) => [each]) },
  noise.map((each) => [each]),
);

/** The client's side of a session, opening as it should or not. Segments run together where `how` says so. */
export const clientSide: fc.Arbitrary<Segment[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(exchange, { minLength: 1, maxLength: 5 }),
    fc.array(fc.constantFrom("answered", "answered", "answered", "answered", "joined", "early"), {
      minLength: 1,
      maxLength: 12,
    }),
  )
  .map(([opens, exchanges, how]) => {
    const all = [...(opens ? ["EHLO client.example\r\n"] : []), ...exchanges.flat()];
    const segments: Segment[] = [];
    let before = "";
    all.forEach((each, index) => {
      const manner = how[index % how.length];
      if (manner === "joined" && index + 1 < all.length) {
        before += each;
        return;
      }
      segments.push({ text: before + each, answered: manner !== "early" });
      before = "";
    });
    return segments;
  });
