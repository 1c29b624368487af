/** `envoy/envoy.yaml` in a real Envoy: it carries mail, says nothing at the start, and each of its bounds is in force. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { adapted, policyOf } from "../../cli/envoy-yaml.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { AWKWARD, KeepingServer, stuffed } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { ACCEPTED, validated } from "../support/envoy-validate.js";
import { blocks, withFragment } from "../support/fragments.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WASM = `${ROOT}build/smtp-inspector.wasm`;
const YAML = readFileSync(`${ROOT}envoy/envoy.yaml`, "utf8");
/** Envoy's connections beyond its default of 1,024 to a cluster, where `max_connections` is not given. */
const BEYOND_DEFAULT = 1_100;
const TCP_KEEPALIVE_TIMER = 2;

const binary = await envoyOrNull("envoy/envoy.yaml in Envoy");

interface Lab {
  envoy: EnvoyProcess;
  server: KeepingServer;
  port: number;
}

/** Envoy with envoy.yaml before a server, both stopped at the end of the test. @param yaml the file, changed or not */
async function start(yaml = YAML): Promise<Lab> {
  const server = await KeepingServer.start();
  onTestFinished(() => server.stop());
  const routes = [{ port: 0, upstream: server.port, policy: policyOf(yaml) }];
  const bootstrap = adapted(yaml, { routes, wasm: WASM, adminPort: 0 });
  const envoy = await EnvoyProcess.start({ binary: binary as string, bootstrap });
  onTestFinished(() => envoy.stop());
  return { envoy, server, port: [...(await envoy.ports()).values()][0] as number };
}

async function open(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

/** Text with `from` replaced. @throws Error when it is not in it, so that no test passes by mistake */
function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`envoy.yaml has no ${from}`);
  return text.replace(from, to);
}

/** Kind of timer and seconds it has to run, of each connection from or to `port` that is established. */
async function timers(column: "local" | "remote", port: number): Promise<[number, number][]> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((line) => line.trim().split(/\s+/));
  return rows.flatMap((row) => {
    const [, local = "", remote = "", state = "", , timer = ""] = row;
    if (state !== "01" || !(column === "local" ? local : remote).endsWith(`:${hex}`)) return [];
    const [kind = "", ticks = ""] = timer.split(":");
    // Ticks of the clock that times() counts: 100 a second.
    return [[parseInt(kind, 16), parseInt(ticks, 16) / 100] as [number, number]];
  });
}

describe.skipIf(binary === null)("envoy/envoy.yaml", () => {
  test("is accepted by envoy --mode validate without a warning", async () => {
    const free = replaced(replaced(YAML, "port_value: 2525", "port_value: 0"), "9901", "0");
    expect(await validated(binary as string, free)).toEqual(ACCEPTED);
  });

  test("carries mail, rejects what the policy prevents, and starts without a warning", async () => {
    const { envoy, server, port } = await start();
    expect(envoy.logs.filter((line) => /^\[(warning|error|critical)\]/.test(line))).toEqual([]);
    const client = await open(port);
    expect(await client.reply()).toMatch(/^220 /);
    for (const command of ["EHLO c.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.test>"])
      expect(await client.ask(command)).toMatch(/^250/);
    expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    expect(await client.ask("DATA")).toMatch(/^354 /);
    client.send(stuffed(AWKWARD));
    expect(await client.reply()).toMatch(/^250 /);
    expect((await server.received(1)).map(({ content }) => content)).toEqual([AWKWARD]);
  });

  test("has TCP keepalive on to both sides, well below 350 s", async () => {
    const { server, port } = await start();
    await (await open(port)).reply();
    for (const [column, end] of [
      ["local", port],
      ["remote", server.port],
    ] as const) {
      await waitFor(
        async () => (await timers(column, end))[0]?.[0] === TCP_KEEPALIVE_TIMER,
        `${column} timer`,
      );
      const [, seconds] = (await timers(column, end))[0] as [number, number];
      expect(seconds).toBeGreaterThan(60);
      expect(seconds).toBeLessThanOrEqual(120);
    }
  });

  test("greets more than Envoy's default of 1,024 connections to a server", async () => {
    const { envoy, port } = await start();
    const clients = await Promise.all(Array.from({ length: BEYOND_DEFAULT }, () => open(port)));
    const greetings = await Promise.all(clients.map((client) => client.reply()));
    expect(greetings.filter((greeting) => greeting.startsWith("220 "))).toHaveLength(BEYOND_DEFAULT);
    expect((await envoy.stats()).get("cluster.mail_server_0.upstream_cx_overflow")).toBeUndefined();
  });

  test("closes what is over max_active_downstream_connections, and counts it", async () => {
    const most = "max_active_downstream_connections: ";
    const { envoy, port } = await start(replaced(YAML, `${most}4096`, `${most}2`));
    const held = [await open(port), await open(port)];
    for (const client of held) expect(await client.reply()).toMatch(/^220 /);
    expect(await (await open(port)).closed()).toBe("");
    const overflow = [...(await envoy.stats())].filter(([name]) => name.endsWith("global_cx_overflow"));
    expect(overflow).toEqual([["listener.127.0.0.1_0.downstream_global_cx_overflow", 1]]);
    expect(await held[0]?.ask("NOOP")).toMatch(/^250 /);
    // Envoy's own page is not counted.
    expect(await envoy.admin("/ready")).toBe("LIVE\n");
  });

  test.each(["idle_timeout: 660s", "max_downstream_connection_duration: 21600s"])(
    "%s ends a session",
    async (key) => {
      const { port } = await start(replaced(YAML, key, key.replace(/\d+s/, "1s")));
      const client = await open(port);
      expect(await client.closed()).toMatch(/^220 .*\r\n$/);
    },
  );

  test("the chain that README.md has to paste is accepted in its place", async () => {
    const chains = blocks(readFileSync(`${ROOT}README.md`, "utf8"), "yaml");
    expect(chains).toHaveLength(1);
    for (const chain of chains) {
      const bootstrap = JSON.stringify(withFragment(YAML, chain, WASM));
      expect(await validated(binary as string, bootstrap)).toEqual(ACCEPTED);
    }
  });
});
