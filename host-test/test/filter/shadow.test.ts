/** The shadow, a second policy that is judged and never acted on: events, statistics, summary. */
import { expect, test } from "vitest";
import { GREETED, play } from "../support/shadow-play.js";

test("what both find and treat alike has one event and two statistics", () => {
  const { events, counted, summary } = play({ profile: "strict", shadow: { profile: "strict" } }, [
    ...GREETED,
    "C: XADR\r\n",
  ]);
  expect(events).toEqual(["private_command/private_verb prevent/reject"]);
  expect(counted).toEqual({
    "findings.protection.private_command.action.reject": 1,
    "shadow.findings.protection.private_command.action.reject": 1,
  });
  expect(summary.shadow).toEqual({
    verdict: "prevented",
    findings: 1,
    protections: ["private_command"],
    first_prevented: { protection: "private_command", reason: "private_verb", action: "reject" },
  });
});

test("where the shadow would do more, its event says so on level info, and nothing is done", () => {
  const { events, counted, summary, toServer } = play({ profile: "monitor", shadow: { profile: "strict" } }, [
    ...GREETED,
    "C: XADR\r\n",
  ]);
  expect(toServer).toBe("EHLO c.example\r\nXADR\r\n");
  expect(events).toEqual([
    "private_command/private_verb detect/detect",
    "private_command/private_verb prevent/reject shadow info",
  ]);
  expect(counted).toEqual({
    "findings.protection.private_command.action.detect": 1,
    "shadow.findings.protection.private_command.action.reject": 1,
  });
  expect(summary.verdict).toBe("detected");
});

test("where the policy prevents, the shadow judges the same line by less, or by nothing", () => {
  const line = [...GREETED, "C: XADR\r\n"];
  const less = play({ profile: "strict", shadow: { profile: "monitor" } }, line);
  expect(less.events).toEqual([
    "private_command/private_verb prevent/reject",
    "private_command/private_verb detect/detect shadow info",
  ]);
  expect(less.summary.shadow).toEqual({ verdict: "detected", findings: 1, protections: ["private_command"] });
  const none = play(
    { profile: "strict", shadow: { protections: { private_command: "off", non_compliant_smtp: "off" } } },
    line,
  );
  expect(none.events).toEqual(["private_command/private_verb prevent/reject"]);
  expect(none.summary.shadow).toEqual({ verdict: "clean", findings: 0, protections: [] });
});

test("without a shadow neither statistics nor the summary name one", () => {
  const { summary, counted } = play({ profile: "strict" }, [...GREETED, "C: XADR\r\n"]);
  expect(summary.shadow).toBeUndefined();
  expect(Object.keys(counted)).toEqual(["findings.protection.private_command.action.reject"]);
});

test("what the shadow would have ended goes on, and the verdict stays", () => {
  const { events, summary } = play(
    {
      profile: "monitor",
      shadow: { protections: { private_command: { mode: "prevent", action: "terminate" } } },
    },
    [...GREETED, "C: XADR\r\n", "S: 500 no\r\n", "C: HELO\0\r\n"],
  );
  expect(events.filter((each) => each.includes("shadow"))).toEqual([
    "private_command/private_verb prevent/terminate shadow info",
    "binary_data_in_command/nul prevent/terminate shadow info",
  ]);
  expect(summary.shadow).toMatchObject({
    verdict: "terminated",
    first_prevented: { protection: "private_command", reason: "private_verb", action: "terminate" },
  });
});

test("each of the two policies keeps its own place in a message from one chunk to the next", () => {
  const live = { header_too_long: "off", data_line_too_long: { mode: "detect", line_bytes: 2000 } };
  const message = (first: string, second: string): string[] =>
    play({ profile: "monitor", protections: live, shadow: { profile: "strict" } }, [
      ...GREETED,
      ...["C: MAIL FROM:<a@x.example>\r\n", "S: 250 ok\r\n", "C: RCPT TO:<b@x.example>\r\n", "S: 250 ok\r\n"],
      ...["C: DATA\r\n", "S: 354 go\r\n", `C: ${first}`, `C: ${second}`],
    ]).events;
  const long = `${"A".repeat(65)}: x\r\n`;
  // The live policy does not look where the header ends.
  expect(message("Subject: x\r\n\r\n", long)).toEqual([]);
  expect(message("Subject: x\r\n", long)).toEqual(["header_too_long/name prevent/terminate shadow info"]);
});
