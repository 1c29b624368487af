/** What an event says, member by member: changes of the filter that no other test noticed. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import type { ConnectOptions } from "../../host/connect-options.js";
import { Plugin } from "../../host/plugin.js";
import { alertOf } from "../../workbench/events.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

interface Told {
  level: string;
  event: Record<string, unknown>;
}

/** Plays what the server (S) and the client (C) say in turn, and gives what was logged. */
function told(policy: object, speeches: readonly string[], options: ConnectOptions = {}): Told[] {
  const plugin = Plugin.load(wasmModule(), { configuration: JSON.stringify(policy) });
  const connection = plugin.connect(options);
  for (const speech of speeches) {
    if (speech.startsWith("C: ")) connection.fromClient(bytes(speech.slice(3)));
    else connection.fromServer(bytes(speech.slice(3)));
  }
  connection.clientReset();
  const lines = plugin.logs.flatMap(({ level, message }) => {
    const event = alertOf(message);
    return event === null ? [] : { level, event };
  });
  plugin.shutdown();
  return lines;
}

const GREETED = ["S: 220 mx\r\n", "C: EHLO c.example\r\n", "S: 250 mx\r\n"];
const only = (protections: object, more: object = {}): object => ({
  profile: "monitor",
  protections,
  ...more,
});

describe("the reply that the client gets is in the event", () => {
  test.each<[string, object, string[], string | undefined]>([
    ["of a reject", only({ private_command: "prevent" }), [...GREETED, "C: XADR\r\n"], "502 5.5.1"],
    [
      "of an end in command mode",
      only({ private_command: { mode: "prevent", action: "terminate" } }),
      [...GREETED, "C: XADR\r\n"],
      "421 4.7.0",
    ],
    ["of a bad greeting", only({ bad_server_greeting: "prevent" }), ["S: 250 mx\r\n"], "554 5.3.2"],
    ["not of what is only detected", only({}), [...GREETED, "C: XADR\r\n"], undefined],
    [
      "not of an end in data, where none is sent",
      only({ nul_in_data: { mode: "prevent", action: "terminate" } }),
      [
        ...GREETED,
        "C: MAIL FROM:<a@x.org>\r\n",
        "S: 250 ok\r\n",
        "C: RCPT TO:<b@x.org>\r\n",
        "S: 250 ok\r\n",
        "C: DATA\r\n",
        "S: 354 go\r\n",
        "C: a\0b\r\n",
      ],
      undefined,
    ],
  ])("%s", (_what, policy, speeches, reply) => {
    const [first] = told(policy, speeches);
    expect(first?.event["reply"]).toBe(reply);
  });
});

describe("the excerpt", () => {
  const excerptOf = (excerpt: string, command: string): unknown =>
    told(only({}, { events: { excerpt } }), [...GREETED, `C: ${command}\r\n`])[0]?.event["excerpt"];

  test("is shown as it is, masked to its shape, or left out", () => {
    expect(excerptOf("full", "XADR Az09 <q@Z.1>")).toBe("XADR Az09 <q@Z.1>");
    expect(excerptOf("masked", "XADR Az09 <q@Z.1>")).toBe("xxxx xx00 <x@x.0>");
    expect(excerptOf("none", "XADR Az09 <q@Z.1>")).toBeUndefined();
  });

  test("is masked unless a policy says otherwise", () => {
    const [first] = told({}, [...GREETED, "C: XADR q\r\n"]);
    expect(first?.event["excerpt"]).toBe("xxxx x");
  });

  test("is cut to 64 octets", () => {
    const long = `XADR ${"q".repeat(90)}`;
    expect(excerptOf("full", long)).toBe(long.slice(0, 64));
    expect(excerptOf("masked", long)).toBe(`xxxx ${"x".repeat(59)}`);
  });

  test("of a reply ends with it, and of a greeting too", () => {
    const last = (...speeches: string[]): unknown =>
      told(only({}, { events: { excerpt: "full" } }), speeches).at(-1)?.event["excerpt"];
    expect(last("S: 250 mx\r\n250 x\r\n250 y\r\n")).toBe("250 y\\x0d\\x0a");
    expect(last(...GREETED, "S: 250 who asked\r\n")).toBe("250 who asked\\x0d\\x0a");
    expect(last("S: 250 mx\r\n")).toBe("250 mx\\x0d\\x0a");
  });

  test("is hidden where a credential may be, whatever the policy says", () => {
    expect(excerptOf("full", "XAUTH PLAIN AGEAYg==")).toBe("***");
    expect(excerptOf("masked", "XAUTH PLAIN AGEAYg==")).toBe("***");
  });
});

