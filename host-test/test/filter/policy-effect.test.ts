/** What a policy says is what happens: modes and profiles, exempt sources, allowed verbs. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";

const wasm = new WebAssembly.Module(
  readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url)),
);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whether `command` of a client at `source` reaches the server under `policy`. */
function passes(policy: object, command: string, source = "192.0.2.10:40000"): boolean {
  const plugin = Plugin.load(wasm, { configuration: JSON.stringify(policy) });
  const connection = plugin.connect({ sourceAddress: source });
  connection.fromServer(bytesOf("220 mx.example.net ESMTP\r\n"));
  connection.fromClient(bytesOf("EHLO client.example.org\r\n"));
  connection.fromServer(bytesOf("250 mx.example.net\r\n"));
  connection.fromClient(bytesOf(`${command}\r\n`));
  const sent = new TextDecoder().decode(connection.toServer);
  plugin.shutdown();
  return sent.includes(command);
}

test.each([
  [{}, false],
  [{ profile: "monitor" }, true],
  [{ profile: "strict" }, false],
  [{ protections: { private_command: "off" } }, true],
  [{ protections: { private_command: "detect" } }, true],
  [{ protections: { private_command: { mode: "detect" } } }, true],
  [{ protections: { private_command: "prevent" }, profile: "monitor" }, false],
  [{ profile: "monitor", protections: { private_command: "prevent" } }, false],
  // The object names no mode, so the profile's stays.
  [{ profile: "monitor", protections: { private_command: { action: "terminate" } } }, true],
  [{ protections: { private_command: { action: "terminate" } } }, false],
])("%j lets XADR through: %j", (policy, expected) => {
  expect(passes(policy, "XADR")).toBe(expected);
});

test.each([
  [[], "10.1.2.3:25", false],
  [["10.0.0.0/8"], "10.1.2.3:40000", true],
  [["10.0.0.0/8"], "11.0.0.1:40000", false],
  [["10.200.0.1/8"], "10.1.2.3:40000", true],
  [["10.0.0.0/8"], "[::ffff:10.1.2.3]:40000", true],
  [["::ffff:10.0.0.0/104"], "10.1.2.3:40000", true],
  [["192.0.2.10"], "192.0.2.10:1", true],
  [["192.0.2.10"], "192.0.2.100:1", false],
  [["192.0.2.128/25"], "192.0.2.127:1", false],
  [["192.0.2.128/25"], "192.0.2.128:1", true],
  [["0.0.0.0/0"], "203.0.113.9:1", true],
  [["0.0.0.0/0"], "[2001:db8::1]:1", false],
  [["::/0"], "[2001:db8::1]:1", true],
  [["::/0"], "203.0.113.9:1", false],
  [["2001:db8::/32"], "[2001:db8:ffff::1]:40000", true],
  [["2001:db8::/32"], "[2001:db9::1]:40000", false],
  [["2001:db8:0:0:8000::/65"], "[2001:db8::7fff:0:0:1]:1", false],
  [["2001:db8:0:0:8000::/65"], "[2001:db8::8000:0:0:1]:1", true],
  [["fe80::/10"], "[fe80::1%2]:25", true],
  [["::1"], "[::1]:25", true],
  [["198.51.100.0/24", "2001:db8::/32", "10.0.0.0/8"], "10.0.0.1:1", true],
  [["0.0.0.0/0", "::/0"], "/run/mail.sock", false],
])("exempt_sources %j holds %s: %j", (exempt_sources, source, expected) => {
  const policy = { protections: { private_command: { mode: "prevent", exempt_sources } } };
  expect(passes(policy, "XADR", source)).toBe(expected);
  expect(passes({ profile: "strict", exempt_sources }, "XADR", source)).toBe(expected);
  expect(passes({ profile: "strict", trusted_sources: exempt_sources }, "XADR", source)).toBe(expected);
});

/** The findings about `command` of a client at `source`, as "id mode action". */
function findingsOf(policy: object, command: string, source: string): string[] {
  const plugin = Plugin.load(wasm, { configuration: JSON.stringify(policy) });
  const connection = plugin.connect({ sourceAddress: source });
  connection.fromServer(bytesOf("220 mx.example.net ESMTP\r\n"));
  connection.fromClient(bytesOf(`${command}\r\n`));
  const found = plugin.logs.map(({ message }) => {
    const { protection, mode, action } = JSON.parse(message) as Record<string, string>;
    return `${protection} ${mode} ${action}`;
  });
  plugin.shutdown();
  return found;
}

test.each([
  ["192.0.2.10:40000", ["private_command detect detect"]],
  ["[2001:db8:7::1]:40000", ["private_command detect detect"]],
  ["[::ffff:192.0.2.10]:40000", ["private_command detect detect"]],
  ["192.0.3.10:40000", ["private_command prevent reject"]],
  ["[2001:db9::1]:40000", ["private_command prevent reject"]],
  // In both lists: not judged at all.
  ["192.0.2.200:40000", []],
])("what a trusted source does is reported, from %s: %j", (source, expected) => {
  const policy = {
    profile: "strict",
    trusted_sources: ["192.0.2.0/24", "2001:db8::/32"],
    exempt_sources: ["192.0.2.200"],
  };
  expect(findingsOf(policy, "XADR", source)).toEqual(expected);
});

test.each([
  // The live policy refuses, its shadow trusts the client; and the other way round.
  [
    { shadow: { trusted_sources: ["192.0.2.0/24"] } },
    ["private_command prevent reject", "private_command detect detect"],
  ],
  [
    { trusted_sources: ["192.0.2.0/24"], shadow: {} },
    ["private_command detect detect", "private_command prevent reject"],
  ],
  [
    { trusted_sources: ["192.0.2.0/24"], shadow: { trusted_sources: ["192.0.2.0/24"] } },
    ["private_command detect detect"],
  ],
])("a shadow has its own trusted sources: %j", (policy, expected) => {
  expect(findingsOf(policy, "XADR", "192.0.2.10:40000")).toEqual(expected);
});

test("a trusted source may say for whom it speaks, another may not", () => {
  const policy = { profile: "strict", trusted_sources: ["192.0.2.0/24"] };
  expect(findingsOf(policy, "XCLIENT ADDR=198.51.100.9", "192.0.2.10:40000")).toEqual([]);
  expect(findingsOf(policy, "XCLIENT ADDR=198.51.100.9", "198.51.100.9:40000")).toEqual([
    "trust_command prevent reject",
  ]);
});

test("a source is exempt from the protection that names it and from no other", () => {
  const policy = { protections: { exchange_command: { exempt_sources: ["192.0.2.0/24"] } } };
  expect(passes(policy, "XADR")).toBe(false);
});

test.each([
  ["XADR", true],
  ["xadr", true],
  ["XADR with arguments", true],
  ["XAD", false],
  ["XADRX", false],
  ["X-1", true],
  ["XOTHER", false],
])('"allow" of private_command lets %s through: %j', (command, expected) => {
  expect(passes({ protections: { private_command: { allow: ["XADR", "x-1"] } } }, command)).toBe(expected);
});
