/** `envoy/limits.yaml`: Envoy's own limits before the filter, each of them in a real Envoy. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { adapted, type Bootstrap, policyOf } from "../../cli/envoy-yaml.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { ACCEPTED, validated } from "../support/envoy-validate.js";
import { RateService } from "../support/rate-service.js";
import { Answering, arrive } from "../support/source-envoy.js";
import { proxyInFront } from "../support/proxy-protocol.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WASM = `${ROOT}build/smtp-inspector.wasm`;
const YAML = readFileSync(`${ROOT}envoy/envoy.yaml`, "utf8");
const LIMITS = readFileSync(`${ROOT}envoy/limits.yaml`, "utf8");

type Filter = Bootstrap["static_resources"]["listeners"][number]["filter_chains"][number]["filters"][number];
interface Limits {
  filters: Filter[];
  clusters: Bootstrap["static_resources"]["clusters"];
}

const binary = await envoyOrNull("envoy/limits.yaml in Envoy");

/** envoy.yaml with those filters of limits.yaml whose names end so. @param changes replace texts of limits.yaml */
function bootstrapWith(names: string[], upstream: number, changes: [string, string][] = []): Bootstrap {
  const text = changes.reduce((yaml, [from, to]) => {
    if (!yaml.includes(from)) throw new Error(`limits.yaml has no ${from}`);
    return yaml.replace(from, to);
  }, LIMITS);
  const limits = parse(text) as Limits;
  const routes = [{ port: 0, upstream, policy: policyOf(YAML) }];
  const bootstrap = adapted(YAML, { routes, wasm: WASM, adminPort: 0 });
  const chain = bootstrap.static_resources.listeners[0]?.filter_chains[0];
  chain?.filters.unshift(
    ...limits.filters.filter(({ name }) => names.some((end) => name.endsWith(`.${end}`))),
  );
  bootstrap.static_resources.clusters.push(...limits.clusters);
  return bootstrap;
}

interface Site {
  envoy: EnvoyProcess;
  port: number;
  server: Answering;
}

async function start(
  filter: string,
  changes: [string, string][],
  more: (bootstrap: Bootstrap) => void = () => {},
): Promise<Site> {
  const server = await Answering.start("mx", () => "250 ok");
  onTestFinished(() => server.stop());
  const bootstrap = bootstrapWith([filter], server.port, changes);
  more(bootstrap);
  const envoy = await EnvoyProcess.start({ binary: binary as string, bootstrap, concurrency: 2 });
  onTestFinished(() => envoy.stop());
  return { envoy, port: [...(await envoy.ports()).values()][0] as number, server };
}

async function open(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

/** Waits for the end of a connection that got no greeting. */
async function turnedAway(client: RawClient): Promise<void> {
  await waitFor(() => client.ended, "the connection to be closed");
  expect(client.transcript).toBe("");
}

const stat = async ({ envoy }: Site, name: string): Promise<number> => (await envoy.stats()).get(name) ?? 0;

describe.skipIf(binary === null)("envoy/limits.yaml", () => {
  test("is accepted as a whole by envoy --mode validate without a warning", async () => {
    const bootstrap = bootstrapWith(["connection_limit", "local_ratelimit", "ratelimit"], 2526);
    expect(bootstrap.static_resources.listeners[0]?.filter_chains[0]?.filters.length).toBe(5);
    expect(await validated(binary as string, JSON.stringify(bootstrap))).toEqual(ACCEPTED);
  });

  test("connection_limit: the third of two open connections is closed, and its place is free again", async () => {
    const site = await start("connection_limit", [
      ["max_connections: 1000", "max_connections: 2"],
      ["delay: 1s", "delay: 0.1s"],
    ]);
    const open2 = [await open(site.port), await open(site.port)];
    for (const client of open2) expect(await client.reply()).toBe("220 mx ESMTP");
    await turnedAway(await open(site.port));
    expect(await stat(site, "connection_limit.smtp.limited_connections")).toBe(1);
    expect(await open2[0]?.ask("QUIT")).toBe("250 ok");
    open2[0]?.destroy();
    await waitFor(
      async () => (await stat(site, "connection_limit.smtp.active_connections")) < 2,
      "the place",
    );
    expect(await (await open(site.port)).reply()).toBe("220 mx ESMTP");
    expect(site.server.connections).toBe(3);
  });

  test("local_ratelimit: the fourth of three connections is closed before the server hears of it", async () => {
    const bucket = "{ max_tokens: 3, tokens_per_fill: 3, fill_interval: 3600s }";
    const site = await start("local_ratelimit", [
      ["{ max_tokens: 200, tokens_per_fill: 50, fill_interval: 1s }", bucket],
    ]);
    for (let i = 0; i < 3; i++) expect(await (await open(site.port)).reply()).toBe("220 mx ESMTP");
    await turnedAway(await open(site.port));
    expect(await stat(site, "local_rate_limit.smtp.rate_limited")).toBe(1);
    expect(site.server.connections).toBe(3);
  });

  test("ratelimit: a source has its own limit, by the address that the PROXY protocol gives", async () => {
    const service = await RateService.start(2);
    onTestFinished(() => service.stop());
    // A loaded machine may answer later than one in service.
    const changes: [string, string][] = [
      ["port_value: 8081", `port_value: ${service.port}`],
      ["timeout: 0.25s", "timeout: 10s"],
    ];
    const site = await start("ratelimit", changes, ({ static_resources: { listeners } }) =>
      listeners.forEach(proxyInFront),
    );
    for (let i = 0; i < 2; i++) {
      expect(await (await arrive(site.port, "198.51.100.7")).reply()).toBe("220 mx ESMTP");
    }
    await turnedAway(await arrive(site.port, "198.51.100.7"));
    expect(await (await arrive(site.port, "198.51.100.8")).reply()).toBe("220 mx ESMTP");
    expect([...service.asked]).toEqual([
      ["smtp source=198.51.100.7", 3],
      ["smtp source=198.51.100.8", 1],
    ]);
    expect(await stat(site, "ratelimit.smtp.over_limit")).toBe(1);
  });

  test("ratelimit: mail goes on where the service is not there", async () => {
    const site = await start("ratelimit", [["port_value: 8081", "port_value: 1"]]);
    expect(await (await open(site.port)).reply()).toBe("220 mx ESMTP");
    expect(await stat(site, "ratelimit.smtp.failure_mode_allowed")).toBe(1);
  });
});
