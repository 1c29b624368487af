/** Reports on sessions in which the filter starts TLS: recorded inside of it, and in clear only. */
import { describe, expect, test } from "vitest";
import { text } from "../../workbench/bytes.js";
import { sessionJson } from "../../workbench/json-lines.js";
import { sessionText } from "../../workbench/view.js";
import { htmlOf, reportOn } from "../support/reports.js";

const TERMINATE = '{"starttls":{"terminate":true}}';
const ALWAYS = '{"starttls":{"originate":"always"}}';
const CLEAR = "S: 220 mx\nC: EHLO a.example\nS: 250 mx\nC> STARTTLS";
const INSIDE = "== TLS client\nC: EHLO a.example\nS: 250 mx\nC: XADR";

const linesOf = (lines: string, policy: string): string[] =>
  sessionText(reportOn(lines, policy)).trimEnd().split("\n").slice(1);

describe("the client's TLS", () => {
  test("of a transcript that goes on inside is a mark, and what is said inside is inspected", () => {
    const lines = linesOf(`${CLEAR}\n${INSIDE}`, TERMINATE);
    expect(lines.slice(-9)).toEqual(
      [
        "S> 250 2.0.0 ok",
        "C< 220 2.0.0 Ready to start TLS",
        "== TLS client",
        "C: EHLO a.example",
        "S: 250 mx",
        "C> XADR",
        "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client",
        "S< NOOP",
        "S> 250 2.0.0 ok",
        "C< 502 5.5.1 private_command: rejected by policy",
        "== prevented; 1 finding; left open",
      ].slice(-9),
    );
  });

  test("of a recording that has it only encrypted ends the inspection", () => {
    const lines = linesOf(`${CLEAR.replace("C>", "C:")}\nS: 220 go\nC:: \\x16\\x03\\x01`, TERMINATE);
    expect(lines.slice(-5)).toEqual([
      "# in the recording; would not happen under this policy:",
      "S> 220 go",
      "# not inspected: the filter starts TLS here, and the recording does not have what is said inside",
      "# 3 bytes of TLS from the client",
      "== incomplete: the filter starts TLS here, and the recording does not have what is said inside; left open",
    ]);
  });

  test("that the filter does not start under this policy ends it, too", () => {
    const why = "TLS starts here in the recording, but not under this policy";
    expect(linesOf(`${CLEAR}\n${INSIDE}`, "{}").slice(-1)).toEqual([
      `== detected; 1 finding; incomplete: ${why}; left open`,
    ]);
  });

  test("is in JSON and HTML as in the text", () => {
    const report = reportOn(`${CLEAR}\n${INSIDE}`, TERMINATE);
    const { turns } = sessionJson(report) as { turns: { mark: string; kind: string; lines: string[] }[] };
    const marks = turns.filter(({ kind }) => kind === "starttls");
    expect(marks.map(({ mark, lines }) => [mark, lines])).toEqual([["==", ["TLS client"]]]);
    expect(htmlOf(report)).toContain("TLS starts here");
    expect(text(report.toClient.bytes)).toContain("220 2.0.0 Ready to start TLS\r\n");
  });
});

describe("the server's TLS", () => {
  const SAID = "S: 220 mx\nC: EHLO a.example\nS: 250-mx\nS: 250-STARTTLS\nS: 250 SIZE\nC: QUIT\nS: 221 bye";

  test("is played where the recording has none, with the server's own reply to EHLO inside", () => {
    expect(linesOf(SAID, ALWAYS).slice(1)).toEqual([
      "C: EHLO a.example",
      "S> 250-mx",
      "S> 250-STARTTLS",
      "S> 250 SIZE",
      "S< STARTTLS",
      "S> 220 2.0.0 go ahead",
      "== TLS server",
      "S< EHLO a.example",
      "S> 250-mx",
      "S> 250 SIZE",
      "C< 250-mx",
      "C< 250 SIZE",
      "C: QUIT",
      "S: 221 bye",
      "== clean; left open",
    ]);
  });

  test("is that of the recording where it has it", () => {
    const said =
      "S: 220 mx\nC: EHLO a.example\nS> 250-mx\nS> 250 STARTTLS\nS< STARTTLS\nS> 220 up\n== TLS server\nS< EHLO a.example\nS: 250 in";
    expect(linesOf(said, ALWAYS).slice(2)).toEqual([
      "S> 250-mx",
      "S> 250 STARTTLS",
      "S< STARTTLS",
      "S> 220 up",
      "== TLS server",
      "S< EHLO a.example",
      "S: 250 in",
      "== clean; left open",
    ]);
  });
});
