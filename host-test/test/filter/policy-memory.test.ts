/**
 * A policy update takes memory of its own, never a connection's: it passes while connections hold all that they may,
 * leaves nothing, and is refused in words, not by a trap, where earlier policies have not ended.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOG_LEVELS } from "../../host/abi.js";
import { ManualClock } from "../../host/clock.js";
import type { Connection } from "../../host/connection.js";
import type { PluginSpec } from "../../host/context.js";
import { loadVm } from "../../host/load.js";
import { MetricStore } from "../../host/metrics.js";
import { Plugin } from "../../host/plugin.js";
import { RootContext } from "../../host/root.js";
import { SharedData } from "../../host/shared-data.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const NOWHERE = { toServer() {}, toClient() {}, endServer() {}, endClient() {}, close() {} };
const NO_ROOM = "policy refused: earlier policies, which open connections still go by, take all the memory";

/** Whether a worker had no room for a policy. */
const isRefused = (plugin: Plugin): boolean => plugin.logs.some(({ message }) => message.startsWith(NO_ROOM));

/** 61 KB that become some 600 KiB: networks are the costliest for their length. */
const IDS = Object.keys(
  (
    JSON.parse(readFileSync(join(import.meta.dirname, "../../../envoy/policy.json"), "utf8")) as {
      protections: object;
    }
  ).protections,
).slice(0, 36);
const COSTLY = JSON.stringify({
  profile: "monitor",
  protections: Object.fromEntries(
    IDS.map((id) => [id, { mode: "detect", exempt_sources: Array<string>(256).fill("::") }]),
  ),
});

function begun(plugin: Plugin): Connection {
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("EHLO a.example\r\n"));
  connection.fromServer(bytes("250 mx\r\n"));
  return connection;
}

/** Whether a command passes on a connection that has begun. */
function goesOn(connection: Connection): boolean {
  connection.fromClient(bytes("RSET\r\n"));
  connection.fromServer(bytes("250 ok\r\n"));
  return text(connection.toServer).endsWith("RSET\r\n");
}

/** Connections that send before the greeting until the worker has no memory left for any of them, large ones first. */
function exhaust(plugin: Plugin): void {
  for (const size of [131_000, 16_000, 2000, 60]) {
    for (let refused = 0; refused < 3;) {
      const before = plugin.metric("smtp.default.sessions_over_memory") ?? 0;
      const connection = plugin.connect({ sink: NOWHERE });
      for (let at = 0; at < size; at += 65_536) {
        connection.fromClient(bytes("x".repeat(Math.min(65_536, size - at))));
      }
      if ((plugin.metric("smtp.default.sessions_over_memory") ?? 0) > before || connection.closed !== null)
        refused++;
    }
  }
}

describe("a policy update", () => {
  test("never traps while connections hold the most that any policy allows them: it passes, in the end it is refused", () => {
    const most = { profile: "monitor", limits: { memory_bytes: 201_326_592 } };
    const plugin = Plugin.load(WASM, { configuration: JSON.stringify(most) });
    const before = begun(plugin);
    exhaust(plugin);
    expect(plugin.memoryBytes()).toBe(268_435_456);
    let updates = 0;
    for (; updates < 100 && !isRefused(plugin); updates++) expect(plugin.update(COSTLY)).toBe(true);
    expect(updates).toBeGreaterThan(35);
    expect(isRefused(plugin)).toBe(true);
    expect(plugin.trapped).toBe(null);
    expect(goesOn(before)).toBe(true);
  });

  test("is refused in words when connections keep too many earlier policies, and passes when those have ended", () => {
    const plugin = Plugin.load(WASM, { configuration: '{"profile":"monitor"}' });
    const first = begun(plugin);
    const open: Connection[] = [];
    for (let i = 0; i < 100 && !isRefused(plugin); i++) {
      plugin.update(COSTLY);
      if (!isRefused(plugin)) open.push(begun(plugin));
    }
    // 24 MiB of some 600 KiB each.
    expect(open.length).toBeGreaterThan(35);
    expect(open.length).toBeLessThan(60);
    expect(plugin.trapped).toBe(null);
    expect([first, ...open].every(goesOn)).toBe(true);
    // Connections of the policy that was not read are closed, counted, and told of with the same words.
    plugin.logs.length = 0;
    const refused = plugin.connect();
    expect(refused.closed).not.toBe(null);
    expect(plugin.metric("smtp.default.sessions_refused")).toBe(1);
    expect(plugin.logs.map(({ message }) => message.slice(0, NO_ROOM.length))).toEqual([NO_ROOM]);
    plugin.drainOld();
    expect(plugin.update(COSTLY)).toBe(true);
    expect(goesOn(begun(plugin))).toBe(true);
  });
});

const HOSTILE: Record<string, string> = {
  "arrays in arrays": "[".repeat(65_000),
  "objects in objects": '{"protections":'.repeat(4000),
  "a megabyte": JSON.stringify({ stat_prefix: "a".repeat(1 << 20) }),
  "a megabyte of nesting": '{"a":'.repeat(200_000),
  "a string without an end": `{"stat_prefix":"${"\\u0061".repeat(10_000)}`,
  "one key of 60 KB": `{"${"k".repeat(60_000)}":1}`,
  "a number of 60,000 digits": `{"limits":{"held_bytes":${"9".repeat(60_000)}}}`,
  "the costliest policy, cut at its end": COSTLY.slice(0, -1),
  "more verbs than a list may have": JSON.stringify({
    protections: { private_command: { mode: "prevent", allow: Array<string>(9000).fill("XA") } },
  }),
};

/** One VM, in which a root context is started for each policy: Envoy tries a policy in a VM that it drops. */
function sameVm(): { accepts(policy: string): boolean; memoryBytes(): number } {
  const log = (): void => {};
  const specOf = (policy: string): PluginSpec => {
    return { name: "p", rootId: "p", vmId: "p", configuration: new TextEncoder().encode(policy), log };
  };
  const env = {
    module: WASM,
    clock: new ManualClock(),
    metrics: new MetricStore(),
    sharedData: new SharedData(),
    vmConfiguration: new Uint8Array(0),
    logLevel: LOG_LEVELS.indexOf("info"),
  };
  const vm = loadVm(env, 0, specOf("{}"));
  const accepts = (policy: string): boolean => {
    const root = new RootContext(vm, specOf(policy));
    const accepted = root.start();
    root.end();
    vm.endTurn();
    expect(vm.trap).toBe(null);
    return accepted;
  };
  return { accepts, memoryBytes: () => vm.memory.buffer.byteLength };
}

describe("in one VM", () => {
  test("the costliest policy takes less than 8 MiB while it is read", () => {
    const vm = sameVm();
    expect(vm.accepts(COSTLY)).toBe(true);
    expect(vm.memoryBytes()).toBeLessThan(8 * 1_048_576);
  });

  test.each(Object.keys(HOSTILE))("%s: is refused 300 times in less, and leaves nothing", (name) => {
    const vm = sameVm();
    expect(vm.accepts(HOSTILE[name] as string)).toBe(false);
    const before = vm.memoryBytes();
    expect(before).toBeLessThan(8 * 1_048_576);
    for (let i = 0; i < 300; i++) {
      expect(vm.accepts(HOSTILE[name] as string)).toBe(false);
      expect(vm.accepts('{"profile":"strict"}')).toBe(true);
    }
    expect(vm.memoryBytes()).toBe(before);
  });
});
