/** Orders of events that no vector's order of lines can claim: the server answers late. The properties found them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

/** Says `speeches` in their order, each of the client (C) or the server (S), with the end of its stream or without. */
function play(
  protections: object,
  speeches: [side: "C" | "S", words: string, end?: "end"][],
): [string, string] {
  const policy = { profile: "monitor", protections };
  const connection = Plugin.load(WASM, { configuration: JSON.stringify(policy) }).connect();
  for (const [side, words, end] of speeches) {
    if (side === "C") connection.fromClient(bytes(words), end === "end");
    else connection.fromServer(bytes(words), end === "end");
  }
  const seen: [string, string] = [text(connection.toServer), text(connection.toClient)];
  connection.clientReset();
  return seen;
}

const REFUSED = "502 5.5.1 exchange_command: rejected by policy\r\n";
const PIPELINED = "RSET\r\nX-LINK2STATE LAST\r\nRSET\r\nXEXCH50 6 2\r\n";

test("what follows a refused XEXCH50 is not a command before its own refusal was sent, though another was", () => {
  const seen = play({ exchange_command: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", PIPELINED],
    ["S", "250 ok\r\n"],
    ["C", "ABCD\r\n"],
    ["S", "250 ok\r\n"],
  ]);
  const ended = "421 4.7.0 exchange_command: connection closed by policy\r\n";
  expect(seen).toEqual([
    "RSET\r\nRSET\r\nQUIT\r\n",
    `220 mx\r\n250 ok\r\n${REFUSED}250 ok\r\n${REFUSED}${ended}`,
  ]);
});

test("what follows a refused XEXCH50 is a command once its refusal was sent", () => {
  const seen = play({ exchange_command: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", PIPELINED],
    ["S", "250 ok\r\n250 ok\r\n"],
    ["C", "ABCD\r\n"],
    ["S", "500 what\r\n"],
  ]);
  const replies = `220 mx\r\n250 ok\r\n${REFUSED}250 ok\r\n${REFUSED}500 what\r\n`;
  expect(seen).toEqual(["RSET\r\nRSET\r\nABCD\r\n", replies]);
});

test("MAIL after EHLO is early also when both waited for a stand-in and the client has ended its stream", () => {
  const seen = play({ improper_pipelining: "prevent", private_command: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", "EHLO a\r\n"],
    ["S", "250-mx\r\n250 PIPELINING\r\n"],
    ["C", "XFOO\r\n"],
    ["C", "EHLO a\r\nMAIL FROM:<a@x.org>\r\n"],
    ["C", "", "end"],
    ["S", "250 nothing\r\n"],
    ["S", "250 mx\r\n"],
  ]);
  expect(seen).toEqual([
    "EHLO a\r\nNOOP\r\nEHLO a\r\n",
    "220 mx\r\n250-mx\r\n250 PIPELINING\r\n502 5.5.1 private_command: rejected by policy\r\n250 mx\r\n" +
      "421 4.7.0 improper_pipelining: connection closed by policy\r\n",
  ]);
});

// CI's own seed found that NOOP became the end of the line: "a" and "NOOP" reached the server as one command.
test("nothing is put after a line that the client's end of stream left unended", () => {
  const seen = play({ private_command: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", "XFOO\r\nVRFY a", "end"],
    ["S", "", "end"],
  ]);
  expect(seen).toEqual(["VRFY a", "220 mx\r\n502 5.5.1 private_command: rejected by policy\r\n"]);
});

test("what an Exim held back after EHLO is judged by its reply, though the client has ended its stream", () => {
  const group =
    "MAIL FROM:<a@example.net> SIZE=20\r\nRCPT TO:<b@example.org>\r\nBDAT 5 LAST\r\nabc\r\nQUIT\r\n";
  const offers = "250-mx\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250-PIPE_CONNECT\r\n250 CHUNKING\r\n";
  const seen = play({ improper_pipelining: "prevent", bdat_unannounced: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", `EHLO a\r\n${group}`],
    ["C", "", "end"],
    ["S", offers],
  ]);
  expect(seen).toEqual([`EHLO a\r\n${group}`, `220 mx\r\n${offers}`]);
});

test("without PIPECONNECT the same is refused", () => {
  const seen = play({ improper_pipelining: "prevent" }, [
    ["S", "220 mx\r\n"],
    ["C", "EHLO a\r\nMAIL FROM:<a@example.net>\r\n"],
    ["C", "", "end"],
    ["S", "250-mx\r\n250 PIPELINING\r\n"],
  ]);
  const ended = "421 4.7.0 improper_pipelining: connection closed by policy\r\n";
  expect(seen).toEqual(["EHLO a\r\nQUIT\r\n", `220 mx\r\n250-mx\r\n250 PIPELINING\r\n${ended}`]);
});

test.each([
  ["the greeting", ""],
  ["the reply to DATA", "EHLO c.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"],
])("a server that never sends %s sees that the client has left", (_awaited, commands) => {
  const connection = Plugin.load(WASM, { configuration: '{"profile":"strict"}' }).connect();
  for (const [index, line] of commands.split(/(?<=\n)/).entries()) {
    if (line === "") continue;
    connection.fromServer(bytes(index === 0 ? "220 mx\r\n" : "250 ok\r\n"));
    connection.fromClient(bytes(line));
  }
  expect(connection.serverEnded).toBe(false);
  connection.fromClient(bytes(""), true);
  expect([text(connection.toServer), connection.serverEnded]).toEqual([commands, true]);
});

test.each([
  ["the greeting", "", "EHLO c.example\r\n"],
  ["the reply to EHLO", "220 mx\r\n", "EHLO c.example\r\nMAIL FROM:<a@example.org>\r\n"],
])("what waits for %s does not outlive a server that ends without it", (_awaited, greeting, commands) => {
  const plugin = Plugin.load(WASM, { configuration: "{}" });
  const connection = plugin.connect();
  connection.fromServer(bytes(greeting));
  connection.fromClient(bytes(commands));
  connection.fromServer(bytes(""), true);
  plugin.tick();
  expect(connection.closed).not.toBe(null);
});

test("an Exim's whole session before the greeting passes where another session was offered PIPECONNECT", () => {
  const plugin = Plugin.load(WASM, { configuration: '{"profile":"strict"}' });
  const offers = "250-mx\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 PIPECONNECT\r\n";
  const group =
    "EHLO a.example\r\nMAIL FROM:<a@example.net> SIZE=20\r\nRCPT TO:<b@example.org>\r\nBDAT 5 LAST\r\nabc\r\nQUIT\r\n";
  const early = (): [string, string] => {
    const connection = plugin.connect();
    connection.fromClient(bytes(group), true);
    connection.fromServer(bytes("220 mx.example ESMTP\r\n"));
    connection.fromServer(bytes(offers));
    const seen: [string, string] = [text(connection.toServer), text(connection.toClient)];
    connection.clientReset();
    return seen;
  };
  const refused = "421 4.7.0 improper_pipelining: connection closed by policy\r\n";
  expect(early()).toEqual(["EHLO a.example\r\n", `220 mx.example ESMTP\r\n${offers}${refused}`]);
  expect(early()).toEqual([group, `220 mx.example ESMTP\r\n${offers}`]);
  // What was offered no more is not foreseen any more.
  const other = plugin.connect();
  other.fromServer(bytes("220 mx.example ESMTP\r\n"));
  other.fromClient(bytes("EHLO b.example\r\n"));
  other.fromServer(bytes("250 mx.example\r\n"));
  other.clientReset();
  expect(early()[0]).toBe("EHLO a.example\r\n");
});
