/**
 * No octet of a credential reaches a log, whatever the policy shows: not from a line that only some server reads as AUTH,
 * not from names kept for later events, not from a reply that repeats the line. And one client does not hide the others.
 */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
/** Base64 of "\0alice\0opensesame". */
const SECRET = "AGFsaWNlAG9wZW5zZXNhbWU=";
const GREETED = ["S: 220 mx\r\n", "C: EHLO a.example\r\n", "S: 250-mx\r\n250 PIPELINING\r\n"];

function load(policy: object): Plugin {
  return Plugin.load(WASM, { configuration: JSON.stringify(policy) });
}

/** Everything that the filter wrote about a session of these speeches: events and the summary. */
function written(policy: object, speeches: readonly string[]): string {
  const plugin = load({ ...policy, events: { excerpt: "full", max_per_second: 10_000 } });
  const connection = plugin.connect();
  for (const speech of speeches) {
    const words = bytes(speech.slice(3));
    if (speech.startsWith("C")) connection.fromClient(words);
    else connection.fromServer(words);
  }
  connection.clientReset();
  const lines = plugin.logs.map(({ message }) => message);
  return [...lines, ...[...connection.filterState.values()].map((each) => Buffer.from(each).toString())].join(
    "\n",
  );
}

describe.each(["monitor", "recommended", "strict", "submission"])("under %s", (profile) => {
  test.each([
    `EHLO me\rAUTH PLAIN ${SECRET}\r\n`,
    `HELO me AUTH PLAIN ${SECRET}\r\n`,
    `MAIL FROM:<a@x.org\rAUTH PLAIN ${SECRET}>\r\n`,
    `RCPT TO:<a@x.org>\rAUTH PLAIN ${SECRET}\r\n`,
    `XAUTH PLAIN ${SECRET}\r\n`,
    `NOOP\0AUTH PLAIN ${SECRET}\r\n`,
    `FOO\rAUTH LOGIN ${SECRET}\r\n`,
  ])("%j is neither kept nor shown, and no reply that repeats it is", (line) => {
    const later = [`S: 500 what is ${SECRET}\r\n`, "C: XADR\r\n", `S: 250 x\r\n250 ${SECRET}\r\n`];
    expect(written({ profile }, [...GREETED, `C: ${line}`, ...later])).not.toContain(SECRET);
  });
});

test(
  "whatever stands around it",
  () => {
    const verb = fc.constantFrom(
      "EHLO",
      "HELO",
      "MAIL FROM:<",
      "RCPT TO:<",
      "NOOP",
      "XADR",
      "FOO",
      "VRFY",
      "",
    );
    const noise = fc.array(fc.constantFrom("\r", "\0", "\t", " ", "\v", "\xff", "a", ">", '"', "("), {
      maxLength: 6,
    });
    const gap = fc.constantFrom("\r", "\0", "\v", "\xff");
    fc.assert(
      fc.property(verb, noise, gap, noise, fc.boolean(), (first, before, odd, after, strict) => {
        const line = `${first} ${before.join("")}${odd}AUTH PLAIN ${SECRET}${after.join("")}\r\n`;
        const policy = { profile: strict ? "strict" : "monitor" };
        const replies = [`S: 500 ${SECRET}\r\n`, "C: XADR\r\n", "S: 500 what\r\n"];
        expect(written(policy, [...GREETED, `C: ${line}`, ...replies])).not.toContain(SECRET);
      }),
      parameters(1000),
    );
  },
  TIMEOUT_MS,
);

describe("the share of a session in the log", () => {
  const events = (plugin: Plugin): string[] => plugin.logs.map(({ message }) => message);
  const say = (plugin: Plugin, count: number, verb: string): void => {
    const connection = plugin.connect();
    connection.fromServer(bytes("220 mx\r\n"));
    for (let i = 0; i < count; i++) {
      connection.fromClient(bytes(`${verb}\r\n`));
      connection.fromServer(bytes("250 ok\r\n"));
    }
  };

  test("is half: another client's finding is still written", () => {
    const plugin = load({ profile: "monitor", events: { max_per_second: 40 } });
    say(plugin, 100, "XADR");
    expect(events(plugin).length).toBe(20);
    say(plugin, 1, "XADR");
    expect(events(plugin).length).toBe(21);
  });

  test("what is only detected leaves a quarter to what is prevented", () => {
    const protections = { private_command: "detect", exchange_command: "prevent" };
    const plugin = load({ profile: "monitor", protections, events: { max_per_second: 40 } });
    for (let i = 0; i < 4; i++) say(plugin, 20, "XADR");
    expect(events(plugin).length).toBe(30);
    say(plugin, 5, "XEXCH50 1 1");
    expect(
      events(plugin)
        .slice(30)
        .every((event) => event.includes('"exchange_command"')),
    ).toBe(true);
    expect(events(plugin).length).toBeGreaterThan(30);
  });
});
