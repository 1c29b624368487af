/** Law 2 for replies, exhaustively: a reply that comes octet by octet is read as one that comes whole. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { lastingRecord } from "../../workbench/events.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
/** One second a connection: then no event is left out, since a second has only so many. */
const clock = new ManualClock();
const POLICY = JSON.stringify({ profile: "monitor", events: { max_per_second: 10_000, excerpt: "full" } });

/** What a line of a reply can be: it goes on, it ends the reply, it has another code, or none. */
const LINES = ["250-a", "250-", "250", "250 ok", "250\r", "550-b", "25", "2500", "250x", "", "\0", "25\0-"];
const ENDS = ["\r\n", "\n"];

/** What the filter finds, and what reaches the client, when the octets of `words` come in chunks of `size`. */
function play(plugin: Plugin, words: string, size: number): string[] {
  clock.advance(1000);
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("RSET\r\nRSET\r\nRSET\r\n"));
  plugin.logs.length = 0;
  for (let at = 0; at < words.length; at += size) connection.fromServer(bytes(words.slice(at, at + size)));
  const seen = plugin.logs.map(({ message }) => lastingRecord(message));
  const passed = Buffer.from(connection.toClient).toString("latin1");
  connection.clientReset();
  return [...seen, passed];
}

test("all replies of three lines, octet by octet, in threes and whole", () => {
  const plugin = Plugin.load(WASM, { configuration: POLICY, clock });
  const lines = LINES.flatMap((line) => ENDS.map((end) => line + end));
  let found = 0;
  for (const one of lines) {
    for (const two of lines) {
      for (const three of lines) {
        const words = `${one}${two}${three}250 ok\r\n`;
        const whole = play(plugin, words, words.length);
        for (const size of [1, 3]) {
          const cut = play(plugin, words, size);
          // `expect` for each of 27,000 takes a minute.
          if (cut.join("\n") !== whole.join("\n")) expect(cut, JSON.stringify(words)).toEqual(whole);
        }
        found += whole.length - 1;
      }
    }
  }
  expect(found).toBeGreaterThan(10_000);
}, 120_000);

test.each([127, 128, 129])("a reply of %i lines, octet by octet and whole", (lines) => {
  const plugin = Plugin.load(WASM, { configuration: POLICY, clock });
  const words = `${"250-a\r\n".repeat(lines - 1)}250 ok\r\n`;
  const whole = play(plugin, words, words.length);
  expect(play(plugin, words, 1)).toEqual(whole);
  expect(whole.join("\n").includes("reply_too_long")).toBe(lines > 128);
});
