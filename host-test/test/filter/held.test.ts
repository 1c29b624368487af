/**
 * What good clients need held (`limits.held_bytes`): while a stand-in is unanswered, or before the greeting, all that a
 * client sends waits. Envoy reads until its buffer has 64 KiB (envoy/envoy.yaml) and one read more, then TCP makes the
 * client wait.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../host/connection.js";
import { Plugin } from "../../host/plugin.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const OFFERS =
  "250-mx.example\r\n250-PIPELINING\r\n250-PIPECONNECT\r\n250-DSN\r\n250-SIZE 9999999\r\n250 CHUNKING\r\n";

/** 220 KB: a list of 2000 with everything that DSN (RFC 3461) adds to a recipient. */
const LIST = `MAIL FROM:<list@example.org>\r\n${Array.from({ length: 2000 }, (_, i) => {
  const address = `first.last${String(i).padStart(4, "0")}@example.net`;
  return `RCPT TO:<${address}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;${address}\r\n`;
}).join("")}DATA\r\n`;
/** RFC 3030 4.2: a chunk may follow the recipients at once. */
const CHUNK = `MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nBDAT 300000 LAST\r\n${"x".repeat(300_000)}`;

/** Sends what Envoy reads at once: 16 KiB. */
function send(connection: Connection, words: string): void {
  for (let at = 0; at < words.length; at += 16_384)
    connection.fromClient(bytes(words.slice(at, at + 16_384)));
}

/** What reached the server; `group` as a word, so that a failure can be read. */
function seen(connection: Connection, group: string): string {
  return text(connection.toServer).replace(group, "GROUP").slice(0, 200);
}

function connect(limits: object): Connection {
  const configuration = JSON.stringify({ profile: "recommended", limits });
  return Plugin.load(WASM, { configuration }).connect();
}

/** A command was rejected and its stand-in is not answered yet when `group` comes. */
function afterReject(limits: object, group: string): string {
  const connection = connect(limits);
  connection.fromServer(bytes("220 mx.example\r\n"));
  connection.fromClient(bytes("EHLO a.example\r\n"));
  connection.fromServer(bytes(OFFERS));
  connection.fromClient(bytes("XADR\r\n"));
  send(connection, group);
  connection.fromServer(bytes("250 ok\r\n"));
  return seen(connection, group);
}

/** As Exim does it where PIPECONNECT was offered before: all comes before the greeting. */
function beforeGreeting(limits: object, group: string): string {
  const connection = connect(limits);
  send(connection, `EHLO a.example\r\n${group}`);
  connection.fromServer(bytes(`220 mx.example\r\n`));
  connection.fromServer(bytes(OFFERS));
  return seen(connection, group);
}

describe("by default", () => {
  test("a group of 2000 recipients passes after a reject", () => {
    expect(LIST.length).toBeGreaterThan(210_000);
    expect(afterReject({}, LIST)).toBe("EHLO a.example\r\nNOOP\r\nGROUP");
  });

  test("a chunk of 300,000 octets passes after a reject", () => {
    expect(afterReject({}, CHUNK)).toBe("EHLO a.example\r\nNOOP\r\nGROUP");
  });

  test("a chunk of 300,000 octets passes before the greeting", () => {
    expect(beforeGreeting({}, CHUNK)).toBe("EHLO a.example\r\nGROUP");
  });
});

test("with half of the default a chunk before the greeting is too much: twice what Envoy reads is held", () => {
  expect(beforeGreeting({ held_bytes: 131_072 }, CHUNK)).toBe("EHLO a.example\r\nQUIT\r\n");
});

test.each(["LIST", "CHUNK"])("with a quarter of it Envoy's buffer alone is too much, for a %s", (which) => {
  const group = which === "LIST" ? LIST : CHUNK;
  expect(afterReject({ held_bytes: 65_536 }, group)).toBe("EHLO a.example\r\nNOOP\r\nQUIT\r\n");
});
