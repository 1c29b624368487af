/** What `smtp-inspector proxy` shows of a session, segment by segment: no sockets, so that the order is the test's. */
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { LiveSession } from "../../workbench/live-session.js";
import { type Connection, Plugin } from "../../host/plugin.js";
import { toldInFull } from "../../workbench/sessions.js";

const module = filterModule();
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A session under a policy; `shown` gives the lines since it was last asked, without the session's number. */
function live(policy: object): { connection: Connection; plugin: Plugin; shown(): string[] } {
  let lines: string[] = [];
  const plugin = Plugin.load(module, {
    configuration: toldInFull(JSON.stringify(policy)),
    observe: ({ sourceAddress }) =>
      new LiveSession(1, sourceAddress, { line: (line) => void lines.push(line), ended() {} }),
  });
  const shown = (): string[] => {
    const now = lines.map((line) => line.replace(/^\[1\] /, ""));
    lines = [];
    return now;
  };
  return { connection: plugin.connect({ sourceAddress: "192.0.2.10:40000" }), plugin, shown };
}

test("a finding in message data is shown when it happens, the data's first lines before it", () => {
  const { connection, shown } = live({ profile: "monitor" });
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("EHLO a.example\r\n"));
  connection.fromServer(bytes("250 mx\r\n"));
  for (const line of ["MAIL FROM:<a@x.org>\r\n", "RCPT TO:<b@x.org>\r\n"]) {
    connection.fromClient(bytes(line));
    connection.fromServer(bytes("250 ok\r\n"));
  }
  connection.fromClient(bytes("DATA\r\n"));
  connection.fromServer(bytes("354 go\r\n"));
  expect(shown().slice(-2)).toEqual(["C: DATA", "S: 354 go"]);
  connection.fromClient(bytes("Subject: a\r\n\r\n"));
  expect(shown()).toEqual([]);
  connection.fromClient(bytes("one\nt"));
  expect(shown()).toEqual([
    "C: Subject: a",
    "C:",
    "C:: one\\n",
    "^ bare_newline_in_data/lf: detected, at byte 17 of it",
  ]);
  connection.fromClient(bytes("wo\r\nthree\r\nfour\r\n.\r\n"));
  connection.fromServer(bytes("250 ok\r\n"));
  expect(shown()).toEqual(["C: two", "# … 39 bytes of data", "S: 250 ok"]);
});

test("an answer that the client never reads is not taken for the same words after it", () => {
  const { connection, shown } = live({ profile: "monitor", protections: { private_command: "prevent" } });
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("XADR\r\n"));
  expect(shown().at(-1)).toBe("S< NOOP");
  connection.fromServer(bytes("250 ok\r\n250 ok\r\n"));
  expect(shown()).toEqual([
    "S> 250 ok",
    "C< 502 5.5.1 private_command: rejected by policy",
    "S: 250 ok",
    "^ unsolicited_reply/injected: detected",
  ]);
});
