/** `envoy/capabilities.yaml`: what the module calls and is called by, no more; with one call less something is missing. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { envoyLdsBootstrap, type EnvoyListener, ldsFile } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { eventOf, lastingRecord } from "../../workbench/events.js";
import { CALLBACKS, IMPORTS } from "../../lint/capabilities.js";
import { freePort, waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { outcome } from "../support/record-outcome.js";
import { envoyOrNull } from "../support/envoy-or-not.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WASM = `${ROOT}build/smtp-inspector.wasm`;
const WASI = "wasi_snapshot_preview1";
const module = new WebAssembly.Module(readFileSync(WASM));
const LIST = Object.keys(
  (
    parse(readFileSync(`${ROOT}envoy/capabilities.yaml`, "utf8")) as {
      capability_restriction_config: { allowed_capabilities: Record<string, object> };
    }
  ).capability_restriction_config.allowed_capabilities,
);
/** Callbacks that two sessions do not miss: at a connection's end several say the same, and what is not freed shows later. */
const NOT_MISSED = [
  "proxy_on_delete",
  "proxy_on_done",
  "proxy_on_downstream_connection_close",
  "proxy_on_log",
  "proxy_on_upstream_connection_close",
  "proxy_on_vm_start",
];

const binary = await envoyOrNull("capability restriction in Envoy");

describe("envoy/capabilities.yaml", () => {
  const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
  const callbacks = WebAssembly.Module.exports(module)
    .map(({ name }) => name)
    .filter((name) => name.startsWith("proxy_on_"));
  test("has the module's imports and callbacks, of WASI only random numbers", () => {
    const named = IMPORTS.map((name) => `${name.startsWith("proxy_") ? "env" : WASI}.${name}`);
    expect(named).toEqual(imports.sort());
    expect(CALLBACKS).toEqual(callbacks.sort());
    expect(LIST).toEqual([...IMPORTS, ...CALLBACKS]);
  });
});

/** A server that answers everything with 250, DATA with 354, and never closes. */
async function stubbornServer(): Promise<{ port: number; stop: () => void }> {
  const server = createServer((socket) => {
    socket.write("220 mx.example ESMTP\r\n");
    socket.on("data", (chunk) => {
      for (const line of chunk.toString("latin1").split("\r\n").slice(0, -1)) {
        if (line === "DATA") socket.write("354 go on\r\n");
        else if (line !== "text") socket.write("250 ok\r\n");
      }
    });
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, stop: () => void server.close() };
}

const GREETED = "220 mx.example ESMTP\r\n250 ok\r\n";
/** Two findings are one too many: the third session goes to the cluster of its listener, where nothing is judged. */
const POLICY =
  '{"stat_prefix":"PREFIX","limits":{"close_deadline_ms":1000},"protections":{"source_abuse":' +
  '{"mode":"prevent","findings":2,"quarantine_cluster":"PREFIX"}}}';

/** Everything that shows of three sessions: one with a reject and a message, one that is ended and has to be closed, one sent elsewhere. */
interface Seen {
  mail: string;
  ended: string;
  quarantined: string;
  accessLog: string[];
  events: string[];
  statistics: string[];
}

/** Envoy with a listener for the whole list and for each list that lacks one name. */
class Lab {
  readonly listeners = new Map<string, EnvoyListener>();
  envoy!: EnvoyProcess;
  private folder = "";
  private stopServer = (): void => {};

  async start(): Promise<void> {
    const server = await stubbornServer();
    this.stopServer = server.stop;
    this.folder = await mkdtemp(join(tmpdir(), "capabilities-"));
    for (const lacking of ["nothing", ...LIST]) {
      this.listeners.set(lacking, {
        name: lacking,
        wasm: WASM,
        port: await freePort(),
        policy: POLICY.replaceAll("PREFIX", lacking),
        upstreamPort: server.port,
        vmId: lacking,
        pluginName: lacking,
        accessLog: join(this.folder, `${lacking}.log`),
        accessLogFormat: "%DOWNSTREAM_LOCAL_CLOSE_REASON% %FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n",
      });
    }
    const file = join(this.folder, "listeners.json");
    await writeFile(file, this.restricted());
    this.envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: envoyLdsBootstrap([...this.listeners.values()], file),
      args: ["--file-flush-interval-msec", "50"],
    });
    const done = async (): Promise<number> => {
      const stats = await this.envoy.stats();
      const [good, bad] = ["success", "rejected"].map(
        (how) => stats.get(`listener_manager.lds.update_${how}`) ?? 0,
      );
      return (good ?? 0) + (bad ?? 0);
    };
    await waitFor(async () => (await done()) > 0, "the listeners");
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    this.stopServer();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The file of listeners, each VM with its list. */
  private restricted(): string {
    const resources = JSON.parse(ldsFile([...this.listeners.values()])) as object;
    const text = JSON.stringify(resources, (key, value: unknown) => {
      if (key !== "vm_config") return value;
      const vm = value as { vm_id: string };
      const allowed = LIST.filter((name) => name !== vm.vm_id).map((name) => [name, {}]);
      const list = { allowed_capabilities: Object.fromEntries(allowed) as object };
      return { ...vm, capability_restriction_config: list };
    });
    return text;
  }

  /** Null where Envoy refused the listener. */
  async seen(lacking: string): Promise<Seen | null> {
    const { port = 0, accessLog = "" } = this.listeners.get(lacking) as EnvoyListener;
    if (!(await this.envoy.ports()).has(lacking)) return null;
    const mail = await session(
      port,
      [
        "EHLO a.example",
        "XADR",
        "MAIL FROM:<a@a.example>",
        "RCPT TO:<b@b.example>",
        "DATA",
        "text\r\n.",
        "RSET",
      ],
      true,
    );
    const ended = await session(port, ["EHLO a.example", "GET / HTTP/1.1"], false);
    const quarantined = await session(port, ["EHLO a.example", "XADR"], true);
    const lines = async (): Promise<string[]> => (await readFile(accessLog, "utf8")).split("\n").slice(0, -1);
    await waitFor(async () => (await lines()).length >= 3, "the access log", 2000).catch(() => {});
    const events = this.envoy.wasmLogs.filter(({ source }) => source.startsWith(`${lacking} `));
    const statistics = [...(await this.envoy.stats())].filter(([name]) =>
      name.startsWith(`wasmcustom.smtp.${lacking}.`),
    );
    return {
      mail,
      ended,
      quarantined,
      accessLog: (await lines()).map(outcome),
      events: events
        .filter(({ message }) => eventOf(message)?.["event_type"] !== "smtp")
        .map(
          ({ level, message }) => `${level} ${lastingRecord(message).replace(/"stat_prefix":"\w+",/, "")}`,
        ),
      statistics: statistics.map(([name, value]) => `${name.split(".").slice(3).join(".")} ${value}`).sort(),
    };
  }
}

