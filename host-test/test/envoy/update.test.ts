/** Policy updates through file-based LDS, and refusals, in a real Envoy (host-test/host/README.md, "Lifecycle"). */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  envoyBootstrap,
  envoyLdsBootstrap,
  type EnvoyListener,
  ldsFile,
} from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { KeepingServer } from "../../peers/mail.js";
import { freePort, waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const DETECT = '{"protections":{"private_command":"detect"}}';
const PREVENT = '{"protections":{"private_command":"prevent"}}';
/** What XADR gets: under `DETECT` the server's own reply, under `PREVENT` the filter's. */
const PASSED = "500 Error: command not recognized";
const REJECTED = "502 5.5.1 private_command: rejected by policy";
/** A base VM, the main thread's instance and the one worker's. */
const VMS = 3;

/** Stands for a Struct, as users may write it where a StringValue is needed. */
const STRUCT = "a Struct";
const withStruct = (text: string): string =>
  text.replace(`StringValue","value":"${STRUCT}"`, 'Struct","value":{"profile":"strict"}');

/** What is refused, and the filter's one line about it. */
const REFUSALS = [
  ["bad JSON", '{"profile":"strict",}', "policy refused at $ (offset 20): expected a key in double quotes"],
  [
    "an unknown protection",
    '{"protections":{"private_comand":"prevent"}}',
    "policy refused at $.protections.private_comand (offset 16): unknown protection; " +
      'did you mean "private_command"?',
  ],
  [
    STRUCT,
    STRUCT,
    "policy refused at $ (offset 0): the configuration is a binary google.protobuf.Struct; use a " +
      'google.protobuf.StringValue with the policy as JSON text ("@type": ' +
      '"type.googleapis.com/google.protobuf.StringValue")',
  ],
] as const;

const binary = await envoyOrNull("policy updates in Envoy");

/** A bootstrap with one listener that nobody connects to. */
function bootstrapWith(policy: string): string {
  const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
  const listener = { name: "smtp", wasm: WASM, policy, upstreamPort: 1 };
  return withStruct(JSON.stringify(envoyBootstrap([listener], { admin })));
}

function validate(policy: string): { status: number | null; stderr: string } {
  const args = ["--mode", "validate", "--config-yaml", bootstrapWith(policy), "-l", "error"];
  return spawnSync(binary as string, args, { encoding: "utf8" });
}

/** `expect.poll` with time for a busy machine. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

/** Envoy sees a new file only when it is renamed into place. */
async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

/** An Envoy that follows a file of listeners, one for each policy; stopped at the end of the test. */
class Lab {
  private constructor(
    readonly envoy: EnvoyProcess,
    private readonly file: string,
    readonly accessLog: string,
    private readonly listeners: EnvoyListener[],
  ) {}

  static async start(policies: string[], drainSeconds = 1): Promise<Lab> {
    const server = await KeepingServer.start();
    onTestFinished(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), "update-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [file, accessLog] = [join(folder, "listeners.json"), join(folder, "access.log")];
    const common = { wasm: WASM, upstreamPort: server.port, accessLog };
    const listeners: EnvoyListener[] = await Promise.all(
      policies.map(async (policy, i) => ({ ...common, name: `smtp${i}`, port: await freePort(), policy })),
    );
    await replaceFile(file, ldsFile(listeners));
    const envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: envoyLdsBootstrap(listeners, file),
      args: ["--drain-time-s", String(drainSeconds), "--file-flush-interval-msec", "50"],
      // At trace Envoy logs each call into the module.
      wasmLogLevel: "trace",
    });
    onTestFinished(() => envoy.stop());
    await waitFor(async () => (await envoy.ports()).size === listeners.length, "all listeners");
    return new Lab(envoy, file, accessLog, listeners);
  }

  /** Replaces the policies of all listeners. @returns whether Envoy took them */
  async update(...policies: string[]): Promise<boolean> {
    const counts = (): Promise<(number | undefined)[]> =>
      Promise.all(["success", "rejected"].map((how) => this.stat(`listener_manager.lds.update_${how}`)));
    const before = await counts();
    const listeners = this.listeners.map((each, index) => ({ ...each, policy: policies[index] as string }));
    await replaceFile(this.file, withStruct(ldsFile(listeners)));
    let after = before;
    await waitFor(async () => String((after = await counts())) !== String(before), "Envoy to read the file");
    return after[0] !== before[0];
  }

  /** A new connection that is past EHLO. */
  async open(index = 0): Promise<RawClient> {
    const client = await RawClient.connect(this.listeners[index]?.port as number);
    onTestFinished(() => client.destroy());
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.ask("EHLO client.example.org")).toMatch(/^250-/);
    return client;
  }

  /** What XADR gets on new connections: workers take a listener a moment after listener discovery did. */
  newConnections(index = 0) {
    return eventually(async () => {
      const client = await this.open(index);
      const reply = await client.ask("XADR");
      await client.ask("QUIT");
      return reply;
    });
  }

  /** How many root contexts were deleted in the main thread's and the worker's instance: only streams log. */
  rootsDeleted(): number {
    const calls = (name: string): number =>
      this.envoy.logs.filter((line) => line.includes(`[host->vm] ${name}(`)).length;
    return calls("proxy_on_delete") - calls("proxy_on_log");
  }

  /** What Envoy logged as going wrong: a trap would be among it. */
  get faults(): string[] {
    return this.envoy.logs.filter((line) => /^\[(error|critical)\]/.test(line));
  }

  async stat(name: string): Promise<number | undefined> {
    return (await this.envoy.stats()).get(name);
  }
}

