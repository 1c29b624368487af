/** `envoy/stats.yaml`: what Envoy makes of the names of the filter's statistics for Prometheus. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { buildProbe } from "../support/probe.js";

const ENVOY = fileURLToPath(new URL("../../../envoy/", import.meta.url));
const read = (name: string): string => readFileSync(ENVOY + name, "utf8");
/** The whole of `stats_config` as it stands in a file, with its comments. */
const statsConfig = (name: string): string => /^stats_config:\n(?: .*\n)+/m.exec(read(name))?.[0] ?? "";

const binary = await envoyOrNull("labels of the statistics in Envoy");

describe("stats.yaml", () => {
  test("has nothing but stats_config", () => {
    expect(Object.keys(parse(read("stats.yaml")) as object)).toEqual(["stats_config"]);
    expect(read("stats.yaml").endsWith(statsConfig("stats.yaml"))).toBe(true);
  });

  test.each(["envoy.yaml", "starttls/envoy.yaml", "starttls/submission.yaml", "starttls/egress.yaml"])(
    "is in %s word for word",
    (name) => {
      expect(statsConfig(name)).toBe(statsConfig("stats.yaml"));
    },
  );
});

/** A name of each kind, with the stat_prefix `mail_in`, and what Prometheus gets. */
const COUNTERS: readonly [string, string][] = [
  ["mail_in.sessions", 'smtp_sessions{smtp_prefix="mail_in"}'],
  ["mail_in.sessions_tls", 'smtp_sessions_tls{smtp_prefix="mail_in"}'],
  ["mail_in.data_octets", 'smtp_data_octets{smtp_prefix="mail_in"}'],
  ["mail_in.shadow.sessions_skipped", 'smtp_shadow_sessions_skipped{smtp_prefix="mail_in"}'],
  [
    "mail_in.sessions_ended.outcome.client_closed",
    'smtp_sessions_ended{smtp_prefix="mail_in",smtp_outcome="client_closed"}',
  ],
  ["mail_in.messages.outcome.refused", 'smtp_messages{smtp_prefix="mail_in",smtp_outcome="refused"}'],
  ["mail_in.recipients.outcome.accepted", 'smtp_recipients{smtp_prefix="mail_in",smtp_outcome="accepted"}'],
  ["mail_in.auth.outcome.failure", 'smtp_auth{smtp_prefix="mail_in",smtp_outcome="failure"}'],
  ["mail_in.commands.verb.EHLO", 'smtp_commands{smtp_prefix="mail_in",smtp_verb="EHLO"}'],
  [
    "mail_in.replies.verb.end_of_data.class.4xx",
    'smtp_replies{smtp_prefix="mail_in",smtp_verb="end_of_data",smtp_class="4xx"}',
  ],
  ["mail_in.protocol_errors.side.server", 'smtp_protocol_errors{smtp_prefix="mail_in",smtp_side="server"}'],
  [
    "mail_in.findings.protection.smuggled_end_of_data.reason.lf_dot_lf.action.reject",
    'smtp_findings{smtp_prefix="mail_in",smtp_protection="smuggled_end_of_data",smtp_reason="lf_dot_lf",smtp_action="reject"}',
  ],
  [
    "mail_in.shadow.findings.protection.exchange_command.reason.exchange_verb.action.detect",
    'smtp_shadow_findings{smtp_prefix="mail_in",smtp_protection="exchange_command",smtp_reason="exchange_verb",smtp_action="detect"}',
  ],
  // Other listeners, whose stat_prefix is a word of ours.
  [
    "findings.findings.protection.legacy_command.reason.turn.action.detect",
    'smtp_findings{smtp_prefix="findings",smtp_protection="legacy_command",smtp_reason="turn",smtp_action="detect"}',
  ],
  ["verb.replies.verb.RCPT.class.5xx", 'smtp_replies{smtp_prefix="verb",smtp_verb="RCPT",smtp_class="5xx"}'],
];
const HISTOGRAMS: readonly [string, string, string][] = [
  ["mail_in.session_length_ms", "smtp_session_length_ms", 'smtp_prefix="mail_in"'],
  ["mail_in.transaction_length_ms", "smtp_transaction_length_ms", 'smtp_prefix="mail_in"'],
  ["mail_in.reply_time_ms.verb.greeting", "smtp_reply_time_ms", 'smtp_prefix="mail_in",smtp_verb="greeting"'],
  ["mail_in.message_size_octets", "smtp_message_size_octets", 'smtp_prefix="mail_in"'],
];
/** The upper ends that Prometheus gets of each histogram, in their order. */
const MS = "10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 21600000 +Inf";
const ENDS: Record<string, string> = {
  smtp_session_length_ms: MS,
  smtp_transaction_length_ms: MS,
  smtp_reply_time_ms: "1 2 5 10 25 50 100 250 500 1000 5000 30000 120000 300000 600000 +Inf",
  smtp_message_size_octets:
    "1024 4096 16384 65536 262144 1048576 4194304 10485760 26214400 52428800 134217728 +Inf",
};

/** `/stats/prometheus` of an Envoy in which another module defines these names, and records 7 where it can. */
async function metrics(): Promise<string[]> {
  const instructions = [
    ...COUNTERS.map(([name]) => `define smtp.${name} 0`),
    ...HISTOGRAMS.map(([name]) => `define smtp.${name} 2; record 7`),
  ];
  const policy = `configure = ${instructions.join("; ")}`;
  const bootstrap = {
    ...envoyBootstrap([{ name: "smtp", wasm: await buildProbe(), policy, upstreamPort: 1 }]),
    ...(parse(read("stats.yaml")) as object),
    stats_flush_interval: "0.05s",
  };
  const envoy = await EnvoyProcess.start({ binary: binary as string, bootstrap });
  onTestFinished(() => envoy.stop());
  let lines: string[] = [];
  await waitFor(async () => {
    lines = (await envoy.admin("/stats/prometheus")).split("\n").filter((line) => line.startsWith("smtp_"));
    return lines.some((line) => line.startsWith("smtp_message_size_octets_count{"));
  }, "histograms to be merged");
  return lines;
}

test.skipIf(binary === null)("every name gets its labels, and every histogram its buckets", async () => {
  const lines = await metrics();
  const isBucket = (line: string): boolean => HISTOGRAMS.some(([, name]) => line.startsWith(`${name}_`));
  const counters = lines.filter((line) => !isBucket(line));
  expect(counters.map((line) => line.replace(/ \d+$/, "")).sort()).toEqual(
    COUNTERS.map(([, series]) => series).sort(),
  );
  for (const [, name, labels] of HISTOGRAMS) {
    const ends = lines.flatMap((line) => {
      const found = line.startsWith(`${name}_bucket{${labels},le="`) ? /le="([^"]+)"/.exec(line) : null;
      return found === null ? [] : [found[1]];
    });
    expect(ends.join(" "), name).toBe(ENDS[name]);
  }
});