/** What a client gets that sends each command when it has had a reply, and gives up when there is none. */
async function session(port: number, commands: string[], hangsUp: boolean): Promise<string> {
  const client = await RawClient.connect(port);
  try {
    for (const command of ["", ...commands]) {
      const before = client.transcript.length;
      if (command !== "") client.send(`${command}\r\n`);
      await waitFor(() => client.transcript.length > before, "a reply", 1500);
    }
    if (!hangsUp) await waitFor(() => client.ended, "the end", 4000);
  } catch {
    return `${client.transcript}and no more`;
  } finally {
    client.destroy();
  }
  return client.transcript;
}

describe.skipIf(binary === null)("in Envoy", () => {
  const lab = new Lab();
  let whole: Seen | null = null;
  beforeAll(async () => {
    await lab.start();
    whole = await lab.seen("nothing");
  });
  afterAll(() => lab.stop());

  test("with the whole list the filter does all of its work", () => {
    expect(whole).toEqual({
      mail: `${GREETED}502 5.5.1 private_command: rejected by policy\r\n${"250 ok\r\n".repeat(2)}354 go on\r\n${"250 ok\r\n".repeat(2)}`,
      ended: `${GREETED}421 4.7.0 non_smtp_command: connection closed by policy\r\n`,
      quarantined: `${GREETED}250 ok\r\n`,
      accessLog: [
        '- {"verdict":"prevented","findings":1,"protections":["private_command"],"commands":6,"messages":1,"tls":false}',
        'wasm_downstream_close {"verdict":"terminated","findings":1,"protections":["non_smtp_command"],"commands":2,"messages":0,"tls":false}',
        '- {"verdict":"prevented","findings":1,"protections":["source_abuse"],"commands":2,"messages":0,"tls":false}',
      ],
      events: [
        expect.stringContaining('"verb":"XADR"') as string,
        expect.stringContaining('"verb":"GET"') as string,
        expect.stringContaining('"reason":"findings","mode":"prevent","action":"quarantine"') as string,
      ],
      statistics: [
        "commands 10",
        "findings.protection.non_smtp_command.action.terminate 1",
        "findings.protection.private_command.action.reject 1",
        "findings.protection.source_abuse.action.quarantine 1",
        "messages 1",
        "sessions 3",
        "sessions_active 0",
        "sources_blocked 1",
        "sources_recorded 1",
      ],
    });
  });

  test.concurrent.each(LIST)("without %s something is missing", async (name) => {
    const seen = await lab.seen(name);
    if (NOT_MISSED.includes(name)) expect(seen).toEqual(whole);
    else expect(seen).not.toEqual(whole);
  });
});
