/** What `replay` takes besides pages: plain lines, swaks, openssl s_client, gzip'd captures, and all of it from a pipe. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { text } from "../../workbench/bytes.js";
import { conversationsIn } from "../../workbench/conversations.js";
import { spokenIn } from "../../workbench/transcript.js";
import { pcapHead, Talk } from "../support/packets.js";
import { ended, isBuilt, started } from "../support/program.js";
import { runCommand } from "../support/run-command.js";

const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** What both sides say, in order. */
const said = (transcript: string): string[] =>
  conversationsIn(transcript, "t").flatMap(({ lines }) =>
    [...spokenIn(lines)].map(({ from, bytes, startsTls }) =>
      startsTls === true ? `TLS ${from}` : `${from} ${JSON.stringify(text(bytes))}`,
    ),
  );

const PLAIN = "S: 220 mx.example\nC: EHLO b\nS: 250-mx.example\nS: 250 STARTTLS\nC: XADR\n";

describe("plain lines", () => {
  test("as they are, indented as in an RFC, with CRLF, with comments and empty lines", () => {
    const expected = [
      'server "220 mx.example\\r\\n"',
      'client "EHLO b\\r\\n"',
      'server "250-mx.example\\r\\n250 STARTTLS\\r\\n"',
      'client "XADR\\r\\n"',
    ];
    expect(said(PLAIN)).toEqual(expected);
    expect(said(`# a note\n\n${PLAIN}`.replaceAll(/^/gm, "      "))).toEqual(expected);
    expect(said(PLAIN.replaceAll("\n", "\r\n"))).toEqual(expected);
  });

  test("nothing that looks like a conversation is said to be none", () => {
    expect(() => said("hello\nworld\n")).toThrow("t: no conversation: it needs lines that begin with");
    expect(() => said("")).toThrow("t: no conversation");
  });
});

/** swaks 20201014.0, with a message shortened. */
const SWAKS = `=== Trying 127.0.0.1:2525...
=== Connected to 127.0.0.1.
<-  220 mx.example ESMTP
 -> EHLO vm
<-  250-mx.example
<-  250 STARTTLS
 -> STARTTLS
<-  220 go
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
=== TLS peer DN="/CN=mx.example"
 ~> EHLO vm
<~  250 mx.example
 ~> MAIL FROM:<a@example.org>
<~* 550 no
 ~> QUIT
<~  221 bye
=== Connection closed with remote host.
`;

/** OpenSSL 3.0 on a terminal, \`s_client -starttls smtp -crlf\`; the certificate and most of a ticket are left out. */
const OPENSSL = `CONNECTED(00000003)
---
Certificate chain
 0 s:CN = mx.example
---
SSL handshake has read 1424 bytes and written 410 bytes
Verify return code: 18 (self-signed certificate)
---
250 HELP
---
Post-Handshake New Session Ticket arrived:
SSL-Session:
    Verify return code: 18 (self-signed certificate)
---
read R BLOCK
EHLO me.example
250-mx.example
250 HELP
DATA
354 go
250 is no reply here

.
250 ok
QUIT
221 bye
closed
`;

describe("what programs print", () => {
  test("swaks, and where it starts TLS", () => {
    expect(said(SWAKS)).toEqual([
      'server "220 mx.example ESMTP\\r\\n"',
      'client "EHLO vm\\r\\n"',
      'server "250-mx.example\\r\\n250 STARTTLS\\r\\n"',
      'client "STARTTLS\\r\\n"',
      'server "220 go\\r\\n"',
      "TLS client",
      "TLS server",
      'client "EHLO vm\\r\\n"',
      'server "250 mx.example\\r\\n"',
      'client "MAIL FROM:<a@example.org>\\r\\n"',
      'server "550 no\\r\\n"',
      'client "QUIT\\r\\n"',
      'server "221 bye\\r\\n"',
    ]);
  });

  test("openssl s_client: its notes are none of the session, and what it says before TLS is", () => {
    const lines = said(OPENSSL);
    expect(lines.slice(0, 7)).toEqual([
      'server "220 not.shown.by.openssl\\r\\n"',
      'client "EHLO mail.example.com\\r\\n"',
      'server "250-not.shown.by.openssl\\r\\n250 STARTTLS\\r\\n"',
      'client "STARTTLS\\r\\n"',
      'server "220 ready\\r\\n"',
      "TLS client",
      "TLS server",
    ]);
    expect(lines.slice(7)).toEqual([
      'client "EHLO me.example\\r\\n"',
      'server "250-mx.example\\r\\n250 HELP\\r\\n"',
      'client "DATA\\r\\n"',
      'server "354 go\\r\\n"',
      'client "250 is no reply here\\r\\n\\r\\n.\\r\\n"',
      'server "250 ok\\r\\n"',
      'client "QUIT\\r\\n"',
      'server "221 bye\\r\\n"',
    ]);
  });

  test("openssl's output to a pipe, which lacks the client's side, is refused", () => {
    const piped = OPENSSL.replaceAll(/^(?:EHLO|DATA|QUIT|\.|250 is no|354).*\n/gm, "").replace("\n\n", "\n");
    expect(() => said(piped)).toThrow(
      "t: openssl s_client prints only what the server says, unless on a terminal",
    );
  });

  test.each([
    ["session.log", PLAIN, 1],
    ["swaks.out", SWAKS, 1],
    ["terminal", OPENSSL, 1],
  ])("replay takes %s by what is in it", async (name, content, code) => {
    const ran = await runCommand(replay, [file(name, content)]);
    expect(ran).toMatchObject({ code, err: "" });
    expect(ran.out).toContain("== session 0  192.0.2.10:40000 → 192.0.2.25:25");
  });
});

describe("gzip", () => {
  const capture = Buffer.concat([pcapHead(), ...new Talk(1).mail(100), ...new Talk(2).mail(100)]);

  test("a compressed capture gives what the capture gives, whatever its name", async () => {
    const [plain, packed] = [file("a.pcap", capture), file("a.pcap.gz", gzipSync(capture))];
    const expected = await runCommand(replay, [plain]);
    expect(expected.out).toContain("# 2 sessions; 0 with findings");
    const ran = await runCommand(replay, [packed]);
    expect(ran).toEqual({ ...expected, out: expected.out.replace(plain, packed) });
    const found = await runCommand(replay, [folder, "--summary"]);
    expect(found.out).toContain("a.pcap.gz\n== session 0 ");
  });

  test("a damaged one gives what could be read, and says so", async () => {
    const random = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 7919) >> 3));
    const long = Buffer.concat([capture, ...new Talk(3).mail(1000), random]);
    const cut = gzipSync(long).subarray(0, -20_000);
    const ran = await runCommand(replay, [file("cut.pcap.gz", cut)]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/^smtp-inspector replay: .*cut\.pcap\.gz: .* at byte \d+: /);
    expect(ran.out).toMatch(/\n# \d sessions; 0 with findings/);
  });
});

describe.runIf(isBuilt)("standard input", () => {
  test("may be a transcript, or a compressed capture", async () => {
    for (const [input, expected] of [
      [PLAIN, "\nC> XADR\n^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client\n"],
      [gzipSync(Buffer.concat([pcapHead(), ...new Talk(1).mail(100)])), "\n# 1 session; 0 with findings\n"],
    ] as const) {
      const child = started(["replay", "-"]);
      child.stdin.end(input);
      const ran = await ended(child);
      expect(ran.err).toBe("");
      expect(ran.out).toContain(expected);
    }
  });
});
