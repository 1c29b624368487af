/** What is kept of a connection, beside others: changes that no other test noticed. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { type Connection, Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function load(policy: object, clock = new ManualClock()): Plugin {
  const events = { max_per_second: 10_000 };
  return Plugin.load(wasmModule(), { configuration: JSON.stringify({ events, ...policy }), clock });
}

/** What the server (S) and the client (C) say in turn. */
function say(connection: Connection, ...speeches: string[]): void {
  for (const speech of speeches) {
    if (speech.startsWith("C: ")) connection.fromClient(bytes(speech.slice(3)));
    else connection.fromServer(bytes(speech.slice(3)));
  }
}

const lastSmtp = (plugin: Plugin): Record<string, unknown> =>
  (JSON.parse(plugin.logs.at(-1)?.message ?? "{}") as { smtp: Record<string, unknown> }).smtp;

test("the statistics of three sessions", () => {
  const plugin = load({
    stat_prefix: "in",
    profile: "monitor",
    protections: { starttls_command: "prevent" },
  });
  const mail = ["C: MAIL FROM:<a@x.org>\r\n", "S: 250 ok\r\n", "C: RCPT TO:<b@x.org>\r\n", "S: 250 ok\r\n"];
  const data = ["C: DATA\r\n", "S: 354 go\r\n", "C: hi\r\n.\r\n"];
  const [one, two, three] = [plugin.connect(), plugin.connect(), plugin.connect()];
  say(
    one,
    "S: 220 mx\r\n",
    "C: EHLO c\r\n",
    "S: 250-mx\r\n250 STARTTLS\r\n",
    ...mail,
    ...data,
    "S: 250 ok\r\n",
  );
  say(one, ...mail, ...data, "S: 550 no\r\n", "C: XADR\r\n", "S: 500 what\r\n");
  say(two, "S: 220 mx\r\n", "C: QUIT\r\n", "S: 221 bye\r\n");
  one.clientReset();
  two.clientReset();
  expect(Object.fromEntries([...plugin.metrics].map(([name, { value }]) => [name, value]))).toMatchObject({
    "smtp.in.sessions": 3,
    "smtp.in.sessions_active": 1,
    "smtp.in.sessions_tls": 0,
    "smtp.in.messages": 1,
    "smtp.in.commands": 9,
    "smtp.in.capabilities_stripped": 1,
    "smtp.in.events_suppressed": 0,
    "smtp.in.findings.protection.private_command.action.detect": 1,
  });
  say(three, "S: 220 mx\r\n");
  three.serverReset();
  expect(plugin.metric("smtp.in.sessions_active")).toBe(0);
  plugin.shutdown();
});

describe("the deadline of an ended session that nobody closes", () => {
  const POLICY = { protections: { bad_server_greeting: "prevent" }, limits: { close_deadline_ms: 2000 } };

  test("closes each at its own time, and not before", () => {
    const clock = new ManualClock();
    const plugin = load(POLICY, clock);
    // Envoy's timer of the module: twice a second.
    const tick = (): void => {
      clock.advance(500);
      plugin.tick();
    };
    const all: Connection[] = [];
    const open = (): number[] => all.flatMap((each, nth) => (each.closed === null ? [nth] : []));
    plugin.tick();
    for (let i = 0; i < 4; i++) {
      const connection = plugin.connect();
      all.push(connection);
      say(connection, "S: 250 mx\r\n");
      if (i < 3) tick();
    }
    // One in the middle, and the newest, are gone before their time.
    all[1]?.clientReset();
    all[3]?.clientReset();
    expect(open()).toEqual([0, 2]);
    tick();
    expect(open()).toEqual([2]);
    tick();
    expect(open()).toEqual([2]);
    tick();
    expect(open()).toEqual([]);
    const late = plugin.connect();
    say(late, "S: 250 mx\r\n");
    for (let i = 0; i < 3; i++) tick();
    expect(late.closed).toBeNull();
    tick();
    expect(late.closed).toBe("wasm_downstream_close");
    plugin.shutdown();
  });

  test("is looked at for a thousand of them a tick", () => {
    const clock = new ManualClock();
    const plugin = load(POLICY, clock);
    const all = Array.from({ length: 1500 }, () => plugin.connect());
    all.forEach((connection) => say(connection, "S: 250 mx\r\n"));
    const open = [1, 2, 3, 4, 5].map(() => {
      clock.advance(500);
      plugin.tick();
      return all.filter(({ closed }) => closed === null).length;
    });
    expect(open).toEqual([1500, 1500, 1500, 500, 0]);
    plugin.shutdown();
  });
});

