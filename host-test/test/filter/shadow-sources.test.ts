/** source_abuse in a shadow: it remembers sources by its own limits, whatever the policy around it does. */
import { alertOf } from "../../workbench/events.js";
import { expect, test } from "vitest";
import { GREETING, harvest, REFUSAL, SourceLab } from "../support/sources.js";

const IPV4 = "192.0.2.7:40000";
const OFF = { mode: "off" };

/** A shadow whose protection has `options`. */
const shadow = (options: object, more: object = {}): object => ({
  shadow: { profile: "monitor", protections: { source_abuse: { mode: "prevent", ...options } }, ...more },
});

const lab = (live: object, root: object): SourceLab => new SourceLab(live, { workers: 2, root });

test("judges where the policy around it has it off, with all workers, and forgives", () => {
  const site = lab(OFF, shadow({ refused_recipients: 5, duration: 60 }));
  site.visit(IPV4, harvest(3), 0);
  site.visit(IPV4, harvest(2), 1);
  const seen = site.open(IPV4, 0);
  expect(site.events).toEqual(["source_abuse refused_recipients prevent terminate"]);
  site.act(seen, harvest(9));
  seen.clientReset();
  const { verdict, shadow: judged } = JSON.parse(
    Buffer.from(seen.filterState.get("wasm.smtp_inspector") ?? []).toString(),
  ) as { verdict: string; shadow: { verdict: string; first_prevented: object } };
  expect([verdict, judged.verdict]).toEqual(["detected", "terminated"]);
  expect(judged.first_prevented).toEqual({
    protection: "source_abuse",
    reason: "refused_recipients",
    action: "terminate",
  });
  site.clock.advance(60_000);
  // Forgiven: what it did while it would have been refused counts no more.
  expect(site.visit(IPV4, harvest(4))).toBe(GREETING);
  expect(site.visit(IPV4)).toBe(GREETING);
  expect(site.events).toHaveLength(1);
  const counts = ["sources_recorded", "sources_blocked", "shadow.sources_blocked"];
  expect(counts.map((name) => site.count(name))).toEqual([1, 0, 1]);
});

test("has limits, times and prefixes of its own beside the policy's", () => {
  const root = shadow({ refused_recipients: 2, duration: 600, ipv4_prefix: 24 });
  const site = lab({ refused_recipients: 4, duration: 60 }, root);
  site.visit(IPV4, harvest(2));
  expect(site.visit("192.0.2.8:1")).toBe(GREETING);
  expect(site.visit(IPV4, harvest(2))).toBe(GREETING);
  expect(site.visit(IPV4)).toBe(REFUSAL);
  site.clock.advance(60_000);
  expect(site.visit(IPV4)).toBe(GREETING);
  // The shadow's of the two sessions before the policy refuses, none where both do the same, and the shadow's once more.
  expect(site.events).toEqual(Array(4).fill("source_abuse refused_recipients prevent terminate"));
  const counts = ["sources_blocked", "shadow.sources_blocked"].map((name) => site.count(name));
  expect(counts).toEqual([1, 1]);
});

test("counts what it would have prevented, and the policy around it what it did", () => {
  const private3 = Array.from({ length: 3 }, () => ["XADR", "500 what"] as const);
  const watching = lab(OFF, shadow({ findings: 3 }, {}));
  watching.visit(IPV4, private3);
  watching.visit(IPV4);
  expect(watching.events).toEqual([]);
  const root = { shadow: { protections: { source_abuse: { mode: "prevent", findings: 3 } } } };
  const preventing = lab(OFF, root);
  preventing.visit(IPV4, private3);
  expect(preventing.visit(IPV4)).toBe(GREETING);
  expect(preventing.events).toEqual(["source_abuse findings prevent terminate"]);
});

test("finds the connection that is one too many", () => {
  const site = lab(OFF, shadow({ connections: 3 }));
  expect([0, 1, 0, 1].map((worker) => site.visit(IPV4, [], worker))).toEqual(Array(4).fill(GREETING));
  expect(site.events).toEqual(Array(2).fill("source_abuse connections prevent terminate"));
});

test.each([["trusted_sources"], ["exempt_sources"]])("leaves alone whom its own %s name", (key) => {
  const site = lab({ refused_recipients: 2 }, shadow({ refused_recipients: 1 }, { [key]: ["192.0.2.7"] }));
  site.visit(IPV4, harvest(1));
  site.visit(IPV4);
  expect(site.events).toEqual([]);
  site.visit(IPV4, harvest(1));
  expect(site.visit(IPV4)).toBe(REFUSAL);
  expect(site.count("shadow.sources_blocked")).toBe(0);
});

test("judges nothing of a connection that it would have sent to its cluster", () => {
  const options = { refused_recipients: 1, quarantine_cluster: "tarpit" };
  const site = lab(OFF, shadow(options, { profile: "strict" }));
  site.visit(IPV4, harvest(1));
  const judged = site.count("shadow.findings.protection.private_command.action.reject");
  const seen = site.open(IPV4);
  expect(seen.filterState.has("envoy.tcp_proxy.cluster")).toBe(false);
  site.act(seen, [["XADR", "500 what"]]);
  expect(site.events).toEqual(["source_abuse refused_recipients prevent quarantine"]);
  expect(site.count("shadow.findings.protection.private_command.action.reject")).toBe(judged);
});

test.each([
  [false, "421 4.7.0"],
  [true, "554 5.7.1"],
])("says what its own reply would have been: permanent %s", (permanent, reply) => {
  const site = lab(OFF, shadow({ connections: 1, permanent }));
  const replies: unknown[] = [];
  site.plugin.onLog = ({ message }) => {
    const alert = alertOf(message);
    if (alert !== null) replies.push(alert["reply"]);
  };
  site.visit(IPV4);
  expect(replies).toEqual([reply]);
});
