import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
/** Nobody keeps what passes: the test looks at the module's memory. */
const NOWHERE = { toServer() {}, toClient() {}, endServer() {}, endClient() {}, close() {} };

const GREETING = bytes("220 mx\r\n");
const EHLO = bytes("EHLO client.example\r\n");
const EHLO_REPLY = bytes("250-mx\r\n250 PIPELINING\r\n");

function idleConnection(plugin: Plugin): ReturnType<Plugin["connect"]> {
  const connection = plugin.connect({ sink: NOWHERE });
  connection.fromServer(GREETING);
  connection.fromClient(EHLO);
  connection.fromServer(EHLO_REPLY);
  return connection;
}

describe("memory (law 8)", () => {
  test("an idle connection costs at most 256 bytes", () => {
    const plugin = Plugin.load(WASM);
    // The module's memory grows in steps: what one step added is full when the next one comes.
    const steps: { connections: number; bytes: number }[] = [];
    let bytesNow = plugin.memoryBytes(0);
    for (let connections = 1; steps.length < 3; connections++) {
      idleConnection(plugin);
      if (plugin.memoryBytes(0) === bytesNow) continue;
      steps.push({ connections, bytes: plugin.memoryBytes(0) - bytesNow });
      bytesNow = plugin.memoryBytes(0);
    }
    const [, second, third] = steps;
    const perConnection = (second?.bytes ?? 0) / ((third?.connections ?? 0) - (second?.connections ?? 0));
    expect(perConnection).toBeGreaterThan(100);
    expect(perConnection).toBeLessThanOrEqual(256);
  });

  test("100,000 commands leave the memory as it is", () => {
    const plugin = Plugin.load(WASM);
    const connection = idleConnection(plugin);
    const before = plugin.memoryBytes(0);
    for (let i = 0; i < 100_000; i++) {
      connection.fromClient(bytes("MAIL FROM:<a@example.org>\r\nRSET\r\n"));
      connection.fromServer(bytes("250 ok\r\n250 ok\r\n"));
    }
    expect(plugin.memoryBytes(0)).toBe(before);
  });

  test("20,000 connections that come and go in all states leave the memory as it is", () => {
    const plugin = Plugin.load(WASM);
    const round = (): void => {
      const open = [];
      for (let i = 0; i < 200; i++) {
        const connection = idleConnection(plugin);
        connection.fromClient(
          bytes("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: held"),
        );
        if (i % 2 === 0) connection.fromServer(bytes("250 ok\r\n250 ok\r\n354 go\r\n250-half of a rep"));
        if (i % 3 === 0) connection.fromClient(bytes("XADR and part of"));
        open.push(connection);
      }
      for (const connection of open) connection.clientReset();
      plugin.logs.length = 0;
    };
    for (let i = 0; i < 10; i++) round();
    const before = plugin.memoryBytes(0);
    for (let i = 0; i < 100; i++) round();
    expect(plugin.memoryBytes(0)).toBe(before);
    expect(plugin.metric("smtp.default.sessions_active")).toBe(0);
  });

  test("2,000 policies, taken and refused, while connections outlive theirs, leave the memory as it is", () => {
    const networks = Array.from({ length: 200 }, (_, i) => `10.0.${i}.0/24`);
    const good = JSON.stringify({
      protections: { private_command: { mode: "prevent", exempt_sources: networks } },
    });
    const bad = good.replace("10.0.199.0/24", "10.0.199.0/33");
    const plugin = Plugin.load(WASM);
    const round = (): void => {
      for (let i = 0; i < 10; i++) {
        const connection = idleConnection(plugin);
        expect([plugin.update(good), plugin.update(bad)]).toEqual([true, false]);
        connection.fromClient(bytes("XADR\r\n"));
        connection.clientReset();
        plugin.drainOld();
      }
      plugin.logs.length = 0;
    };
    for (let i = 0; i < 5; i++) round();
    const before = plugin.memoryBytes(0);
    for (let i = 0; i < 100; i++) round();
    expect(plugin.memoryBytes(0)).toBe(before);
  });
});
