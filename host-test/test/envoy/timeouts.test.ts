/** Limits on waiting in a real Envoy: its ticks, and a 421 that a tick begins (README.md, "Time limits"). */
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const binary = await envoyOrNull("limits on waiting in Envoy");

describe.skipIf(binary === null)("a client that says nothing for a second", () => {
  const begin = async (): Promise<[RawClient, KeepingServer]> => {
    const server = await KeepingServer.start();
    onTestFinished(() => server.stop());
    const limits = { command_timeout_ms: 1000, data_block_timeout_ms: 1000 };
    const policy = JSON.stringify({ stat_prefix: "in", limits });
    const envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: envoyBootstrap([{ name: "smtp", wasm: WASM, policy, upstreamPort: server.port }]),
    });
    onTestFinished(() => envoy.stop());
    const client = await RawClient.connect((await envoy.ports()).get("smtp") as number);
    onTestFinished(() => client.destroy());
    await client.reply();
    return [client, server];
  };

  test("gets 421 and is closed", async () => {
    const [client] = await begin();
    expect(await client.ask("EHLO c.example")).toMatch(/^250/);
    expect(await client.reply()).toBe("421 4.4.2 timeout: connection closed by policy");
    await waitFor(() => Promise.resolve(client.ended), "the end of the connection");
  });

  test("in data it is closed without a word, and the message is none", async () => {
    const [client, server] = await begin();
    for (const line of ["EHLO c.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA"]) {
      await client.ask(line);
    }
    client.send("Subject: x\r\n");
    await waitFor(() => Promise.resolve(client.ended), "the end of the connection");
    expect(client.transcript).toMatch(/354[^\r\n]*\r\n$/);
    expect(server.kept).toEqual([]);
  });
});
