/** Policies that are replaced while mail flows, by file-based LDS, and policies that are refused. */
import { execFile } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  envoyBootstrap,
  type EnvoyListener,
  envoyLdsBootstrap,
  ldsFile,
} from "../../host/envoy-bootstrap.js";
import { EnvoyFailed, EnvoyProcess } from "../../host/envoy-process.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { freePort, waitFor } from "../support/net.js";
import { RawClient } from "../support/smtp-client.js";
import { YesServer } from "../support/yes-server.js";

const binary = await envoyOrNull("policy updates");
const WASM = join(import.meta.dirname, "../../../build/smtp-inspector.wasm");

const WATCH = '{"stat_prefix":"t","profile":"monitor"}';
const PREVENT = '{"stat_prefix":"t","profile":"monitor","protections":{"private_command":"prevent"}}';
const REFUSED = "502 5.5.1 private_command: rejected by policy";
const YES = "250 ok";

describe.skipIf(binary === null)("a policy in Envoy", () => {
  let server: YesServer;
  let folder: string;
  beforeAll(async () => {
    server = await YesServer.start();
    folder = await mkdtemp(join(tmpdir(), "smtp-inspector-lds-"));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** An Envoy whose listener comes from a file, and how to give it another policy. */
  async function updatable(drainSeconds: number): Promise<{
    envoy: EnvoyProcess;
    port: number;
    update(policy: string): Promise<void>;
    verdict(): Promise<string>;
  }> {
    const file = join(folder, `lds-${await freePort()}.json`);
    const base: EnvoyListener = {
      name: "mail",
      port: await freePort(),
      wasm: WASM,
      upstreamPort: server.port,
    };
    const write = async (policy: string): Promise<void> => {
      await writeFile(`${file}.new`, ldsFile([{ ...base, policy }]));
      await rename(`${file}.new`, file);
    };
    await write(WATCH);
    const envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: envoyLdsBootstrap([base], file),
      args: ["--drain-time-s", String(drainSeconds), "--drain-strategy", "immediate"],
    });
    const attempts = async (): Promise<number> =>
      (await envoy.stats()).get("listener_manager.lds.update_attempt") ?? 0;
    return {
      envoy,
      port: base.port as number,
      async update(policy) {
        const before = await attempts();
        await write(policy);
        await waitFor(async () => (await attempts()) > before, "Envoy to read the listener");
      },
      /** What a new connection gets for XADR. */
      async verdict() {
        const client = await RawClient.connect(base.port as number);
        await client.reply();
        const answer = await client.ask("XADR");
        client.destroy();
        return answer;
      },
    };
  }

  test("an update judges new connections and leaves old ones their policy", async () => {
    const { envoy, port, update, verdict } = await updatable(600);
    try {
      const old = await RawClient.connect(port);
      await old.reply();
      expect(await old.ask("XADR")).toBe(YES);
      await update(PREVENT);
      await waitFor(async () => (await verdict()) === REFUSED, "the new policy");
      expect(await old.ask("XADR")).toBe(YES);
      await update(WATCH);
      await waitFor(async () => (await verdict()) === YES, "the first policy again");
      expect(await old.ask("XADR")).toBe(YES);
      old.destroy();
    } finally {
      await envoy.stop();
    }
  });

  test("a refused update leaves the old policy serving, and says why", async () => {
    const { envoy, update, verdict } = await updatable(600);
    try {
      await update(PREVENT);
      await waitFor(async () => (await verdict()) === REFUSED, "the policy");
      await update('{"protections":{"privat_command":"off"}}');
      const reason =
        'policy refused at $.protections.privat_command (offset 16): unknown protection; did you mean "private_command"?';
      await waitFor(() => envoy.wasmLogs.some((line) => line.message === reason), "the refusal in the log");
      await waitFor(
        async () => ((await envoy.stats()).get("listener_manager.lds.update_rejected") ?? 0) > 0,
        "Envoy to refuse the listener",
      );
      expect(await verdict()).toBe(REFUSED);
    } finally {
      await envoy.stop();
    }
  });

  test("ten updates, with the old ones drained at once, end no worker", async () => {
    const { envoy, port, update, verdict } = await updatable(1);
    try {
      const old = await RawClient.connect(port);
      await old.reply();
      for (let i = 0; i < 10; i++) {
        const [policy, expected] = i % 2 === 0 ? [PREVENT, REFUSED] : [WATCH, YES];
        await update(policy.replace('"t"', `"t${i}"`));
        await waitFor(async () => (await verdict()) === expected, `policy ${i}`);
      }
      // The filter chain that it came through is gone by now, and the root context with it.
      await old.closed();
      expect(await verdict()).toBe(YES);
      expect(envoy.logs.filter((line) => /critical|abort/i.test(line))).toEqual([]);
    } finally {
      await envoy.stop();
    }
  });

  const start = (listeners: object[]): Promise<EnvoyProcess> =>
    EnvoyProcess.start({ binary: binary as string, bootstrap: envoyBootstrap(listeners as EnvoyListener[]) });

  test("a policy that is refused at start keeps Envoy from starting, with one line that says why", async () => {
    const policy = '{"profile":"strickt"}';
    const started = start([{ name: "mail", wasm: WASM, upstreamPort: server.port, policy }]);
    await expect(started).rejects.toThrow(EnvoyFailed);
    await expect(started).rejects.toThrow(
      'policy refused at $.profile (offset 11): expected one of "monitor", "recommended", "strict", found "strickt"; did you mean "strict"?',
    );
  });

  test("a Struct is recognised, and envoy --mode validate tells what to use instead", async () => {
    const bootstrap = envoyBootstrap([{ name: "mail", wasm: WASM, upstreamPort: server.port, policy: "@" }]);
    const text = JSON.stringify(bootstrap)
      .replace("google.protobuf.StringValue", "google.protobuf.Struct")
      .replace('"value":"@"', '"value":{"profile":"monitor"}');
    const file = join(folder, "struct.json");
    await writeFile(file, text);
    const run = promisify(execFile)(binary as string, [
      "--mode",
      "validate",
      "-c",
      file,
      "--use-dynamic-base-id",
    ]);
    const failure = (await run.catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(failure.code).toBe(1);
    expect(failure.stderr).toContain(
      "policy refused at $ (offset 0): the configuration is a binary google.protobuf.Struct; use google.protobuf.StringValue",
    );
  });

  test("two listeners with two policies share a VM and nothing else", async () => {
    const listener = { wasm: WASM, upstreamPort: server.port, port: 0 };
    const envoy = await start([
      { ...listener, name: "one", policy: PREVENT.replace('"t"', '"one"') },
      { ...listener, name: "two", policy: WATCH.replace('"t"', '"two"') },
    ]);
    try {
      const ports = await envoy.ports();
      const answers: Record<string, string> = {};
      for (const name of ["one", "two"]) {
        const client = await RawClient.connect(ports.get(name) as number);
        await client.reply();
        answers[name] = await client.ask("XADR");
        client.destroy();
      }
      expect(answers).toEqual({ one: REFUSED, two: YES });
      const stats = await envoy.stats();
      const finding = "findings.protection.private_command.action";
      expect(stats.get(`wasmcustom.smtp.one.${finding}.reject`)).toBe(1);
      expect(stats.get(`wasmcustom.smtp.two.${finding}.detect`)).toBe(1);
    } finally {
      await envoy.stop();
    }
  });
});