describe.skipIf(binary === null)("a policy in Envoy", () => {
  test("an update is for new connections; older ones stay alive on their policy", async () => {
    const lab = await Lab.start([DETECT], 600);
    const first = await lab.open();
    expect(await first.ask("XADR 1")).toBe(PASSED);
    expect(await lab.update(PREVENT)).toBe(true);
    await lab.newConnections().toBe(REJECTED);
    const second = await lab.open();
    expect(await lab.update(DETECT)).toBe(true);
    await lab.newConnections().toBe(PASSED);
    expect(await first.ask("XADR 2")).toBe(PASSED);
    expect(await second.ask("XADR 2")).toBe(REJECTED);
    expect(lab.faults).toEqual([]);
  });

  test.each(REFUSALS)("%s at an update leaves the policy that serves", async (_what, policy, message) => {
    const lab = await Lab.start([PREVENT]);
    const before = await lab.open();
    expect(await lab.update(policy)).toBe(false);
    expect(lab.envoy.wasmLogs.map((line) => [line.level, line.message])).toEqual([["error", message]]);
    await lab.newConnections().toBe(REJECTED);
    expect(await before.ask("XADR")).toBe(REJECTED);
    // A refusal is not the end of updates.
    expect(await lab.update(DETECT)).toBe(true);
    await lab.newConnections().toBe(PASSED);
  });

  test.each(REFUSALS)("%s at the start: Envoy says why and ends", async (_what, policy, message) => {
    const start = EnvoyProcess.start({ binary: binary as string, bootstrap: bootstrapWith(policy) });
    await expect(start).rejects.toThrow(expect.objectContaining({ name: "EnvoyFailed", message }));
    const stderr: unknown = expect.stringContaining(`: ${message}\n`);
    expect(validate(policy)).toMatchObject({ status: 1, stderr });
  });

  test("envoy --mode validate takes a good policy", () => {
    expect(validate(PREVENT)).toMatchObject({ status: 0, stderr: "" });
  });

  test("two listeners share the VMs, each with its policy and statistics", async () => {
    const policy = (prefix: string, mode: string): string =>
      `{"stat_prefix":"${prefix}","protections":{"private_command":"${mode}"}}`;
    const lab = await Lab.start([policy("in", "detect"), policy("out", "prevent")]);
    const [inner, outer] = [await lab.open(0), await lab.open(1)];
    expect([await inner.ask("XADR"), await outer.ask("XADR")]).toEqual([PASSED, REJECTED]);
    expect(await lab.update(policy("in", "detect"), policy("out", "off"))).toBe(true);
    await lab.newConnections(1).toBe(PASSED);
    // Only the changed listener is drained.
    expect(await outer.closed()).toContain(REJECTED);
    expect(await inner.ask("XADR")).toBe(PASSED);
    const finding = "findings.protection.private_command.action";
    expect(await lab.stat(`wasmcustom.smtp.in.${finding}.detect`)).toBe(2);
    expect(await lab.stat(`wasmcustom.smtp.out.${finding}.reject`)).toBeGreaterThan(0);
    expect(await lab.stat("wasmcustom.smtp.in.sessions_active")).toBe(1);
    expect(await lab.stat("wasm.envoy.wasm.runtime.v8.active")).toBe(VMS);
    expect(lab.faults).toEqual([]);
  });

  test("a roll-back while the first policy drains still serves after the drain", async () => {
    const lab = await Lab.start([DETECT]);
    const first = await lab.open();
    expect(await lab.update(PREVENT)).toBe(true);
    // Envoy takes the root of the first policy again: it goes by the configuration's text.
    expect(await lab.update(DETECT)).toBe(true);
    await first.closed();
    await eventually(() => lab.stat("listener_manager.total_filter_chains_draining")).toBe(0);
    await lab.newConnections().toBe(PASSED);
    expect(lab.faults).toEqual([]);
  });

  test("ten updates: the drain closes older connections, their roots end without a trap", async () => {
    const lab = await Lab.start([PREVENT]);
    const older = await lab.open();
    expect(await older.ask("XADR")).toBe(REJECTED);
    for (let round = 1; round <= 10; round++) {
      // Another text each time, so that each is a root of its own.
      const policy = (round % 2 === 0 ? PREVENT : DETECT) + " ".repeat(round);
      expect(await lab.update(policy)).toBe(true);
      await lab.newConnections().toBe(round % 2 === 0 ? REJECTED : PASSED);
    }
    const newer = await lab.open();
    await older.closed();
    await eventually(() => lab.rootsDeleted()).toBe(20);
    const log = (): Promise<string> => readFile(lab.accessLog, "utf8");
    await eventually(log).toMatch(
      /filter_chain_is_being_removed \{"timestamp":.*"verdict":"prevented","findings":1,/,
    );
    expect(await newer.ask("XADR")).toBe(REJECTED);
    expect(await newer.ask("QUIT")).toBe("221 Bye");
    await eventually(() => lab.stat("wasmcustom.smtp.default.sessions_active")).toBe(0);
    expect(await lab.stat("wasm.envoy.wasm.runtime.v8.active")).toBe(VMS);
    expect(lab.faults).toEqual([]);
  });
});
