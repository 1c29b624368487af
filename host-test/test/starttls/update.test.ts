/** A policy update between the 220 and the handshake, in a real Envoy: the session goes on under its own policy. */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { switchPaths } from "../../cli/build-starttls.js";
import { envoyLdsBootstrap, type EnvoyListener, ldsFile } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import { KeepingServer } from "../../peers/mail.js";
import { freePort, selfSigned, waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { askedForTls, inside } from "../support/tls-client.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const policyWith = (mode: string): string =>
  `{"starttls":{"terminate":true},"protections":{"private_command":"${mode}"}}`;
const PASSED = "500 Error: command not recognized";
const REJECTED = "502 5.5.1 private_command: rejected by policy";
const binary = await envoyOrNull("a policy update while TLS begins");

async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

test.skipIf(binary === null)("between the 220 and the hello it is for new sessions only", async () => {
  const paths = switchPaths();
  await buildSwitchOnce(paths);
  const server = await KeepingServer.start();
  onTestFinished(() => server.stop());
  const certificate = await selfSigned();
  onTestFinished(() => rm(certificate.directory, { recursive: true, force: true }));
  const folder = await mkdtemp(join(tmpdir(), "starttls-update-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "listeners.json");
  const port = await freePort();
  const listener = (mode: string): EnvoyListener => ({
    name: "smtp",
    wasm: WASM,
    policy: policyWith(mode),
    port,
    upstreamPort: server.port,
    tls: { cert: certificate.cert, key: certificate.key, begins: "switch" },
  });
  await replaceFile(file, ldsFile([listener("detect")]));
  const envoy = await EnvoyProcess.start({
    binary: binary as string,
    bootstrap: envoyLdsBootstrap([listener("detect")], file),
    args: ["--drain-time-s", "600"],
    env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: dirname(paths.output) },
  });
  onTestFinished(() => envoy.stop());
  await waitFor(async () => (await envoy.ports()).size === 1, "the listener");

  const socket = await askedForTls(port);
  onTestFinished(() => void socket.destroy());
  await replaceFile(file, ldsFile([listener("prevent")]));
  const updated = async (): Promise<boolean> =>
    ((await envoy.stats()).get("listener_manager.lds.update_success") ?? 0) >= 2;
  await waitFor(updated, "the update");
  await expect.poll(() => reply(port, certificate.cert), { timeout: 15_000 }).toBe(REJECTED);

  const { client } = await inside(socket, certificate.cert);
  expect(await client.ask("EHLO client.example.org")).toMatch(/^250-/);
  expect(await client.ask("XADR")).toBe(PASSED);
});

/** What XADR gets inside TLS on a new session. */
async function reply(port: number, ca: string): Promise<string> {
  const { client, socket } = await inside(await askedForTls(port), ca);
  await client.ask("EHLO client.example.org");
  const said = await client.ask("XADR");
  socket.destroy();
  return said;
}
