/**
 * Every code from 200 to 599 after every verb that has a table of its own (RFC 5321 4.3.2): whether it is a finding of
 * `unexpected_reply_code`, and of which reason. Changes of the table went unnoticed.
 */
import { expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** What is said before the command whose reply is looked at; both sides take turns, the client first. */
const HELLO = ["EHLO c\r\n", "250-mx\r\n250-CHUNKING\r\n250-AUTH LOGIN\r\n250-STARTTLS\r\n250 XCLIENT\r\n"];
const MAIL = [...HELLO, "MAIL FROM:<a@x.org>\r\n", "250 ok\r\n"];
const RCPT = [...MAIL, "RCPT TO:<b@x.org>\r\n", "250 ok\r\n"];
const AUTH = [...HELLO, "AUTH LOGIN\r\n", "334 \r\n"];
const DATA = [...RCPT, "DATA\r\n", "354 go\r\n"];

const MODE = "220 300-399";
/** Of a message; 421, 500 and 501 are legal for all (RFC 5321 3.8, 4.2.4). */
const MESSAGE = "250 421 450-452 500-501 503 550-554";

/** What is silent, and what opens or leaves a mode that the command cannot; every other code is of reason `table`. */
const TABLE: [string, string[], string, string, string][] = [
  ["EHLO", [], "EHLO c", "250 421 500-502 504 550", MODE],
  ["HELO", [], "HELO c", "250 421 500-502 504 550", MODE],
  ["MAIL", HELLO, "MAIL FROM:<a@x.org>", "250-251 421 450-455 500-501 503 550-555", MODE],
  ["RCPT", MAIL, "RCPT TO:<b@x.org>", "250-251 421 450-455 500-501 503 550-555", MODE],
  ["RSET", HELLO, "RSET", "250 421 500-501", MODE],
  ["NOOP", HELLO, "NOOP", "250 421 500-501", MODE],
  ["QUIT", HELLO, "QUIT", "221 421 500-501", MODE],
  ["DATA", RCPT, "DATA", "354 421 450-452 500-501 503 550-554", "200-353 355-399"],
  ["the end of data", DATA, "hi\r\n.", MESSAGE, MODE],
  ["BDAT", RCPT, "BDAT 0 LAST", MESSAGE, MODE],
  ["AUTH", HELLO, "AUTH LOGIN", "200-219 221-299 334 400-599", "220 300-333 335-399"],
  ["a response of AUTH", AUTH, "YQ==", "200-219 221-299 334 400-599", "220 300-333 335-399"],
  ["X-EXPS", HELLO, "X-EXPS LOGIN", "200-219 221-299 334 400-599", "220 300-333 335-399"],
  ["STARTTLS", HELLO, "STARTTLS", "200-299 400-599", "300-399"],
  ["X-ANONYMOUSTLS", HELLO, "X-ANONYMOUSTLS", "200-299 400-599", "300-399"],
  ["XCLIENT", HELLO, "XCLIENT NAME=x", "200-299 400-599", "300-399"],
  ["XEXCH50", HELLO, "XEXCH50 6 2", "200-219 221-299 354 400-599", "220 300-353 355-399"],
  ["VRFY", HELLO, "VRFY a", "200-219 221-299 400-599", MODE],
];

/** The reasons of `unexpected_reply_code` that a reply of `code` to the last of `said` has. */
function reasonsOf(plugin: Plugin, said: readonly string[], code: number): string[] {
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  said.forEach((line, nth) => {
    if (nth % 2 === 0) connection.fromClient(bytes(line));
    else connection.fromServer(bytes(line));
  });
  plugin.logs.length = 0;
  connection.fromServer(bytes(`${code} so\r\n`));
  connection.clientReset();
  return plugin.logs.flatMap(({ message }) => {
    const { protection, reason } = JSON.parse(message) as Record<string, string>;
    return protection === "unexpected_reply_code" ? [String(reason)] : [];
  });
}

/** "250 450-452" for [250, 450, 451, 452]. */
function ranges(codes: readonly number[]): string {
  const all: [number, number][] = [];
  for (const code of codes) {
    const last = all.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else all.push([code, code]);
  }
  return all.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}

test.each(TABLE)("after %s", (_name, before, command, silent, mode) => {
  const protections = { unexpected_reply_code: { mode: "detect", reasons: { table: "detect" } } };
  const policy = { profile: "monitor", protections, events: { max_per_second: 10_000 } };
  const plugin = Plugin.load(wasmModule(), { configuration: JSON.stringify(policy) });
  const codes = new Map<string, number[]>([
    ["", []],
    ["mode", []],
    ["table", []],
  ]);
  for (let code = 200; code < 600; code++) {
    codes.get(reasonsOf(plugin, [...before, `${command}\r\n`], code).join(" "))?.push(code);
  }
  plugin.shutdown();
  const [none, opening, unlisted] = [...codes.values()];
  expect([ranges(none ?? []), ranges(opening ?? [])]).toEqual([silent, mode]);
  expect((none?.length ?? 0) + (opening?.length ?? 0) + (unlisted?.length ?? 0)).toBe(400);
});
