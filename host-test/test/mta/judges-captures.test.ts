/**
 * Real sessions that others captured, under `recommended` and `submission`: those that are well formed pass unchanged with no
 * finding, and what is found in the others is written down here with its reason, connection by connection.
 */
import { alertsIn } from "../../workbench/events.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { Plugin } from "../../host/plugin.js";
import { chunksOf } from "../../workbench/files.js";
import { captures, pathOf } from "../support/captures.js";
import { type Streams, streamsOf } from "../workbench/streams.js";

const PROFILES = ["recommended", "submission"] as const;
type Profile = (typeof PROFILES)[number];
const CLEAN: string[] = [];

/** For each connection of a capture that is not clean throughout, what is found. */
const FOUND: Record<string, string[][]> = {
  // The message before the 354, which RFC 2920 3.1 has a client wait for.
  "suricata__smtp-pipelining__input.pcap": [["data_before_reply/early detect"]],
  "suricata__firewall__ruletype-firewall-133-smtp-out-of-order-commands__smtp-out-of-order.pcap": [
    ["command_out_of_sequence/no_mail detect", "command_out_of_sequence/no_rcpt detect"],
  ],
  "suricata__smtp-long-command__input.pcap": [
    ["command_line_too_long/too_long reject", "bad_helo_argument/long detect"],
  ],
  // Somebody who types; EXPN is no part of mail.
  "suricata__firewall__ruletype-firewall-127-smtp-interactive-commands__smtp-interactive.pcap": [
    ["recon_command/expn detect"],
  ],
  "suricata__smtp-bdat-bad-tail-next-mail__input.pcap": [["bdat_malformed/size terminate"]],
  "zeek__smtp__smtp-bdat-cmd-negative-chunk-size.pcap": [
    ["bare_newline_in_command/cr terminate", "bdat_malformed/size terminate"],
  ],
  "zeek__smtp-mail-transactions-invalid.pcap": [
    [
      "command_out_of_sequence/no_mail detect",
      "command_out_of_sequence/no_rcpt detect",
      "non_compliant_smtp/verb terminate",
    ],
  ],
  // Connections of no SMTP client, and a reply without a code.
  "suricata__smtp-errors__smtperr.pcap": [
    ["client_talks_first/early_bytes terminate"],
    ["malformed_reply/no_code detect"],
    CLEAN,
    ["tls_without_starttls/client_hello terminate"],
  ],
  "zeek__http__connect-with-smtp.pcap": [["client_talks_first/early_bytes terminate"]],
};

let module: WebAssembly.Module;
beforeAll(() => {
  module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));
});

describe.each(captures())("$file: $what", ({ file }) => {
  test.each(PROFILES)("what %s finds, and nothing changes unless it prevents", async (profile) => {
    const flows = await streamsOf(chunksOf(pathOf(file)));
    const results = flows.map((flow) => replay(flow, profile));
    expect(results.map((result) => result.findings)).toEqual(FOUND[file] ?? flows.map(() => CLEAN));
    for (const { findings, unchanged } of results) {
      expect(unchanged).toBe(findings.every((finding) => finding.endsWith(" detect")));
    }
  });
});

test("every capture that is named here is there", () => {
  const there = captures().map((capture) => capture.file);
  // None at all is a machine that has only the repository; CI does not accept that.
  if (there.length > 0) expect(Object.keys(FOUND).filter((file) => !there.includes(file))).toEqual([]);
});

/** Plays a connection in the order of the capture, replies line by line: the server behind a filter answers in turn. */
function replay(
  { flow, events, sent, client, server }: Streams,
  profile: Profile,
): { findings: string[]; unchanged: boolean } {
  const policy = { stat_prefix: "captures", profile, events: { max_per_second: 10_000 } };
  const plugin = Plugin.load(module, { configuration: JSON.stringify(policy) });
  const connection = plugin.connect({
    sourceAddress: flow.ends[client],
    destinationAddress: flow.ends[server],
    // What is submitted comes inside TLS: a password in clear would be refused (cleartext_auth), and three captures have one.
    ...(profile === "submission" ? { tlsVersion: "TLSv1.3" } : {}),
  });
  for (const { from, bytes } of events) {
    if (from === client) {
      connection.fromClient(bytes);
      continue;
    }
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0x0a, at) + 1 || bytes.length;
      connection.fromServer(bytes.subarray(at, end));
      at = end;
    }
  }
  connection.fromClient(new Uint8Array(0), true);
  connection.fromServer(new Uint8Array(0), true);
  expect(plugin.trapped).toBeNull();
  const same = (a: Uint8Array, b: Uint8Array): boolean =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
  return {
    findings: (alertsIn(plugin.logs) as Record<"protection" | "reason" | "action", string>[]).map(
      ({ protection, reason, action }) => `${protection}/${reason} ${action}`,
    ),
    unchanged: same(connection.toServer, sent[client]) && same(connection.toClient, sent[server]),
  };
}
