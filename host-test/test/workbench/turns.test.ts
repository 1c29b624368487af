/** Turns of a report: what became of each, in which mode it was said, and which findings stand at it. */
import { describe, expect, test } from "vitest";
import { text } from "../../workbench/bytes.js";
import { sessionJson } from "../../workbench/json-lines.js";
import { sessionText } from "../../workbench/view.js";
import { reportOn } from "../support/reports.js";

const HEAD = "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250-PIPELINING\nS: 250 AUTH PLAIN";
const REJECT =
  '{"protections":{"private_command":"prevent","improper_pipelining":"off"},"limits":{"rejected_commands":10000}}';

/** A session whose client sends `count` lines that are refused, and then AUTH, in one group. */
function groupOf(count: number): string[] {
  const group = `${"C: XADR\n".repeat(count)}C: NOOP\nC: AUTH PLAIN AGEAc2VjcmV0`;
  const replies = `${"S: 500 what\n".repeat(count)}S: 250 ok\nS: 235 ok`;
  return sessionText(reportOn(`${HEAD}\n${group}\n${replies}`, REJECT))
    .trimEnd()
    .split("\n")
    .slice(6);
}

describe("a group of commands", () => {
  test("lines that are the same have each its own finding", () => {
    const found = "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client";
    expect(groupOf(3).slice(0, 8)).toEqual([
      ...["C> XADR", found, "C> XADR", found, "C> XADR", found],
      "C: NOOP",
      "C: AUTH PLAIN ***",
    ]);
  });

  test("what passes is known again after 4,900 lines that do not", () => {
    const lines = groupOf(4900);
    expect(lines.filter((line) => line.startsWith("C> XADR")).length).toBe(4900);
    expect(lines.slice(0, 9800).filter((line) => line.startsWith("^ ")).length).toBe(4900);
    expect(lines.slice(9800, 9802)).toEqual(["C: NOOP", "C: AUTH PLAIN ***"]);
  });
});

test("the filter's words stand before the reply that they came before", () => {
  const group = "C: XADR a\nC: MAIL FROM:<a@x.org>\nC: XADR b\nC: RCPT TO:<b@x.org>";
  const replies = "S: 500 what\nS: 250 ok\nS: 500 what\nS: 250 ok";
  const report = reportOn(`${HEAD}\n${group}\n${replies}`, REJECT);
  const reply = "502 5.5.1 private_command: rejected by policy";
  expect(text(report.toClient.bytes).split("\r\n").slice(4, -1)).toEqual([reply, "250 ok", reply, "250 ok"]);
  expect(sessionText(report).trimEnd().split("\n").slice(12, -1)).toEqual([
    "# in the recording; would not happen under this policy:",
    "S> 500 what",
    `C< ${reply}`,
    "S: 250 ok",
    `C< ${reply}`,
    "# in the recording; would not happen under this policy:",
    "S> 500 what",
    "S: 250 ok",
  ]);
});

describe("a turn", () => {
  test("what had passed of a message stays passed when the session ends before its rest", () => {
    const mail = "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go";
    const said = `S: 220 mx\nC: EHLO a\nS: 250 mx\n${mail}\nC: one\nC:: .\\n\nS: 250 queued\nC: two`;
    const lines = sessionText(reportOn(said, "{}")).trimEnd().split("\n");
    expect(lines.slice(10)).toEqual([
      "C: one",
      "C:: .\\n",
      "C: two",
      "# 12 bytes of data, 6 of which reached the server",
      "^ smuggled_end_of_data/smuggled: prevented (terminate), at byte 6 of it",
      "# in the recording; would not happen under this policy:",
      "S> 250 queued",
      "== terminated; 1 finding; the filter closed the connection",
    ]);
  });

  test("each turn says in which mode it was said, the filter's own words as well", () => {
    const said = [
      "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250-AUTH LOGIN\nS: 250 CHUNKING",
      "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 no",
      "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b",
      "C: BDAT 3\nC: x\nS: 250 3\nC: RSET\nS: 250 r",
      "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b",
      "C: DATA\nS: 354 go\nC:: one\\n\nC: two\nC: .\nS: 250 queued",
      "C: STARTTLS\nS: 220 go\nC:: \\x16\\x03\\x01",
    ].join("\n");
    const normalize = '{"bare_newline_in_data":{"mode":"prevent","action":"normalize"}}';
    const report = reportOn(said, `{"profile":"monitor","protections":${normalize}}`);
    const { turns } = sessionJson(report) as {
      turns: { mark: string; mode: string; kind: string; lines: string[] }[];
    };
    const shown = turns.map(({ mark, mode, kind, lines }) => `${mode} ${mark} ${lines[0] ?? kind}`);
    expect(shown.slice(5, 9)).toEqual([
      "command C: AUTH LOGIN",
      "command S: 334 VXNlcm5hbWU6",
      "auth C: *",
      "auth S: 501 no",
    ]);
    expect(shown.slice(13, 16)).toEqual(["command C: BDAT 3", "bdat C: x", "command S: 250 3"]);
    expect(shown.slice(22)).toEqual([
      "command C: DATA",
      "command S: 354 go",
      "data C: one\\n",
      "data S< one",
      "command S: 250 queued",
      "command C: STARTTLS",
      "command S: 220 go",
      "tls C: tls",
    ]);
  });
});
