/** What anonymising leaves of a line, and what it does not. */
import { describe, expect, test } from "vitest";
import { anonymised } from "../../workbench/anonymise.js";
import { text } from "../../workbench/bytes.js";
import { parseLines } from "../../workbench/lines.js";
import { spokenIn } from "../../workbench/transcript.js";

/** Both sides of a conversation, anonymised, one line a line. */
function lines(conversation: string, shortened = false): string[] {
  const said = [...spokenIn(parseLines(conversation.split("\n"), "test", 1))];
  const own = anonymised(said, new Set(["XMINE"]), shortened);
  return own.flatMap(({ bytes }) => text(bytes).split(/(?<=\n)/)).map((line) => line.replace(/\r\n$/, ""));
}

const START = "S: 220 mx.corp.invalid ESMTP Postfix (Debian)\nC: EHLO laptop-7.corp.invalid";
const IN_DATA = "S: 220 go\nC: DATA\nS: 354 go";

describe("commands and replies", () => {
  test("names are others of the same length, the same for the same name", () => {
    expect(
      lines(
        `${START}\nS: 250-mx.corp.invalid Hello laptop-7.corp.invalid [10.20.30.40]\nS: 250-SIZE 52428800\nS: 250 XSECRET 8`,
      ),
    ).toEqual([
      "220 dddddd1.example ESMTP xxxxxxx (xxxxxx)",
      "EHLO dddddddddddd2.example",
      "250-dddddd1.example Hello dddddddddddd2.example [192.0.2.101]",
      "250-SIZE 52428800",
      "250 xxxxxxx 0",
    ]);
  });

  test("paths and parameters keep their shape", () => {
    expect(
      lines(
        [
          "C: MAIL FROM:<Anna.Müller+x@Corp.invalid> SIZE=1234 BODY=8BITMIME RET=HDRS ENVID=a7 AUTH=<> X=1",
          "C: RCPT TO:<bob@corp.invalid> NOTIFY=NEVER ORCPT=rfc822;bob@corp.invalid",
          'C: rcpt to: <"b o b"(c)@[IPv6:2001:db8::1]>',
          "C: RCPT TO:<postmaster>",
          "C: RCPT TO:<Postmaster@corp.invalid>",
          "C: VRFY robert",
          "C: RCPT TO:<@relay.invalid:bob@localhost>",
        ].join("\n"),
      ),
    ).toEqual([
      "MAIL FROM:<a.test\xc3\xa9use1+x@ddd2.example> SIZE=1234 BODY=8BITMIME RET=HDRS ENVID=x0 AUTH=<> x=0",
      "RCPT TO:<us2@ddd2.example> NOTIFY=NEVER ORCPT=rfc822;us2@ddd2.example",
      'rcpt to: <"x x x"(x)@[IPv6:0000:xx0::0]>',
      "RCPT TO:<postmaster>",
      "RCPT TO:<Postmaster@ddd2.example>",
      "VRFY xxxxxx",
      "RCPT TO:<@dddd3.example:us2@hosttttt4>",
    ]);
  });

  test("unknown verbs stay verbs, and private ones private; those that the policy names stay", () => {
    expect(
      lines(
        "C: SECRET hunter2\nC: xsecret-1 hunter2\nC: Xmine hunter2\nC: Subject: hunter2\nC: SSH-2.0-OpenSSH\nC: *3\nC: \\x03\\0\\xe9hunter2\nC:   HELO  a.b ",
      ),
    ).toEqual([
      "ZZZZZZ xxxxxx0",
      "xZZZZZZ-0 xxxxxx0",
      "Xmine xxxxxx0",
      "ZZZZZZZ: xxxxxx0",
      "SSH-0.0-ZZZZZZZ",
      "*0",
      "\x03\0\xffZZZZZZ0",
      "  HELO  a.x ",
    ]);
  });

  test("credentials are base64 of the same length, and invalid base64 stays invalid", () => {
    expect(
      lines(
        [
          "C: AUTH PLAIN AGFubmEAaHVudGVyMg==\nS: 535 5.7.8 anna: no such user",
          "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 334 Q2hhbGxlbmdl\nC: hunter2!\nS: 501 no",
          "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 no",
          "C: AUTH AGFubmEAaHVudGVyMg==\nS: 504 no",
          "C: AUTH s\\xe9cret\nS: 504 no",
          "C: YW5uYTpodW50ZXIy\nS: 500 what",
          "C: XW5uYTpodW50ZXIy\nS: 500 what",
        ].join("\n"),
      ),
    ).toEqual([
      "AUTH PLAIN AAAAAAAAAAAAAAAAAA==",
      "535 5.7.8 xxxx: xx xxxx xxxx",
      "AUTH LOGIN",
      "334 VXNlcm5hbWU6",
      "AA0AAA==",
      "334 x0xxxxxxxxxx",
      "AAAAAA0!",
      "501 xx",
      "AUTH LOGIN",
      "334 VXNlcm5hbWU6",
      "*",
      "501 xx",
      "AUTH MMMMMMMMMMMMMMMMMMM1",
      "504 xx",
      "AUTH A\xffAAAA",
      "504 xx",
      "ZZ0ZZZZZZZ00ZZZZ",
      "500 xxxx",
      "XZ0ZZZZZZZ00ZZZZ",
      "500 xxxx",
    ]);
  });
});

