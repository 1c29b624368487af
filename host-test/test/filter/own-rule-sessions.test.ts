/** Rules of the operator's own in several sessions: what hangs on a policy stays with its sessions, what is counted is counted. */
import { readFileSync } from "node:fs";
import { afterAll, beforeEach, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { alertOf } from "../../workbench/events.js";
import { bytes, text } from "../support/arbitrary.js";

const plugin = Plugin.load(
  new Uint8Array(readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url))),
);
afterAll(() => plugin.shutdown());
beforeEach(() => plugin.drainOld());

/** A connection under a policy of profile `recommended` with these keys, greeted. */
function greeted(keys: object): ReturnType<typeof plugin.connect> {
  expect(plugin.update(bytes(JSON.stringify(keys)))).toBe(true);
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  return connection;
}

test("a connection keeps the reply that its policy had when it began", () => {
  const old = greeted({ commands: { deny: ["VRFY"], reply: "550 5.7.1 Old" } });
  const fresh = greeted({ commands: { deny: ["VRFY"], reply: "450 4.7.1 New" } });
  const bare = greeted({ commands: { deny: ["VRFY"] } });
  const replies = ["550 5.7.1 Old", "450 4.7.1 New", "502 5.5.1 forbidden_command: rejected by policy"];
  for (const [i, connection] of [old, fresh, bare].entries()) {
    plugin.logs.length = 0;
    connection.fromClient(bytes("VRFY a\r\n"));
    connection.fromServer(bytes("250 ok\r\n"));
    expect(text(connection.toClient)).toBe(`220 mx\r\n${replies[i]}\r\n`);
    expect(JSON.parse(plugin.logs[0]?.message ?? "")).toMatchObject({ reply: replies[i]?.slice(0, 9) });
    connection.clientReset();
  }
});

test("replies from which something was taken out are counted", () => {
  const connection = greeted({ stat_prefix: "own", ehlo_keywords: { deny: ["DSN", "ETRN"] } });
  for (const reply of [
    "250-mx\r\n250-DSN\r\n250 ETRN\r\n",
    "250-mx\r\n250 SIZE\r\n",
    "250-mx\r\n250 DSN\r\n",
  ]) {
    connection.fromClient(bytes("EHLO a\r\n"));
    connection.fromServer(bytes(reply));
  }
  expect(plugin.metric("smtp.own.capabilities_stripped")).toBe(2);
  connection.clientReset();
});

test("a client that goes by a PIPECONNECT which the server offers and the policy takes out talks first", () => {
  const found = (deny: string[]): string[] => {
    const first = greeted({
      profile: "monitor",
      protections: { forbidden_extension: "prevent" },
      ehlo_keywords: { deny },
    });
    first.fromClient(bytes("EHLO a\r\n"));
    first.fromServer(bytes("250-mx\r\n250 PIPECONNECT\r\n"));
    first.clientReset();
    plugin.logs.length = 0;
    const second = plugin.connect();
    second.fromClient(bytes("EHLO a\r\n"));
    second.fromServer(bytes("220-mx\r\n"));
    second.fromServer(bytes("220 mx\r\n"));
    second.fromServer(bytes("250-mx\r\n250 PIPECONNECT\r\n"));
    second.clientReset();
    return plugin.logs.flatMap(({ message }) => (alertOf(message)?.["protection"] as string) ?? []);
  };
  expect(found(["ETRN"])).toEqual([]);
  expect(found(["PIPECONNECT"])).toEqual(["client_talks_first"]);
});

test("a shadow's rules are judged, and nothing is taken out or refused for them", () => {
  const rules = { commands: { deny: ["VRFY"], reply: "550 5.7.1 No" }, ehlo_keywords: { deny: ["ETRN"] } };
  const connection = greeted({ profile: "monitor", shadow: rules });
  connection.fromClient(bytes("EHLO a\r\n"));
  connection.fromServer(bytes("250-mx\r\n250 ETRN\r\n"));
  plugin.logs.length = 0;
  for (const command of ["ETRN x\r\n", "VRFY a\r\n", "NOOP\r\n"]) {
    connection.fromClient(bytes(command));
    connection.fromServer(bytes("250 ok\r\n"));
  }
  expect(text(connection.toServer)).toBe("EHLO a\r\nETRN x\r\nVRFY a\r\nNOOP\r\n");
  expect(text(connection.toClient)).toBe(`220 mx\r\n250-mx\r\n250 ETRN\r\n${"250 ok\r\n".repeat(3)}`);
  const found = plugin.logs.map(({ message }) => JSON.parse(message) as Record<string, unknown>);
  expect(found.filter(({ protection }) => String(protection).startsWith("forbidden_"))).toMatchObject([
    { protection: "forbidden_extension", reason: "verb", action: "reject", shadow: true, reply: "502 5.5.1" },
    { protection: "forbidden_command", reason: "denied", action: "reject", shadow: true, reply: "550 5.7.1" },
  ]);
  connection.clientReset();
});
