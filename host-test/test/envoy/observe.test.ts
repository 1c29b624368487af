/** What an operator sees of the filter in a real Envoy: access log, statistics, events (README.md, "What you see"). */
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { bigMessage, stuffed } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { eventFault } from "../support/event-check.js";
import { type AccessLine, ObserveLab } from "../support/observe-lab.js";

const YAML = new URL("../../../envoy/envoy.yaml", import.meta.url);

const binary = await envoyOrNull("access log, statistics and events in Envoy");

/** Listeners without a limit of their own: Envoy's default of 1 MiB holds. */
function withoutLimit(bootstrap: object): object {
  const drop = (key: string, value: unknown): unknown =>
    key === "per_connection_buffer_limit_bytes" ? undefined : value;
  return JSON.parse(JSON.stringify(bootstrap, drop)) as object;
}

/** Just after the start of a second of the clock, by which events are counted. */
const nextSecond = (): Promise<void> => pause(1020 - (Date.now() % 1000));

const EHLO = "EHLO client.example.org";
const ENVELOPE = [EHLO, "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.test>"];

/** A user name and a password as they are sent, in clear and in base64. */
const PASSWORD = "SECRET-PASSWORD";
const BASE64 = "U0VDUkVULVBBU1NXT1JE";
/** What holds them, and has to be in no log: each session's commands, and what is to be found in it. */
const CREDENTIALS: [string[], string][] = [
  [[`XAUTH PLAIN ${BASE64}`], "private_command"],
  [[`X-EXPS LOGIN ${BASE64}`], "exchange_command"],
  [[` AUTH PLAIN ${BASE64}`], "lax_command_syntax"],
  [[`AUTH PLAIN \0${BASE64}`], "binary_data_in_command"],
  [["AUTH LOGIN", `${PASSWORD} in clear`], "auth_exchange_violation"],
  [["AUTH LOGIN", "*", `AUTH CRAM-MD5 ${BASE64}`], "auth_exchange_violation"],
  // The server refuses the mechanism, and the client goes on as if it had not.
  [["AUTH CRAM-MD5", `GET ${PASSWORD}`], "non_smtp_command"],
];
/** Such as come in one segment with what was sent before. */
const TOGETHER = [`${EHLO}\r\nAUTH PLAIN ${BASE64}`, `STARTTLS\r\nAUTH PLAIN ${BASE64}`];

