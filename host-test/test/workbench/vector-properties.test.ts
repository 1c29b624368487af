/** Whatever is said: a vector shows nothing of who said it, and passes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLines } from "../../workbench/lines.js";
import { bytesOf } from "../../workbench/transcript.js";
import { type Vector, vectorOf } from "../../workbench/vector.js";
import { written } from "../../workbench/vector-lines.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { REPLIES } from "../support/arbitrary-speech.js";
import { line, noise, smtpAlphabet } from "../support/grammar.js";
import { wasmModule } from "../support/vector-node.js";
import { recordingOf, runVector, START } from "./made-vectors.js";

const REFUSED = /^(?:after anonymising, the filter finds|a vector's lines cannot express who waits for whom)/;
/** 421 ends what is said. */
const GOING_ON = REPLIES.filter((reply) => !reply.startsWith("421"));

/** Words that are none of the protocol's, and long enough that no part in base64 is by chance a part of one. */
const secret = fc.stringMatching(/^q[a-z]{9,12}z$/);
const secrets = fc.record({
  mailbox: secret,
  domain: secret,
  host: secret,
  password: secret,
  subject: secret,
  body: secret,
  verb: secret,
  address: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join(".")),
});

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");

/** What base64 shows of a word wherever in it the word begins: without the characters that its neighbours change. */
const shownInBase64 = (word: string): string[] =>
  [0, 1, 2].map((shift) => base64("\0".repeat(shift) + word).slice(shift === 0 ? 0 : 4, -4));

test(
  "no name, credential or word of a message is in it, plain or in base64",
  () => {
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom("monitor", "recommended", "strict", "submission"),
        fc.boolean(),
        (own, profile, upper) => {
          const { mailbox, domain, host, password, subject, body, verb, address } = own;
          const plain = base64(`\0${mailbox}\0${password}`);
          const lines = [
            `S: 220 ${host}.${domain}.net ESMTP at ${address}`,
            `C: EHLO ${host}\nS: 250-${host} Hello ${host} [${address}]\nS: 250 AUTH PLAIN LOGIN`,
            `C: AUTH PLAIN ${plain}\nS: 535 ${mailbox} is wrong, ${plain}`,
            `C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${base64(mailbox)}\nS: 334 ${base64(`Password of ${mailbox}`)}\nC: ${base64(password)}\nS: 235 ok ${mailbox}`,
            `C: ${base64(`${password}${password}`)}\nS: 500 ${password}`,
            `C: MAIL FROM:<${mailbox}@${domain}.net> ENVID=${mailbox} AUTH=${mailbox}+40${domain}\nS: 250 ${mailbox}@${domain}.net ok`,
            `C: RCPT TO:<"${mailbox}"@[${address}]> ORCPT=rfc822;${mailbox}@${domain}\nS: 250 ${domain}`,
            `C: ${verb} ${password}\nS: 500 no ${verb}\nC: VRFY ${mailbox}\nS: 252 ${mailbox}`,
            `C: XCLIENT ADDR=${address} NAME=${host}.${domain} LOGIN=${mailbox}\nS: 550 ${host}`,
            `C: DATA\nS: 354 go\nC: Subject: ${subject}\nC: Message-ID: <${subject}@${domain}>\nC:\nC: .${body}\nC:: ${body}\\n\nC: ${base64(body)}\nC: .\nS: 250 queued as ${subject}`,
            `C: BDAT 20 LAST\nC: ${body.padEnd(18)}\nS: 250 ${address}`,
            `C: STARTTLS\nS: 220 ${host}\nC:: ${body}\\xe9${password}\nS:: ${subject}`,
          ];
          const said = lines.join("\n");
          const recording = recordingOf(
            upper ? said.replace(/\bq[a-z]+z\b/g, (word) => word.toUpperCase()) : said,
          );
          const { text } = vectorOf(recording, wasmModule(), JSON.stringify({ profile }));
          const lower = text.toLowerCase();
          for (const word of [mailbox, domain, host, password, subject, body, verb]) {
            expect(lower).not.toContain(word);
            for (const form of [word, word.toUpperCase()].flatMap(shownInBase64)) {
              expect(form.length).toBeGreaterThanOrEqual(8);
              expect(text).not.toContain(form);
            }
          }
          if (!/^(?:192\.0\.2|198\.51\.100|203\.0\.113|0\.0\.0)\./.test(address))
            expect(text).not.toContain(address);
        },
      ),
      parameters(200, 2000),
    );
  },
  TIMEOUT_MS,
);

test(
  "whatever both sides say makes a vector, nearly always: one that passes",
  () => {
    let tried = 0;
    let refused = 0;
    const client = fc
      .oneof({ weight: 3, arbitrary: line }, smtpAlphabet, noise)
      .map((text) => ({ from: "client" as const, text }));
    const server = fc
      .oneof({ weight: 4, arbitrary: fc.constantFrom(...GOING_ON) }, smtpAlphabet, noise)
      .map((text) => ({ from: "server" as const, text }));
    const speech = fc.oneof(client, server);
    fc.assert(
      fc.property(
        fc.array(speech, { maxLength: 14 }),
        fc.boolean(),
        fc.constantFrom("monitor", "strict"),
        (speeches, greets, profile) => {
          const greeting = greets ? [{ from: "server" as const, text: "220 mx\r\n" }] : [];
          const said = [...greeting, ...speeches]
            .filter(({ text }) => text !== "")
            .map(({ from, text }) => ({ from, bytes: bytesOf(text), end: false }));
          fc.pre(said.length > 0);
          const policy = JSON.stringify({ profile });
          tried++;
          let made: Vector;
          try {
            made = vectorOf({ ...START, said, stopped: null }, wasmModule(), policy);
          } catch (error) {
            expect((error as Error).message).toMatch(REFUSED);
            refused++;
            return;
          }
          runVector(made.id, made.text, false);
        },
      ),
      parameters(200, 2000),
    );
    // Whether a stand-in is needed depends on cuts, and its answer may complete a partial line of the server.
    expect(refused).toBeLessThan(Math.max(5, tried / 20));
  },
  TIMEOUT_MS,
);

test(
  "a line reads as it was written, whatever is in it",
  () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from("{}*\\:. 9a\r\n\0\t")));
    const run = fc
      .tuple(byte, fc.oneof(fc.constant(1), fc.nat(40)))
      .map(([code, count]) => String.fromCharCode(code).repeat(count));
    const body = fc.array(run, { maxLength: 20 }).map((runs) => runs.join("").replaceAll("\n", ""));
    fc.assert(
      fc.property(body, fc.constantFrom("", "\n", "\r\n"), (text, end) => {
        fc.pre(text + end !== "");
        const shown = written("C:", text + end);
        expect(shown).toMatch(/^[\x20-\x7e]*$/);
        expect(parseLines([shown], "test", 1)).toEqual([
          { kind: "text", from: "client", sent: true, received: true, text: text + end },
        ]);
      }),
      parameters(500),
    );
  },
  TIMEOUT_MS,
);
