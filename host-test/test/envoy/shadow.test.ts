/** A shadow in a real Envoy: its events, its statistics as labels of Prometheus, its part of the access log; nothing is held or changed. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { alertsIn } from "../../workbench/events.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const YAML = new URL("../../../envoy/envoy.yaml", import.meta.url);

const binary = await envoyOrNull("a shadow in Envoy");

describe.skipIf(binary === null)("in Envoy", () => {
  test("what strict would have done, while monitor only watches", async () => {
    const server = await KeepingServer.start();
    onTestFinished(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), "shadow-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { stats_config } = parse(await readFile(YAML, "utf8")) as { stats_config: object };
    const accessLog = join(folder, "access.log");
    const listener = {
      name: "smtp",
      wasm: WASM,
      policy: JSON.stringify({ stat_prefix: "mail_in", profile: "monitor", shadow: { profile: "strict" } }),
      upstreamPort: server.port,
      accessLog,
      accessLogFormat: "%FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n",
    };
    const envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: { ...envoyBootstrap([listener]), stats_config },
      args: ["--file-flush-interval-msec", "50"],
    });
    onTestFinished(() => envoy.stop());
    const client = await RawClient.connect((await envoy.ports()).get("smtp") as number);
    onTestFinished(() => client.destroy());
    await client.reply();
    await client.ask("EHLO client.example.org");
    // The server itself answers it.
    expect(await client.ask("XADR someone")).toMatch(/^5\d\d /);
    await client.ask("QUIT");
    await client.end();
    let summary = "";
    await waitFor(async () => (summary = await readFile(accessLog, "utf8")).endsWith("\n"), "the access log");
    expect(JSON.parse(summary)).toMatchObject({
      verdict: "detected",
      protections: ["private_command"],
      shadow: {
        verdict: "prevented",
        findings: 1,
        protections: ["private_command"],
        first_prevented: { protection: "private_command", reason: "private_verb", action: "reject" },
      },
    });
    const events = alertsIn(envoy.wasmLogs);
    expect(events).toMatchObject([
      { protection: "private_command", mode: "detect", action: "detect" },
      { protection: "private_command", mode: "prevent", action: "reject", shadow: true },
    ]);
    expect(events[0]).not.toHaveProperty("shadow");
    const label = (name: string, action: string): string =>
      `${name}{smtp_action="${action}",smtp_prefix="mail_in",smtp_protection="private_command"} 1`;
    const metrics = (await envoy.admin("/stats/prometheus")).replace(/\{([^}]*)\}/g, (_, labels: string) => {
      return `{${labels.split(",").sort().join(",")}}`;
    });
    expect(metrics).toContain(label("smtp_findings", "detect"));
    expect(metrics).toContain(label("smtp_shadow_findings", "reject"));
  });
});
