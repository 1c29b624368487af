/** What each side received, as HTML shows it; and that no output holds a credential. */
import { describe, expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { receivedLines } from "../../html/session-received.js";
import type { SessionReport } from "../../workbench/model.js";
import { loadJudge } from "../../workbench/sessions.js";
import { sessionJson } from "../../workbench/json-lines.js";
import { sessionText } from "../../workbench/view.js";
import { htmlOf, reportOn, START } from "../support/reports.js";

describe("what each side received", () => {
  test("is there as it arrived, what the filter changed as well", () => {
    const mail = "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go";
    const report = reportOn(
      `S: 220 mx\nC: EHLO a\nS: 250 mx\nC: XADR\nS: 500 what\n${mail}\nC: one\\ttwo\nC: .\nS: 250 queued`,
      "{}",
    );
    expect(receivedLines(report.toServer)).toEqual([
      "EHLO a",
      "NOOP",
      "MAIL FROM:<a@x.org>",
      "RCPT TO:<b@x.org>",
      "DATA",
      "one\\ttwo",
      ".",
    ]);
    expect(receivedLines(report.toClient)).toEqual([
      "220 mx",
      "250 mx",
      "502 5.5.1 private_command: rejected by policy",
      "250 a",
      "250 b",
      "354 go",
      "250 queued",
    ]);
    expect(htmlOf(report)).toContain("The server received 72 bytes</summary>");
  });

  test("of a long session the first 16,384 bytes, and it says so", () => {
    const report = reportOn(`S: 220 mx\n${"C: NOOP\nS: 250 ok\n".repeat(3000)}`.trimEnd());
    expect(htmlOf(report)).toContain(
      "The server received 18000 bytes, the first 16384 of them are shown</summary>",
    );
    const lines = receivedLines(report.toServer);
    expect([lines.length, lines.at(-2), lines.at(-1)]).toEqual([2731, "NOOP", "NOOP"]);
  });
});

describe("credentials", () => {
  const USER = "tim@example.org";
  const PASSWORD = "hunter2-Secret";
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const both = base64(`\0${USER}\0${PASSWORD}`);
  const SAID: [from: "client" | "server", text: string][] = [
    ["server", "220 mx\r\n"],
    ["client", "EHLO a\r\n"],
    ["server", "250-mx\r\n250 AUTH PLAIN LOGIN\r\n"],
    ["client", `AUTH PLAIN ${both}\r\n`],
    ["server", `535 5.7.8 no: ${both}\r\n`],
    ["client", `AUTH LOGIN ${base64(USER)}\r\n`],
    ["server", "334 UGFzc3dvcmQ6\r\n"],
    ["client", `${base64(PASSWORD)}\r\n`],
    ["server", `535 5.7.8 ${base64(PASSWORD)}\r\n`],
    ["client", `AUTH XOAUTH2\r\n`],
    ["server", "334 \r\n"],
    ["client", `${PASSWORD}\r\n`],
    ["server", "235 2.7.0 ok\r\n"],
    ["client", "NOOP\r\n"],
    ["server", "250 ok\r\n"],
  ];
  const SECRETS = [PASSWORD, both, base64(USER), base64(PASSWORD)];

  /** Plays what was said with each text of the client cut before byte `cut`, and the reply likewise. */
  function played(policy: string, cut: number): SessionReport {
    const player = loadJudge(filterModule(), policy).open(START);
    for (const [from, text] of SAID) {
      const bytes = Buffer.from(text, "latin1");
      player.say(from, bytes.subarray(0, cut), 0n);
      player.say(from, bytes.subarray(cut), 0n);
    }
    return player.finish(0n);
  }

  const BEGINS = ["EHLO a", "AUTH PLAIN ***", "AUTH LOGIN ***", "***", "AUTH XOAUTH2"];
  const EACH = { cleartext_auth: { mode: "prevent", action: "reject" } };
  test.each([
    [{ profile: "monitor" }, [...BEGINS, "***", "NOOP"]],
    [{ profile: "recommended" }, [...BEGINS, "***", "NOOP"]],
    // A response that is no base64 ends the session.
    [{ profile: "strict", protections: { cleartext_auth: "detect" } }, BEGINS],
    // Each AUTH is withheld, and no client goes on with an exchange that was refused.
    [{ profile: "monitor", protections: EACH }, ["EHLO a", "NOOP", "NOOP", "NOOP", "NOOP"]],
  ])("are in no output under %j, wherever lines are cut", (policy, toServer) => {
    for (let cut = 0; cut < 60; cut++) {
      const report = played(JSON.stringify(policy), cut);
      const told = [htmlOf(report), sessionText(report), JSON.stringify(sessionJson(report))];
      for (const output of told) {
        for (const secret of SECRETS) {
          expect(output).not.toContain(secret);
          const hex = Buffer.from(secret)
            .toString("hex")
            .replace(/..(?=.)/g, "$& ");
          expect(output).not.toContain(hex.slice(0, 3 * 12 - 1));
        }
      }
      expect(receivedLines(report.toServer)).toEqual(toServer);
      // Where AUTH is withheld, the client reads why.
      const refusal = toServer.includes("AUTH PLAIN ***")
        ? "535 ***"
        : "538 5.7.11 cleartext_auth: rejected by policy";
      expect(receivedLines(report.toClient)).toContain(refusal);
    }
  });

  test("nor in what is taken for the filter's own words, because too many lines wait after it", () => {
    const policy =
      '{"profile":"monitor","limits":{"pending_commands":4096},"protections":{"private_command":"prevent"}}';
    const greeting = "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250-PIPELINING\nS: 250 AUTH PLAIN";
    const report = reportOn(`${greeting}\nC: AUTH PLAIN ${both}\n${"C: RSET\n".repeat(5000)}C: XADR`, policy);
    const shown = sessionText(report);
    expect(shown).toContain("\nS< AUTH PLAIN ***\n");
    for (const output of [shown, htmlOf(report), JSON.stringify(sessionJson(report))]) {
      expect(output).not.toContain(both);
    }
    expect(receivedLines(report.toServer)[1]).toBe("AUTH PLAIN ***");
  });
});