describe("content", () => {
  test("only line ends, dots at line starts, the colon of a header line and NULs are left of a message", () => {
    expect(
      lines(
        `${IN_DATA}\nC: Subject: a.secret\nC: .\\xe9 x.\nC:: a\\n\nC:: .b\\r\nC: .\\0.\\0x\nC:\nC: ..\nC: .\nS: 250 2.0.0 Ok: queued as 4F2A`,
      ),
    ).toEqual([
      "220 go",
      "DATA",
      "354 go",
      "xxxxxxx:xxxxxxxxx",
      ".\xffxxx",
      "x\n",
      ".x\r.\0.\0x",
      "",
      ".x",
      ".",
      "250 2.0.0 Ok: queued xx 0x0x",
    ]);
  });

  test("a BDAT chunk keeps its size", () => {
    expect(lines("S: 220 go\nC: BDAT 9 LAST\nC: secret\\xff\nS: 250 ok").slice(1)).toEqual([
      "BDAT 9 LAST",
      "xxxxxx\xff",
      "250 ok",
    ]);
  });

  test("shortened: ordinary lines in a row are four at most", () => {
    const message = `${"C: word\n".repeat(9)}C:: a\\n\n${"C: word\n".repeat(6)}C: .`;
    expect(lines(`${IN_DATA}\n${message}`, true).slice(3).join(" ")).toBe(
      // The line after a bare LF does not begin after CRLF.
      "xxxx xxxx xxxx xxxx x\n xxxx xxxx xxxx xxxx xxxx .",
    );
  });

  test("shortened: also where a message came in pieces", () => {
    const pieces = "C: word\nC: word\nC:: wo\n--\nC: rd\nC: word\n--\nC: word\nC: word\nC: .";
    expect(lines(`${IN_DATA}\n${pieces}`, true).slice(3)).toEqual(["xxxx", "xxxx", "xxxx", "xxxx", "."]);
  });

  test("of TLS the kind of the first record is left, and lines are lines", () => {
    const start = "S: 220 go\nC: STARTTLS\nS: 220 go";
    const records = "C:: \\x16\\x03\\x01\\0\\x05\\x01secret\\xff\nS:: \\x16\\x03\\x03\\0\\x05\\x02secret";
    expect(lines(`${start}\n${records}`).slice(3)).toEqual([
      "\x16\x03\x01\0\x05\x01xxxxxx\xff",
      "\x16\x03\x03\0\x05\x02xxxxxx",
    ]);
    expect(lines(`${start}\nC: NOOP secret\nS: 250 secret`).slice(3)).toEqual(["NOOP xxxxxx", "250 xxxxxx"]);
  });
});
