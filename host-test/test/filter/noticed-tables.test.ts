/** Tables of the filter, row by row, against what their documents say: changes of single rows went unnoticed. */
import { describe, expect, test } from "vitest";
import { type Connection, Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** The reasons of `protection` that the last of `said` has; both sides take turns, the server first. */
function reasonsOf(plugin: Plugin, protection: string, said: readonly string[]): string[] {
  const connection = plugin.connect();
  said.forEach((line, nth) => {
    plugin.logs.length = 0;
    if (nth % 2 === 0) connection.fromServer(bytes(`${line}\r\n`));
    else connection.fromClient(bytes(`${line}\r\n`));
  });
  connection.clientReset();
  const events = plugin.logs.map(({ message }) => JSON.parse(message) as Record<string, string>);
  return events.filter((event) => event["protection"] === protection).map((event) => String(event["reason"]));
}

const watching = (): Plugin =>
  Plugin.load(wasmModule(), { configuration: '{"profile":"monitor","events":{"max_per_second":10000}}' });

/** Every keyword that an EHLO reply may have and the filter knows. */
const KEYWORDS = [
  ..."PIPELINING CHUNKING SMTPUTF8 STARTTLS AUTH SIZE 8BITMIME BINARYMIME DSN DELIVERBY".split(" "),
  ..."REQUIRETLS ETRN ATRN BURL MT-PRIORITY FUTURERELEASE RRVS XVERP".split(" "),
];
const FROM = "MAIL FROM:<a@x.org>";
const TO = "RCPT TO:<b@x.org>";

describe("a command is in order where any of the keywords was offered that it needs", () => {
  test.each<[string, string, string]>([
    [`${FROM} SIZE=1000`, "SIZE", "parameter"],
    [`${FROM} BODY=8BITMIME`, "8BITMIME BINARYMIME", "parameter"],
    [`${FROM} SMTPUTF8`, "SMTPUTF8", "parameter"],
    [`${FROM} RET=HDRS`, "DSN", "parameter"],
    [`${FROM} ENVID=QQ314159`, "DSN", "parameter"],
    [`${FROM} AUTH=<>`, "AUTH", "parameter"],
    [`${FROM} BY=120;R`, "DELIVERBY", "parameter"],
    [`${FROM} REQUIRETLS`, "REQUIRETLS", "parameter"],
    [`${FROM} MT-PRIORITY=3`, "MT-PRIORITY", "parameter"],
    [`${FROM} HOLDFOR=60`, "FUTURERELEASE", "parameter"],
    [`${FROM} HOLDUNTIL=2030-01-01T00:00:00Z`, "FUTURERELEASE", "parameter"],
    [`${FROM} XVERP`, "XVERP", "parameter"],
    [`${TO} NOTIFY=NEVER`, "DSN", "parameter"],
    [`${TO} ORCPT=rfc822;b@x.org`, "DSN", "parameter"],
    [`${TO} RRVS=2014-04-03T23:01:00Z`, "RRVS", "parameter"],
    ["AUTH LOGIN", "AUTH", "verb"],
    ["STARTTLS", "STARTTLS", "verb"],
    ["ETRN x.org", "ETRN", "verb"],
    ["ATRN x.org", "ATRN", "verb"],
    ["BURL imap://x.org/1 LAST", "BURL", "verb"],
  ])("%s: %s", (command, keywords, reason) => {
    const plugin = watching();
    const silent = KEYWORDS.filter((keyword) => {
      const transaction = command.startsWith("RCPT") ? [FROM, "250 ok"] : [];
      const said = ["220 mx", "EHLO c", `250-mx\r\n250 ${keyword}`, ...transaction, command];
      const reasons = reasonsOf(plugin, "unannounced_extension", said);
      if (reasons.length > 0) expect(reasons).toEqual([reason]);
      return reasons.length === 0;
    });
    plugin.shutdown();
    expect(silent.sort()).toEqual(keywords.split(" ").sort());
  });

  test("AUTH may be offered in the spelling of before RFC 2554, which needs a mechanism", () => {
    const plugin = watching();
    const reasons = (line: string): string[] =>
      reasonsOf(plugin, "unannounced_extension", ["220 mx", "EHLO c", `250-mx\r\n250 ${line}`, "AUTH LOGIN"]);
    expect(reasons("AUTH=LOGIN")).toEqual([]);
    expect(reasons("AUTH=")).toEqual(["verb"]);
    expect(reasons("AUTHX")).toEqual(["verb"]);
    expect(reasons("XAUTH=LOGIN")).toEqual(["verb"]);
    plugin.shutdown();
  });
});

test("what may stand behind a command that has no reply yet (RFC 2920 3.1)", () => {
  const plugin = watching();
  const said = ["220 mx", "EHLO c", "250-mx\r\n250-AUTH LOGIN\r\n250-ETRN\r\n250-ATRN\r\n250 PIPELINING"];
  const isFound = (command: string): boolean =>
    // The reply to EHLO says whether its client may go on (PIPECONNECT), so it is given.
    reasonsOf(plugin, "improper_pipelining", [
      ...said,
      `${command}\r\nRSET`,
      ...(command === "EHLO c" ? ["250 mx"] : []),
    ]).some((reason) => reason.startsWith("last"));
  const commands = "EHLO c;HELO c;VRFY a;EXPN a;NOOP;TURN;ETRN x.org;ATRN x.org;QUIT;AUTH LOGIN;X-EXPS LOGIN";
  for (const command of commands.split(";")) expect([command, isFound(command)]).toEqual([command, true]);
  for (const command of ["RSET", FROM, TO, "HELP", "XADR"])
    expect([command, isFound(command)]).toEqual([command, false]);
  plugin.shutdown();
});

test("a reply that is too long is judged by its length, not by what stands in it", () => {
  const plugin = watching();
  const reply = "250-a\0\r\n".repeat(128);
  const reasons = (last: string): string[][] =>
    ["malformed_reply", "reply_too_long"].map((id) =>
      reasonsOf(plugin, id, ["220 mx", "EHLO c", `${reply}${last}`]),
    );
  expect(reasons("250-a\r\n250 a")).toEqual([[], ["endless"]]);
  plugin.shutdown();
});

test("parameters are read behind a path with a comment or a quoted name in it", () => {
  const plugin = watching();
  const reasons = (path: string): string[] => {
    const said = ["220 mx", "EHLO c", "250 mx", `MAIL FROM:${path} SIZE=1`];
    return reasonsOf(plugin, "unannounced_extension", said);
  };
  for (const path of [
    "<a@x.org>",
    "<(c)a@x.org>",
    "<a(>)@x.org>",
    '<"a>b"@x.org>',
    '<"a(b"@x.org>',
    '<"a\\">"@x.org>',
  ])
    expect([path, reasons(path)]).toEqual([path, ["parameter"]]);
  plugin.shutdown();
});

test("after a cancelled exchange PLAIN, LOGIN and ANONYMOUS are no switch of mechanism", () => {
  const plugin = watching();
  for (const mechanism of ["PLAIN", "LOGIN", "ANONYMOUS", "CRAM-MD5"]) {
    const offer = "250-mx\r\n250 AUTH CRAM-MD5 PLAIN LOGIN ANONYMOUS";
    const said = [
      "220 mx",
      "EHLO c",
      offer,
      "AUTH CRAM-MD5",
      "334 ",
      "*",
      "501 cancelled",
      `AUTH ${mechanism}`,
    ];
    expect([mechanism, reasonsOf(plugin, "auth_exchange_violation", said)]).toEqual([mechanism, []]);
  }
  plugin.shutdown();
});

describe("the longest line that a command may have, with its CRLF", () => {
  const HELLO = ["220 mx", "EHLO c", "250-mx\r\n250-AUTH LOGIN\r\n250 XCLIENT NAME"];
  test.each<[string, string, number]>([
    ["NOOP", "NOOP ", 512],
    ["HELO", "HELO ", 512],
    ["MAIL", `${FROM} X=`, 1200],
    ["RCPT", `${TO} X=`, 1100],
    ["AUTH", "AUTH PLAIN ", 12_290],
    ["X-EXPS", "X-EXPS LOGIN ", 12_290],
    ["XCLIENT", "XCLIENT NAME=", 2048],
    ["XFORWARD", "XFORWARD NAME=", 2048],
  ])("%s: %s%d", (_verb, start, longest) => {
    const plugin = watching();
    const reasons = (length: number): string[] => {
      const said = [...HELLO, `${start}${"A".repeat(length - start.length - 2)}`];
      return reasonsOf(plugin, "command_line_too_long", said);
    };
    expect([reasons(longest), reasons(longest + 1)]).toEqual([[], ["too_long"]]);
    plugin.shutdown();
  });

  test("a response of AUTH has as much as the command", () => {
    const plugin = watching();
    const reasons = (length: number): string[] => {
      const said = [...HELLO, "AUTH LOGIN", "334 ", "A".repeat(length - 2)];
      return reasonsOf(plugin, "command_line_too_long", said);
    };
    expect([reasons(12_290), reasons(12_291)]).toEqual([[], ["too_long"]]);
    plugin.shutdown();
  });
});

describe("what a policy says nothing about has its default", () => {
  const open = (policy: object): Connection => {
    const connection = Plugin.load(wasmModule(), { configuration: JSON.stringify(policy) }).connect();
    connection.fromServer(bytes("220 mx\r\n"));
    connection.fromClient(bytes("EHLO c\r\n"));
    return connection;
  };
  const only = (id: string): object => ({ profile: "monitor", protections: { [id]: "prevent" } });
  const told = (connection: Connection): string => Buffer.from(connection.toClient).toString("latin1");

  test("reply_bytes: 65,536", () => {
    const replyOf = (lines: number, last: number): string =>
      `250-${"a".repeat(1018)}\r\n`.repeat(lines) + `250 ${"a".repeat(last)}\r\n`;
    const [most, more] = [0, 1].map((beyond) => {
      const connection = open(only("reply_too_long"));
      connection.fromServer(bytes(replyOf(63, 1018 + beyond)));
      return told(connection);
    });
    expect(most).not.toContain("421 ");
    expect(more).toContain("421 4.7.0 reply_too_long");
  });

  test("command_line_bytes: 16,384 without an end in sight", () => {
    const [most, more] = [0, 1].map((beyond) => {
      const connection = open(only("command_line_too_long"));
      connection.fromServer(bytes("250 mx\r\n"));
      connection.fromClient(bytes(`NOOP ${"a".repeat(16_379 + beyond)}`));
      connection.fromServer(bytes("250 ok\r\n"));
      return told(connection);
    });
    expect(most).not.toContain("421 ");
    expect(more).toContain("421 4.7.0 command_line_too_long");
  });

  test("pending_commands: 4,096", () => {
    const [most, more] = [0, 1].map((beyond) => {
      const connection = open(only("too_many_pending"));
      connection.fromServer(bytes("250 mx\r\n"));
      connection.fromClient(bytes("RSET\r\n".repeat(4096 + beyond)));
      connection.fromServer(bytes("250 ok\r\n".repeat(4097)));
      return told(connection);
    });
    expect(most).not.toContain("421 ");
    expect(more).toContain("421 4.7.0 too_many_pending");
  });
});
