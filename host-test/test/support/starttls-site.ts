/** Envoy with one of the configurations of envoy/starttls, of which only addresses, ports and files are others. */
import { alertsIn } from "../../workbench/events.js";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { switchPaths } from "../../cli/build-starttls.js";
import { projectRoot } from "../../cli/front.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import type { Certificate } from "../../peers/authority.js";
import { waitFor } from "../../peers/net.js";

export interface SiteOptions {
  file: "envoy.yaml" | "submission.yaml" | "egress.yaml";
  /** Port of 127.0.0.1 of the server behind Envoy. */
  upstream: number;
  /** What Envoy shows to clients; egress.yaml has none. */
  certificate?: Certificate;
  /** Whom egress.yaml trusts. */
  ca?: string;
  /** Other values of the policy's "starttls" than the file has. */
  starttls?: { originate?: "offered" | "always"; require?: "auth" | "mail" };
}

/** How a session went, as the access log of the configuration tells it. */
export interface Logged {
  /** By Envoy: versions of TLS, "-" for none. */
  client: string;
  server: string;
  /** By the filter. */
  summary: Summary;
}

/** What the tests read of the filter's summary of a session. */
export interface Summary {
  verdict: string;
  findings: number;
  messages: number;
  tls: boolean;
  tls_terminated?: boolean;
  tls_version?: string;
  upstream_tls_version?: string;
}

/** What the tests read of an event. */
export interface Finding {
  protection: string;
  reason: string;
  action: string;
  tls_terminated?: boolean;
  tls_version?: string;
  upstream_tls_version?: string;
}

/** A running Envoy. `stop()` ends it and removes its files. */
export class StarttlsSite {
  #logged = 0;
  #events = 0;

  private constructor(
    readonly envoy: EnvoyProcess,
    private readonly ports: Map<string, number>,
    private readonly folder: string,
  ) {}

  /** Builds the switch where that is to do, and starts Envoy. */
  static async start(options: SiteOptions): Promise<StarttlsSite> {
    const paths = switchPaths();
    await buildSwitchOnce(paths);
    const folder = await mkdtemp(join(tmpdir(), "starttls-site-"));
    const envoy = await EnvoyProcess.start({
      bootstrap: await configuration(folder, options),
      env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: dirname(paths.output) },
      args: ["--file-flush-interval-msec", "50"],
    });
    return new StarttlsSite(envoy, await envoy.ports(), folder);
  }

  /** Port of a listener, by its name in the configuration. */
  port(listener: string): number {
    const port = this.ports.get(listener);
    if (port === undefined) throw new Error(`no listener ${listener}`);
    return port;
  }

  /** Waits until all sessions are over. @returns those since the last call, in the order in which they ended */
  async sessions(): Promise<Logged[]> {
    let lines: RegExpExecArray[] = [];
    await waitFor(async () => {
      const total = await this.stat(/^listener\.(?!admin\.)[^_]+_\d+\.downstream_cx_total$/);
      lines = this.envoy.logs.map((line) => ACCESS.exec(line)).filter((match) => match !== null);
      return lines.length >= total;
    }, "the access log of every session");
    const fresh = lines.slice(this.#logged);
    this.#logged = lines.length;
    return fresh.map(([, client = "", server = "", summary = ""]) => ({
      client,
      server,
      summary: JSON.parse(summary) as Summary,
    }));
  }

  /** What the filter has found since the last call; call `sessions` first. */
  findings(): Finding[] {
    const all = alertsIn(this.envoy.wasmLogs) as unknown as Finding[];
    const fresh = all.slice(this.#events);
    this.#events = all.length;
    return fresh;
  }

  /** The sum of the counters and gauges with such a name. */
  async stat(name: RegExp): Promise<number> {
    const found = [...(await this.envoy.stats())].filter(([each]) => name.test(each));
    return found.reduce((sum, [, value]) => sum + value, 0);
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A line of the access log: time, address, octets in and out, duration, flags, versions of TLS, summary. */
const ACCESS = /^\d{4}-\S+ 127\.0\.0\.1:\d+ \d+ \d+ \d+ \S+ (\S+) (\S+) (\{.*\})$/;

/** The file's text with what depends on the machine changed. */
async function configuration(folder: string, options: SiteOptions): Promise<string> {
  const root = projectRoot();
  const read = (name: string): string => readFileSync(join(root, "envoy/starttls", name), "utf8");
  const changes: [string | RegExp, string][] = [
    ["build/smtp-inspector.wasm", join(root, "build/smtp-inspector.wasm")],
    [/port_value: (9901|2525|2587|2465)/g, "port_value: 0"],
  ];
  if (options.file === "egress.yaml") {
    const provider = "address: smtp.provider.example, port_value: 587";
    changes.push([provider, `address: 127.0.0.1, port_value: ${options.upstream}`]);
    changes.push(["/etc/ssl/certs/ca-certificates.crt", options.ca ?? ""]);
  } else {
    changes.push(["port_value: 2526", `port_value: ${options.upstream}`]);
    changes.push(["envoy/starttls/certificate.yaml", join(folder, "certificate.yaml")]);
    await copyFile(options.certificate?.cert ?? "", join(folder, "fullchain.pem"));
    await copyFile(options.certificate?.key ?? "", join(folder, "privkey.pem"));
    const secrets = read("certificate.yaml").replaceAll("/etc/envoy/tls", folder);
    await writeFile(join(folder, "certificate.yaml"), secrets);
  }
  let text = read(options.file).replaceAll(/(?<="starttls": )\{.*\}/g, (policy) =>
    JSON.stringify({ ...(JSON.parse(policy) as object), ...options.starttls }),
  );
  for (const [from, to] of changes) {
    const changed = text.replaceAll(from, to);
    if (changed === text) throw new Error(`${options.file} has no ${String(from)}`);
    text = changed;
  }
  return text;
}
