/**
 * What is outstanding is bounded whatever the policy says (CONTRIBUTING.md, laws 4, 7 and 8). The fuzzer found that more than
 * 16,384 unanswered commands overflowed the queue where `too_many_pending` does not prevent.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";

const WASM = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")),
);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Plays a greeting, then `client` in segments of `length` bytes, and tells what came of it. */
function play(
  protections: object,
  client: string,
  length: number,
): { toServer: string; toClient: string; findings: string[]; summary: string } {
  const policy = { profile: "monitor", protections, events: { max_per_second: 10_000 } };
  const plugin = Plugin.load(WASM, { configuration: JSON.stringify(policy) });
  const findings: string[] = [];
  plugin.onLog = ({ message }) => {
    const { protection, reason, action } = JSON.parse(message) as Record<string, string>;
    if (protection === "too_many_pending") findings.push(`${reason} ${action}`);
  };
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  for (let at = 0; at < client.length; at += length)
    connection.fromClient(bytes(client.slice(at, at + length)));
  connection.fromServer(bytes("250 ok\r\n".repeat(30_000)));
  const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
  const [toServer, toClient] = [text(connection.toServer), text(connection.toClient)];
  connection.clientReset();
  return {
    toServer,
    toClient,
    findings,
    summary: text(connection.filterState.get("wasm.smtp_inspector") ?? new Uint8Array()),
  };
}

describe.each([1 << 20, 65_536, 1000, 17])(
  "30,000 commands without a reply, in segments of %i bytes",
  (length) => {
    test("pass when only watched, and the end of inspection is reported", () => {
      const commands = "RSET\r\n".repeat(30_000);
      const { toServer, toClient, findings, summary } = play({}, commands, length);
      expect(toServer === commands).toBe(true);
      expect(toClient === `220 mx\r\n${"250 ok\r\n".repeat(30_000)}`).toBe(true);
      expect(findings).toEqual(["commands detect", "commands detect"]);
      expect(summary).toContain('"commands":16368,');
    });

    test("end the session when anything prevents", () => {
      const protections = { private_command: "prevent", too_many_pending: "off" };
      const { toServer, toClient, findings, summary } = play(protections, "RSET\r\n".repeat(30_000), length);
      expect(toServer === `${"RSET\r\n".repeat(16_368)}QUIT\r\n`).toBe(true);
      const last = "421 4.7.0 too_many_pending: connection closed by policy\r\n";
      expect(toClient === `220 mx\r\n${"250 ok\r\n".repeat(16_368)}${last}`).toBe(true);
      expect(findings).toEqual(["commands terminate"]);
      expect(summary).toContain('"verdict":"terminated"');
    });

    test("end the session after 100 when all of them are kept from the server", () => {
      const protections = { private_command: "prevent", too_many_pending: "off" };
      const { toServer, toClient, summary } = play(
        protections,
        `RSET\r\n${"XADR\r\n".repeat(30_000)}`,
        length,
      );
      expect(toServer).toBe("RSET\r\nQUIT\r\n");
      const own = "502 5.5.1 private_command: rejected by policy\r\n".repeat(100);
      const last = "421 4.7.0 private_command: connection closed by policy\r\n";
      expect(toClient === `220 mx\r\n250 ok\r\n${own}${last}`).toBe(true);
      expect(summary).toMatch(
        /,"verdict":"terminated","findings":102,"protections":\["private_command","improper_pipelining"\],/,
      );
    });
  },
);
