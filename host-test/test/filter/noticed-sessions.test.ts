/** What is kept of a connection, beside others and over large buffers: changes that no other test noticed. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { type Connection, Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

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
    const all = [plugin.connect(), plugin.connect(), plugin.connect(), plugin.connect()];
    for (const connection of all) {
      say(connection, "S: 250 mx\r\n");
      clock.advance(100);
    }
    const open = (): number[] => all.flatMap((each, nth) => (each.closed === null ? [nth] : []));
    // One in the middle, and then the newest, are gone before their time.
    all[1]?.clientReset();
    all[3]?.clientReset();
    clock.advance(1599);
    plugin.tick();
    expect(open()).toEqual([0, 2]);
    clock.advance(1);
    plugin.tick();
    expect(open()).toEqual([2]);
    clock.advance(199);
    plugin.tick();
    expect(open()).toEqual([2]);
    clock.advance(1);
    plugin.tick();
    expect(open()).toEqual([]);
    const late = plugin.connect();
    say(late, "S: 250 mx\r\n");
    clock.advance(2000);
    plugin.tick();
    expect(late.closed).toBe("wasm_downstream_close");
    plugin.shutdown();
  });

  test("is looked at for a thousand of them a tick", () => {
    const clock = new ManualClock();
    const plugin = load(POLICY, clock);
    const all = Array.from({ length: 1500 }, () => plugin.connect());
    all.forEach((connection) => say(connection, "S: 250 mx\r\n"));
    const open = (): number => all.filter(({ closed }) => closed === null).length;
    clock.advance(2000);
    plugin.tick();
    expect(open()).toBe(500);
    plugin.tick();
    expect(open()).toBe(0);
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
    expect(helo('q"b\\t\t e\x1f~\x7f\x80\xff')["helo"]).toBe('q"b\\\\t\\x09 e\\x1f~\\x7f\\x80\\xff');
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

describe("a chunk of many windows of 64 KiB is edited where it is to be, and nowhere else", () => {
  const command = (nth: number): string => `RSET ${String(nth).padStart(7, "0")}\r\n`;
  const commands = (count: number): string =>
    Array.from({ length: count }, (_, nth) => command(nth)).join("");

  test.each([0, 1, 4680, 4681, 4682, 9362, 12_000, 15_999])("with the command after %i refused", (at) => {
    const plugin = load({
      profile: "monitor",
      protections: { private_command: "prevent" },
      limits: { pending_commands: 4096 },
    });
    const connection = plugin.connect({ bufferLimit: 1 << 20 });
    say(connection, "S: 220 mx\r\n", "C: EHLO c\r\n", "S: 250 mx\r\n");
    const all = commands(16_000);
    const split = at * command(0).length;
    connection.fromClient(bytes(`${all.slice(0, split)}XADR\r\n${all.slice(split)}`));
    connection.fromServer(bytes("250 ok\r\n".repeat(at + 1)));
    connection.fromServer(bytes("250 ok\r\n".repeat(16_000 - at)));
    expect(text(connection.toServer) === `EHLO c\r\n${all}`).toBe(true);
    const refused = text(connection.toClient)
      .split("\r\n")
      .indexOf("502 5.5.1 private_command: rejected by policy");
    expect(refused).toBe(at + 2);
    plugin.shutdown();
  });

  test("and data of one line, with a bare LF in it", () => {
    const plugin = load({ profile: "monitor", protections: { bare_newline_in_data: "prevent" } });
    const connection = plugin.connect({ bufferLimit: 1 << 20 });
    say(
      connection,
      "S: 220 mx\r\n",
      "C: EHLO c\r\n",
      "S: 250 mx\r\n",
      "C: MAIL FROM:<a@x.org>\r\n",
      "S: 250 ok\r\n",
    );
    say(connection, "C: RCPT TO:<b@x.org>\r\n", "S: 250 ok\r\n", "C: DATA\r\n", "S: 354 go\r\n");
    const before = text(connection.toServer);
    const [head, tail] = ["h".repeat(150_000), "t".repeat(150_000)];
    connection.fromClient(bytes(`${head}\n${tail}\r\n.\r\n`));
    expect(text(connection.toServer) === `${before}${head}\r\n${tail}\r\n.\r\n`).toBe(true);
    plugin.shutdown();
  });
});

describe("what a client sends while a reply is awaited is bounded, also in Envoy's own buffer", () => {
  const reasonsAt = (length: number, pieces: number, greeted: boolean): string[] => {
    const plugin = load({
      profile: "monitor",
      protections: { private_command: "prevent" },
      limits: { held_bytes: 65_536 },
    });
    const connection = plugin.connect({ bufferLimit: 1 << 20 });
    if (greeted) say(connection, "S: 220 mx\r\n", "C: EHLO c\r\n");
    const all = "RSET\r\n".repeat(length).slice(0, length);
    for (let nth = 0; nth < pieces; nth++)
      connection.fromClient(bytes(all.slice((nth * length) / pieces, ((nth + 1) * length) / pieces)));
    const reasons = plugin.logs.map(
      ({ message }) => JSON.parse(message) as { reason: string; action: string },
    );
    plugin.shutdown();
    return reasons.flatMap(({ reason, action }) => (reason === "bytes" ? [action] : []));
  };

  test.each([
    [1, false],
    [4, false],
    [1, true],
    [4, true],
  ])("in %i pieces, behind EHLO: %j", (pieces, greeted) => {
    expect(reasonsAt(65_536, pieces, greeted)).toEqual([]);
    expect(reasonsAt(65_540, pieces, greeted)).toEqual(["terminate"]);
  });
});
