/** What is edited in large buffers, and how much of one is held: changes that no other test noticed. */
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