test("lines behind an AUTH that was refused are hidden, up to the next command that is one", () => {
  const speeches = ["C: AUTH CRAM-MD5\r\n", "S: 504 no\r\n", "C: GET U0VDUkVU\r\n", "S: 500 what\r\n"];
  const more = ["C: RSET\r\n", "S: 250 ok\r\n", "C: GET / HTTP/1.1\r\n", "S: 500 what\r\n"];
  const events = told(only({}, { events: { excerpt: "full" } }), [...GREETED, ...speeches, ...more]);
  const shown = events
    .filter(({ event }) => event["protection"] === "non_smtp_command")
    .map(({ event }) => [event["verb"], event["excerpt"]]);
  expect(shown).toEqual([
    [undefined, "***"],
    ["GET", "GET / HTTP/1.1"],
  ]);
});

test("bytes that came too early are reported with the verb that they follow, and never shown", () => {
  const speeches = ["C: XADR\r\n", "S: 500 what\r\n", "C: VRFY c\r\nAUTH PLAIN AGEAYg==\r\n"];
  const events = told(only({}, { events: { excerpt: "full" } }), [...GREETED, ...speeches]);
  const early = events.find(({ event }) => event["protection"] === "improper_pipelining");
  expect([early?.event["verb"], early?.event["excerpt"]]).toEqual(["VRFY", "***"]);
});

describe("who and what", () => {
  test("the level of a finding that is only detected is info, else warn", () => {
    const levels = (protections: object): string[] =>
      told(only(protections), [...GREETED, "C: XADR\r\n"]).map(({ level }) => level);
    expect(levels({})).toEqual(["info"]);
    expect(levels({ private_command: "prevent" })).toEqual(["warn"]);
  });

  test("both addresses, with IPv6 out of its brackets", () => {
    const [first] = told(only({}), [...GREETED, "C: XADR\r\n"], {
      sourceAddress: "[2001:db8::19]:40125",
      destinationAddress: "192.0.2.9:25",
    });
    expect(first?.event).toMatchObject({
      event_type: "alert",
      src_ip: "2001:db8::19",
      src_port: 40125,
      dest_ip: "192.0.2.9",
      dest_port: 25,
    });
  });

  test("the envelope so far, and of the line itself", () => {
    const commands = ["MAIL FROM:<a@x.org>", "RCPT TO:<b@y.org>", "RCPT TO:<root>"];
    const speeches = commands.flatMap((command) => [`C: ${command}\r\n`, "S: 250 ok\r\n"]);
    const events = told(only({}), [...GREETED, ...speeches, "C: XADR\r\n"]);
    const about = (id: string): unknown =>
      events.find(({ event }) => event["protection"] === id)?.event["smtp"];
    expect(about("recipient_no_domain")).toEqual({
      helo: "c.example",
      mail_from: "a@x.org",
      rcpt_to: ["root"],
    });
    expect(about("private_command")).toMatchObject({ helo: "c.example", mail_from: "a@x.org" });
  });
});

test("events beyond the limit are counted, and the next one says how many they were", () => {
  const clock = new ManualClock();
  const configuration = JSON.stringify(only({}, { stat_prefix: "in", events: { max_per_second: 2 } }));
  const plugin = Plugin.load(wasmModule(), { configuration, clock });
  const suppressed = (): unknown[] =>
    plugin.logs.map(({ message }) => (JSON.parse(message) as Record<string, unknown>)["suppressed"]);
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  const findings = (count: number): void => {
    for (let i = 0; i < count; i++) {
      connection.fromClient(bytes("XADR\r\n"));
      connection.fromServer(bytes("500 what\r\n"));
    }
  };
  clock.advance(1000);
  findings(5);
  expect(suppressed()).toEqual([undefined, undefined]);
  expect(plugin.metric("smtp.in.events_suppressed")).toBe(3);
  clock.advance(1000);
  findings(2);
  expect(suppressed()).toEqual([undefined, undefined, 3, undefined]);
  expect(plugin.metric("smtp.in.events_suppressed")).toBe(3);
  plugin.shutdown();
});

test("the record for the access log says what was found and what was passed", () => {
  const plugin = Plugin.load(wasmModule(), { configuration: '{"profile":"monitor"}' });
  const connection = plugin.connect();
  const summary = (): string => text(connection.filterState.get("wasm.smtp_inspector") ?? new Uint8Array());
  const turns = [
    ...GREETED,
    "C: XADR\r\n",
    "S: 250 ok\r\n",
    "C: MAIL FROM:<a@x.org>\r\n",
    "S: 250 ok\r\n",
    "C: RCPT TO:<root>\r\n",
    "S: 250 ok\r\n",
    "C: DATA\r\n",
    "S: 354 go\r\n",
    "C: hi\r\n.\r\n",
    "S: 250 queued\r\n",
    "C: STARTTLS\r\n",
    "S: 220 go\r\n",
  ];
  for (const speech of turns) {
    if (speech.startsWith("C: ")) connection.fromClient(bytes(speech.slice(3)));
    else connection.fromServer(bytes(speech.slice(3)));
  }
  connection.clientReset();
  plugin.shutdown();
  expect(JSON.parse(summary())).toMatchObject({
    verdict: "detected",
    findings: 4,
    protections: ["private_command", "unannounced_extension", "recipient_no_domain", "starttls_command"],
    commands: 6,
    messages: 1,
    tls: true,
  });
});