describe.skipIf(binary === null)("in Envoy", () => {
  test("four sessions in access log, events, statistics and Prometheus", async () => {
    const { stats_config } = parse(await readFile(YAML, "utf8")) as { stats_config: object };
    const lab = await ObserveLab.start(binary as string, { stat_prefix: "mail_in" }, (bootstrap) => ({
      ...bootstrap,
      stats_config,
    }));
    await lab.session(...ENVELOPE, "DATA", "Subject: hello\r\n\r\nhi\r\n.", "QUIT");
    await lab.session(EHLO, "MAIL FROM:<a@example.org> RET=HDRS", "QUIT");
    await lab.session(...ENVELOPE, "XADR Alice 42", "QUIT");
    await lab.session(EHLO, "GET / HTTP/1.1");
    const lines = await lab.closed(4);
    const records = lines.map(({ record }) => JSON.parse(record) as Record<string, unknown>);
    expect(
      records.map(({ verdict, findings, protections, commands, messages }) => [
        verdict,
        findings,
        protections,
        commands,
        messages,
      ]),
    ).toEqual([
      ["clean", 0, [], 5, 1],
      ["detected", 1, ["unannounced_extension"], 3, 0],
      ["prevented", 1, ["private_command"], 5, 0],
      ["terminated", 1, ["non_smtp_command"], 2, 0],
    ]);
    expect(lines.flatMap(({ record }) => eventFault(record) ?? [])).toEqual([]);
    // Event and access log name the connection alike.
    const prevented = lines[2] as AccessLine;
    expect(lab.events.map((event) => (JSON.parse(event) as { protection: string }).protection)).toEqual([
      "unannounced_extension",
      "private_command",
      "non_smtp_command",
    ]);
    const head = {
      flow_id: prevented.id,
      connection_id: prevented.id,
      stat_prefix: "mail_in",
      proto: "TCP",
      app_proto: "smtp",
      src_ip: "127.0.0.1",
      src_port: Number(prevented.address.split(":")[1]),
      dest_ip: "127.0.0.1",
      dest_port: lab.port,
      tls: false,
    };
    const { timestamp, ...event } = JSON.parse(lab.events[1] as string) as { timestamp: string };
    expect(event).toEqual({
      event_type: "alert",
      ...head,
      smtp: { helo: "client.example.org", mail_from: "a@example.org", rcpt_to: ["b@example.test"] },
      protection: "private_command",
      reason: "private_verb",
      mode: "prevent",
      action: "reject",
      phase: "command",
      verb: "XADR",
      excerpt: "xxxx xxxxx 00",
      reply: "502 5.5.1",
    });
    // By the machine's clock, within the session; the record begins when Envoy's access log says so.
    expect(timestamp > prevented.start).toBe(true);
    expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000);
    const { duration_ms: duration, ...record } = records[2] as Record<string, unknown>;
    expect(duration).toBeGreaterThanOrEqual(0);
    expect(duration).toBeLessThan(60_000);
    expect(record).toEqual({
      timestamp: prevented.start,
      event_type: "smtp",
      ...head,
      smtp: { helo: "client.example.org", mail_from: "a@example.org", rcpt_to: ["b@example.test"] },
      outcome: "quit",
      verdict: "prevented",
      findings: 1,
      protections: ["private_command"],
      commands: 5,
      messages: 0,
      messages_refused: 0,
      recipients_accepted: 1,
      recipients_refused: 0,
      data_octets: 0,
    });
    expect(records.map(({ outcome }) => outcome)).toEqual(["quit", "quit", "quit", "terminated"]);
    expect(records[0]).toMatchObject({ recipients_accepted: 1, data_octets: 22 });
    // Those of sessions with a finding are logged as well.
    expect(lab.records).toEqual(lines.slice(1).map(({ record }) => record));
    const prometheus = (await lab.envoy.admin("/stats/prometheus?usedonly")).split("\n");
    expect(prometheus.filter((line) => line.startsWith("smtp_")).sort()).toEqual([
      'smtp_commands{smtp_prefix="mail_in"} 15',
      'smtp_findings{smtp_prefix="mail_in",smtp_protection="non_smtp_command",smtp_action="terminate"} 1',
      'smtp_findings{smtp_prefix="mail_in",smtp_protection="private_command",smtp_action="reject"} 1',
      'smtp_findings{smtp_prefix="mail_in",smtp_protection="unannounced_extension",smtp_action="detect"} 1',
      'smtp_messages{smtp_prefix="mail_in"} 1',
      'smtp_sessions_active{smtp_prefix="mail_in"} 0',
      'smtp_sessions{smtp_prefix="mail_in"} 4',
    ]);
  });

  test("excerpt full shows what a client sent, and never credentials", async () => {
    const lab = await ObserveLab.start(binary as string, { events: { excerpt: "full" } });
    expect(await lab.session(EHLO, "XADR Alice 42")).toMatch(/^502 /);
    for (const [commands] of CREDENTIALS) await lab.session(EHLO, ...commands);
    const lines = await lab.closed(1 + CREDENTIALS.length);
    const events = lab.events.map((event) => JSON.parse(event) as { protection: string; excerpt: string });
    expect(events.map(({ protection, excerpt }) => [protection, excerpt])).toEqual([
      ["private_command", "XADR Alice 42"],
      ...CREDENTIALS.map(([, protection]) => [protection, "***"]),
    ]);
    const all = [...lab.envoy.logs, ...lines.map(({ record }) => record)].join("\n").toUpperCase();
    expect(all).not.toContain(PASSWORD);
    expect(all).not.toContain(BASE64.toUpperCase());
  });

  test.each(TOGETHER)("excerpt full shows no credentials after another command: %j", async (text) => {
    const lab = await ObserveLab.start(binary as string, { profile: "monitor", events: { excerpt: "full" } });
    await lab.session(EHLO, text);
    await lab.closed(1);
    expect(lab.events.join("\n")).toContain('"excerpt":"***"');
    expect(lab.events.join("\n")).not.toContain(BASE64);
  });

  test("no more events a second than the policy says; the next one says how many were left out", async () => {
    const lab = await ObserveLab.start(binary as string, { events: { max_per_second: 2 } });
    const client = await lab.open();
    await client.ask(EHLO);
    await nextSecond();
    client.send("XADR 1\r\nXADR 2\r\nXADR 3\r\nXADR 4\r\nXADR 5\r\n");
    await client.replies(5);
    await nextSecond();
    await client.ask("XADR 6");
    await waitFor(() => lab.events.length >= 3, "the last event");
    const events = lab.events.map((event) => JSON.parse(event) as { suppressed?: number });
    expect(events.map(({ suppressed }) => suppressed)).toEqual([undefined, undefined, 3]);
    const stats = await lab.envoy.stats();
    expect(stats.get("wasmcustom.smtp.default.events_suppressed")).toBe(3);
    const counter = "wasmcustom.smtp.default.findings.protection.private_command.action.reject";
    expect(stats.get(counter)).toBe(6);
    expect(stats.get("wasmcustom.smtp.default.sessions_active")).toBe(1);
  });

  test.each(["strict", "recommended"])(
    "3 MiB in one write, without a buffer limit, under %s",
    async (profile) => {
      const lab = await ObserveLab.start(binary as string, { profile }, withoutLimit);
      const message = bigMessage(3 * 1024 * 1024);
      const client = await lab.open();
      for (const command of [...ENVELOPE, "DATA"]) await client.ask(command);
      await lab.envoy.admin("/logging?wasm=trace", "POST");
      client.send(stuffed(message));
      expect(await client.reply()).toBe("250 OK: message queued");
      await client.ask("QUIT");
      const [kept] = await lab.server.received(1);
      expect(kept?.content.length).toBe(message.length);
      expect(kept?.content === message).toBe(true);
      // One callback carried more than the 64 KiB that the filter reads at once; 1 MiB where nothing else is running.
      const call = /\[host->vm\] proxy_on_downstream_data\(\d+, (\d+), 0\)/;
      const sizes = lab.envoy.logs.flatMap((line) => Number(call.exec(line)?.[1] ?? 0));
      expect(Math.max(...sizes)).toBeGreaterThan(65_536);
      const [line] = await lab.closed(1);
      expect(line?.record).toContain('"verdict":"clean","findings":0,');
    },
  );
});