describe("names in events", () => {
  const helo = (argument: string, path = "a@x.org", to = "b@x.org"): Record<string, unknown> => {
    const plugin = load({ profile: "monitor" });
    const connection = plugin.connect();
    say(connection, "S: 220 mx\r\n", `C: EHLO ${argument}\r\n`, "S: 250 mx\r\n");
    say(connection, `C: MAIL FROM:<${path}>\r\n`, "S: 250 ok\r\n", `C: RCPT TO:<${to}>\r\n`, "S: 250 ok\r\n");
    say(connection, "C: XADR\r\n");
    const smtp = lastSmtp(plugin);
    plugin.shutdown();
    return smtp;
  };

  test("are cut: 48 octets of HELO, 256 of a path", () => {
    expect(helo("h".repeat(60), "m".repeat(300), "r".repeat(300))).toEqual({
      helo: "h".repeat(48),
      mail_from: "m".repeat(256),
      rcpt_to: ["r".repeat(256)],
    });
  });

  test("are those of this transaction only", () => {
    const plugin = load({ profile: "monitor" });
    const connection = plugin.connect();
    say(
      connection,
      "S: 220 mx\r\n",
      "C: EHLO c\r\n",
      "S: 250 mx\r\n",
      "C: MAIL FROM:<a@x.org>\r\n",
      "S: 250 ok\r\n",
    );
    say(connection, "C: RCPT TO:<b@x.org>\r\n", "S: 250 ok\r\n", "C: RSET\r\n", "S: 250 ok\r\n");
    say(connection, "C: XADR\r\n", "S: 500 what\r\n");
    expect(lastSmtp(plugin)).toEqual({ helo: "c" });
    say(connection, "C: MAIL FROM:<n@x.org>\r\n", "S: 250 ok\r\n", "C: XADR\r\n");
    expect(lastSmtp(plugin)).toEqual({ helo: "c", mail_from: "n@x.org" });
    plugin.shutdown();
  });

  test("stand as they are where JSON can hold them, and as \\xHH where not", () => {
    expect(helo('q"b\\t\v.e\x1f~\x7f\x80\xff no name')["helo"]).toBe('q"b\\\\t\\x0b.e\\x1f~\\x7f\\x80\\xff');
  });
});

test("5,000 connections keep their own names while half of them come and go", () => {
  const plugin = load({ profile: "monitor" });
  const open = new Map<string, Connection>();
  const begin = (name: string): void => {
    const connection = plugin.connect();
    say(connection, "S: 220 mx\r\n", `C: EHLO ${name}\r\n`, "S: 250 mx\r\n");
    open.set(name, connection);
  };
  for (let i = 0; i < 5000; i++) begin(`one-${i}`);
  for (let i = 0; i < 5000; i += 2) {
    open.get(`one-${i}`)?.clientReset();
    open.delete(`one-${i}`);
  }
  for (let i = 0; i < 2500; i++) begin(`two-${i}`);
  plugin.logs.length = 0;
  for (const connection of open.values()) say(connection, "C: XADR\r\n", "S: 500 what\r\n");
  const events = plugin.logs.map(({ message }) => JSON.parse(message) as { smtp: { helo: string } });
  expect(events.map(({ smtp }) => smtp.helo)).toEqual([...open.keys()]);
  plugin.shutdown();
});

test("queues of many outstanding commands are given back, as often as they grew", () => {
  const plugin = load({ profile: "monitor" });
  const pass = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const connection = plugin.connect();
      say(
        connection,
        "S: 220 mx\r\n",
        `C: ${"RSET\r\n".repeat(300)}`,
        `S: ${"250 ok\r\n".repeat(i % 2 ? 300 : 7)}`,
      );
      connection.clientReset();
    }
  };
  pass(100);
  const before = plugin.memoryBytes();
  pass(2000);
  expect(plugin.memoryBytes()).toBe(before);
  plugin.shutdown();
});
