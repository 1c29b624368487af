/**
 * What all connections of a worker hold together is bounded by `limits.memory_bytes`: whoever asks for more than is left
 * is ended, nobody else is, and nothing traps. One test for each road by which memory is taken.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../host/connection.js";
import { Plugin } from "../../host/plugin.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const MIB = 1 << 20;
const OVER = "smtp.default.sessions_over_memory";

function load(policy: object): Plugin {
  const configuration = JSON.stringify({ limits: { memory_bytes: MIB }, ...policy });
  return Plugin.load(WASM, { configuration });
}

/** A connection that was greeted and has said EHLO. */
function begun(plugin: Plugin): Connection {
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("EHLO a.example\r\n"));
  connection.fromServer(bytes("250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"));
  return connection;
}

/** Whether a whole mail passes on a new connection. */
function mailPasses(plugin: Plugin): boolean {
  const connection = begun(plugin);
  connection.fromClient(bytes("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"));
  connection.fromServer(bytes("250 ok\r\n250 ok\r\n354 go\r\n"));
  connection.fromClient(bytes("Subject: x\r\n\r\ny\r\n.\r\n"));
  connection.fromServer(bytes("250 queued\r\n"));
  const passed = text(connection.toClient).endsWith("354 go\r\n250 queued\r\n");
  connection.clientReset();
  return passed;
}

/** Opens connections and has each do the same, until some were ended for want of memory. */
function exhaust(plugin: Plugin, attack: (connection: Connection) => void): Connection[] {
  const open: Connection[] = [];
  for (let i = 0; i < 5000 && (plugin.metric(OVER) ?? 0) < 20; i++) {
    const connection = begun(plugin);
    attack(connection);
    open.push(connection);
  }
  return open;
}

const ROADS: Record<string, (connection: Connection) => void> = {
  "client bytes held for a reply": (connection) => {
    connection.fromClient(bytes(`NOOP x\r\n`.repeat(4000)));
  },
  "a line that does not end": (connection) => {
    for (let i = 0; i < 15; i++) connection.fromClient(bytes("A".repeat(1000)));
  },
  "a reply that does not end": (connection) => {
    for (let i = 0; i < 15; i++)
      connection.fromServer(bytes("250-a\r\n".repeat(i === 0 ? 1 : 0) + "A".repeat(1000)));
  },
  "commands without a reply": (connection) => connection.fromClient(bytes("RSET\r\n".repeat(4000))),
};

describe.each(["monitor", "recommended"])("under profile %s", (profile) => {
  test.each(Object.keys(ROADS))("%s: who asks for more is ended, others are not", (road) => {
    const plugin = load({ profile, protections: { improper_pipelining: "detect" } });
    const before = begun(plugin);
    const attackers = exhaust(plugin, ROADS[road] as (connection: Connection) => void);
    expect(plugin.metric(OVER)).toBeGreaterThanOrEqual(20);
    // The one that was there before goes on, and new ones are served.
    before.fromClient(bytes("RSET\r\n"));
    before.fromServer(bytes("250 ok\r\n"));
    expect(text(before.toServer).endsWith("RSET\r\n")).toBe(true);
    expect(mailPasses(plugin)).toBe(true);
    for (const attacker of attackers) attacker.clientReset();
    before.clientReset();
    // All of it was given back: nobody is over it any more.
    const ended = plugin.metric(OVER);
    expect(mailPasses(plugin)).toBe(true);
    expect(plugin.metric(OVER)).toBe(ended);
    expect(plugin.metric("smtp.default.sessions_active")).toBe(0);
  });
});

test("envelopes that find no room leave events without names, and mail passes", () => {
  const plugin = load({ profile: "monitor" });
  const open: Connection[] = [];
  for (let i = 0; i < 3000; i++) {
    const connection = begun(plugin);
    connection.fromClient(bytes(`MAIL FROM:<${"a".repeat(60)}@example.net>\r\n`));
    open.push(connection);
    if (connection.closed !== null) break;
  }
  // Slots and envelopes together fill the budget; from then on connections are closed before they begin.
  expect(plugin.metric("smtp.default.sessions_refused")).toBeGreaterThan(0);
  for (const connection of open) connection.clientReset();
  expect(mailPasses(plugin)).toBe(true);
});

test("a connection for which no slot has room is closed at once, counted, and said once a second", () => {
  const plugin = load({ profile: "recommended" });
  const open = Array.from({ length: 6000 }, () => plugin.connect());
  const refused = open.filter(({ closed }) => closed !== null).length;
  expect(refused).toBeGreaterThan(500);
  expect(plugin.metric("smtp.default.sessions_refused")).toBe(refused);
  const notices = plugin.logs.filter(({ message }) => message.includes("limits.memory_bytes allows"));
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.length).toBeLessThan(10);
  for (const connection of open) connection.clientReset();
  expect(mailPasses(plugin)).toBe(true);
});
