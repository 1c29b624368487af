/** What a second policy changes for one session. */
import { describe, expect, test } from "vitest";
import { type Change, compared, decisionText } from "../../workbench/compare.js";
import { both, type Both } from "../../workbench/follower.js";
import type { Judge } from "../../workbench/judge.js";
import { loadJudge, replayTranscript } from "../../workbench/sessions.js";
import { parseTranscript } from "../../workbench/transcript.js";
import { vectorFiles } from "../support/vector-file.js";
import { wasmModule } from "../support/vector-node.js";

/** What changes for the conversation whose lines are given. */
function changeOf(before: object, after: object, lines: string): Change | null {
  const judgeOf = (policy: object): Judge => loadJudge(wasmModule(), JSON.stringify(policy));
  const conversations = parseTranscript(`\`\`\`smtp\n${lines}\n\`\`\``, "x.md");
  const [reports] = replayTranscript(conversations, both(judgeOf(before), judgeOf(after)));
  return compared(...(reports as Both));
}

const START = "S: 220 mx\nC: EHLO a\nS: 250 mx";
const MAIL = `${START}\nC: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go`;
const monitor = (protections: object): object => ({ profile: "monitor", protections });
const text = (change: Change | null): string =>
  change === null || change.decides === null ? "" : decisionText(change.decides);

describe("a session changes", () => {
  test("where a line that passed is withheld", () => {
    const change = changeOf(
      monitor({}),
      monitor({ private_command: "prevent" }),
      `${START}\nC: XADR\nS: 500 what\nC: QUIT\nS: 221 bye`,
    );
    expect(change).toMatchObject({
      kind: "received",
      before: { verdict: "detected", toServer: 20, toClient: 35, findings: 1, incomplete: null },
      after: { verdict: "prevented", toServer: 20, toClient: 72, findings: 1, incomplete: null },
      // XADR and NOOP are of one length.
      what: [
        "detected -> prevented",
        "the server gets 20 different bytes",
        "the client gets 72 bytes instead of 35",
      ],
    });
    expect(text(change)).toBe(
      "private_command/private_verb: detected → prevented (reject), 502 5.5.1 to the client",
    );
    expect(change?.decides?.turn?.bytes).toEqual(new Uint8Array(Buffer.from("XADR\r\n")));
  });

  test("where one byte differs far after what a report keeps", () => {
    const body = "C: {a*998}\n".repeat(40);
    const change = changeOf(
      monitor({}),
      monitor({ nul_in_data: "prevent" }),
      `${MAIL}\n${body}C: one\\0two\nC: .\nS: 250 ok`,
    );
    expect(change?.what).toEqual(["detected -> prevented", "the server gets 40066 different bytes"]);
    expect(text(change)).toBe(
      "nul_in_data/nul: detected, at byte 40003 of it → prevented (normalize), at byte 40003 of it",
    );
  });

  test("where only what is reported changes", () => {
    const lines = `${START}\nC: XADR\nS: 500 what\nC: noop x\nS: 250 ok`;
    const change = changeOf(monitor({ private_command: "off" }), monitor({}), lines);
    expect(change).toMatchObject({ kind: "findings", what: ["clean -> detected"] });
    expect(text(change)).toBe("private_command/private_verb: not found → detected");
    const back = changeOf(monitor({}), monitor({ private_command: "off" }), lines);
    expect(text(back)).toBe("private_command/private_verb: detected → not found");
    expect(back?.decides).toMatchObject({ after: null, turn: { size: 6 } });
  });

  test("and the first finding that differs decides, not one that is the same", () => {
    const lines = `${START}\nC: XADR\nS: 500 what\nC: XCIR\nS: 500 what\nC: STARTTLS x\nS: 501 no`;
    const allowed = changeOf(
      monitor({}),
      monitor({ private_command: { mode: "detect", allow: ["XCIR"] } }),
      lines,
    );
    expect(text(allowed)).toBe("private_command/private_verb: detected → not found");
    expect(allowed?.decides?.turn?.bytes).toEqual(new Uint8Array(Buffer.from("XCIR\r\n")));
    const refused = changeOf(
      monitor({}),
      monitor({ starttls_command: { mode: "prevent", action: "reject" } }),
      lines,
    );
    expect(text(refused)).toBe(
      "starttls_command/starttls: detected → prevented (reject), 454 4.7.0 to the client",
    );
  });

  test("where one of the policies leaves the captured client nothing to go on with", () => {
    const change = changeOf(
      monitor({}),
      monitor({ starttls_command: { mode: "prevent", action: "reject" } }),
      `${START}\nC: STARTTLS\nS: 220 go\nC:: \\x16\\x03\\x01\\0\\x05\\x01\\0\\0\\x01\\0`,
    );
    expect(change?.what.at(-1)).toBe(
      "complete -> incomplete (the recorded client switched to TLS, which this policy refuses)",
    );
  });
});

test("no conversation of the vectors changes from a policy to the same policy", () => {
  for (const profile of ["monitor", "recommended", "strict", "submission"]) {
    const policy = JSON.stringify({ profile });
    const judges = both(loadJudge(wasmModule(), policy), loadJudge(wasmModule(), policy));
    let sessions = 0;
    for (const { cases } of vectorFiles()) {
      for (const [before, after] of replayTranscript(cases, judges)) {
        expect(compared(before, after)).toBeNull();
        sessions++;
      }
    }
    expect(sessions).toBeGreaterThan(800);
  }
});

test("whatever is prevented in the vectors' conversations changes the session; what changes without is an announcement", () => {
  const judges = both(
    loadJudge(wasmModule(), '{"profile":"monitor"}'),
    loadJudge(wasmModule(), '{"profile":"strict"}'),
  );
  const unexplained = new Set<string>();
  let changed = 0;
  for (const { id, cases } of vectorFiles()) {
    for (const [before, after] of replayTranscript(cases, judges)) {
      const change = compared(before, after);
      const prevents = after.findings.some(({ action }) => action !== "detect");
      if (prevents) expect(`${id} ${after.title}: ${change?.kind}`).toBe(`${id} ${after.title}: received`);
      if (change === null) continue;
      changed++;
      if (change.decides === null) unexplained.add(`${id} ${after.title}`);
    }
  }
  expect(changed).toBeGreaterThan(400);
  // Where no finding differs, it is named what a reply to EHLO offers.
  expect([...unexplained]).toEqual([]);
});
