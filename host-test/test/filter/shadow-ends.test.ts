/** The shadow and the policy around it: options and limits of either, what ends one or both, what there is no room for. */
import { expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { GREETED, play } from "../support/shadow-play.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

test("each has its own options, and once is once for each", () => {
  const rcpt = [...GREETED, "C: MAIL FROM:<a@x.org>\r\n", "S: 250 ok\r\n", "C: RCPT TO:<b@host>\r\n"];
  const fqdn = { recipient_no_domain: { mode: "prevent", require_fqdn: true } };
  const finding = "recipient_no_domain/not_qualified prevent/reject";
  expect(play({ profile: "monitor", shadow: { protections: fqdn } }, rcpt).events).toEqual([
    `${finding} shadow info`,
  ]);
  expect(play({ protections: fqdn, shadow: {} }, rcpt).events).toEqual([finding]);
  const verbs = [...GREETED, "C: XADR\r\n", "S: 500 no\r\n", "C: XSTA\r\n"];
  const allowing = (verb: string): object => ({ protections: { private_command: { allow: [verb] } } });
  expect(play({ ...allowing("XADR"), shadow: allowing("XSTA") }, verbs).events).toEqual([
    "private_command/private_verb prevent/reject shadow info",
    "private_command/private_verb prevent/reject",
  ]);
});

test("each has its own limits", () => {
  const pending = (most: number, more: object = {}): object => ({
    limits: { pending_commands: most },
    ...more,
  });
  const group = [...GREETED, `C: ${"RSET\r\n".repeat(300)}`];
  const only = (events: string[]): string[] => events.filter((each) => each.startsWith("too_many_pending"));
  const { events } = play(
    { profile: "monitor", ...pending(200), shadow: pending(100, { profile: "strict" }) },
    group,
  );
  expect(only(events)).toEqual([
    "too_many_pending/commands prevent/terminate shadow info",
    "too_many_pending/commands detect/detect",
  ]);
  const late = play(
    { profile: "monitor", ...pending(100), shadow: pending(200, { profile: "strict" }) },
    group,
  );
  expect(only(late.events)).toEqual([
    "too_many_pending/commands detect/detect",
    "too_many_pending/commands prevent/terminate shadow info",
  ]);
  const rejecting = { profile: "strict", limits: { rejected_commands: 1 } };
  const verbs = [...GREETED, "C: XADR\r\n", "S: 500 no\r\n", "C: XSTA\r\n"];
  expect(
    play({ profile: "monitor", shadow: rejecting }, verbs).events.filter((each) => /shadow/.test(each)),
  ).toEqual([
    "private_command/private_verb prevent/reject shadow info",
    "private_command/private_verb prevent/terminate shadow info",
  ]);
});

test("each leaves its own sources alone", () => {
  const line = [...GREETED, "C: XADR\r\n"];
  const strict = { profile: "strict" };
  const mine = { exempt_sources: ["192.0.2.0/24"] };
  expect(play({ ...strict, ...mine, shadow: strict }, line)).toMatchObject({
    events: ["private_command/private_verb prevent/reject shadow info"],
    toServer: "EHLO c.example\r\nXADR\r\n",
  });
  expect(play({ ...strict, shadow: { ...strict, ...mine } }, line).events).toEqual([
    "private_command/private_verb prevent/reject",
  ]);
});

test("what cannot be followed any more ends both, by what each would do", () => {
  const held = [
    ...GREETED,
    "C: EHLO c.example\r\n",
    `C: ${"NOOP\r\n".repeat(50_000)}`,
    "S: 250 mx\r\n",
    "C: XADR\r\n",
  ];
  const { events, summary } = play({ profile: "monitor", shadow: { profile: "strict" } }, held);
  expect(events).toEqual([
    "too_many_pending/bytes detect/detect",
    "too_many_pending/bytes prevent/terminate shadow info",
  ]);
  expect(summary).toMatchObject({ verdict: "detected", shadow: { verdict: "terminated" } });
});

test("each message is looked at anew, where the two have other options", () => {
  const message = [
    "C: MAIL FROM:<a@x.org>\r\n",
    "S: 250 ok\r\n",
    "C: RCPT TO:<b@x.org>\r\n",
    "S: 250 ok\r\n",
    "C: DATA\r\n",
    "S: 354 go\r\n",
    `C: ${"x".repeat(1200)}\r\n\r\n.\r\n`,
    "S: 250 ok\r\n",
  ];
  const shadow = { profile: "monitor", protections: { data_line_too_long: { line_bytes: 1100 } } };
  const live = { profile: "monitor", protections: { data_line_too_long: "off", header_too_long: "off" } };
  const { counted } = play({ ...live, shadow }, [...GREETED, ...message, ...message, ...message]);
  expect(counted["shadow.findings.protection.data_line_too_long.action.detect"]).toBe(3);
});

test("time that is up ends both", () => {
  const limits = { command_timeout_ms: 60_000 };
  const minute = Array.from({ length: 140 }, () => "500");
  const { summary, closed } = play({ profile: "monitor", limits, shadow: { profile: "strict" } }, [
    ...GREETED,
    ...minute,
  ]);
  expect(closed).not.toBeNull();
  expect(summary).toMatchObject({ verdict: "terminated", shadow: { verdict: "terminated", findings: 0 } });
});

test("a client's end with bytes that wait for a reply is nothing that a policy which prevents could send on", () => {
  const ends = (policy: object): string[] => {
    const plugin = Plugin.load(wasmModule(), { configuration: JSON.stringify(policy) });
    const connection = plugin.connect();
    connection.fromServer(bytes("220 mx\r\n"));
    connection.fromClient(bytes("DATA\r\nQUIT\r\n"), true);
    connection.clientReset();
    const logs = plugin.logs.map(({ message }) => JSON.parse(message) as Record<string, string>);
    plugin.shutdown();
    return logs.filter(({ action }) => action === "terminate").map(({ reason }) => reason as string);
  };
  const strict = {
    profile: "strict",
    protections: { command_out_of_sequence: "off", improper_pipelining: "off" },
  };
  expect(ends(strict)).toContain("half_closed");
  expect(ends({ profile: "monitor", shadow: strict })).toContain("half_closed");
});

test("the shadow's events count in the same bound, and leave a quarter to what is prevented", () => {
  const policy = { profile: "monitor", events: { max_per_second: 8 }, shadow: { profile: "strict" } };
  const { events, counted } = play(policy, [...GREETED, `C: ${"XADR\r\n".repeat(20)}`]);
  expect(events.length).toBe(6);
  expect(counted["shadow.findings.protection.private_command.action.reject"]).toBe(20);
});

test("a session for whose shadow there is no memory goes on without", () => {
  // So that in the end less is left than a shadow takes, which is less than the smallest line that is held.
  const limits = { memory_bytes: 1_048_600 };
  const configuration = JSON.stringify({ stat_prefix: "in", limits, shadow: { profile: "strict" } });
  const plugin = Plugin.load(wasmModule(), { configuration });
  const skipped = (): number => plugin.metric("smtp.in.shadow.sessions_skipped") ?? 0;
  const over = (): number => plugin.metric("smtp.in.sessions_over_memory") ?? 0;
  // They hold lines that are not whole, the long ones first, until nothing that small is left; places for sessions are.
  const all = Array.from({ length: 600 }, () => plugin.connect());
  for (const [refused, length] of [900, 40].entries()) {
    while (over() === refused) {
      const holder = all.pop() as (typeof all)[number];
      holder.fromServer(bytes("220 mx\r\n"));
      holder.fromClient(bytes(`RSET ${"x".repeat(length)}`));
      if (over() === refused) holder.fromServer(bytes(`250 ${"x".repeat(length)}`));
    }
  }
  let last = plugin.connect();
  if (skipped() === 0) last = plugin.connect();
  expect(skipped()).toBe(1);
  last.fromServer(bytes("220 mx\r\n"));
  last.fromClient(bytes("XADR\r\n"));
  last.clientReset();
  const summary = JSON.parse(text(last.filterState.get("wasm.smtp_inspector") as Uint8Array)) as object;
  expect(summary).toMatchObject({ verdict: "prevented" });
  expect(summary).not.toHaveProperty("shadow");
  plugin.shutdown();
});
