/** Real Envoy with envoy/envoy.yaml in front of real mail servers, one listener for each profile and server. */
import { alertsIn } from "../../workbench/events.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adapted, type PolicedRoute } from "../../cli/envoy-yaml.js";
import { projectRoot } from "../../cli/front.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { freePort, waitFor } from "../../peers/net.js";

/** What the tests read of an event. */
export interface Finding {
  protection: string;
  action: string;
  reason: string;
  /** Port of the listener. */
  dest_port: number;
}

/** The policies under which real mail must pass. */
export type Profile = "recommended" | "strict" | "submission";
const PROFILES: readonly Profile[] = ["recommended", "strict", "submission"];

/** Suffixes of a listener's name. */
const CLEAR = "";
const TLS = " tls";

/** PEM files. */
interface Certificate {
  cert: string;
  key: string;
}

/** Envoy's transport socket for TLS with it. */
const tlsSocket = ({ cert, key }: Certificate) => ({
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    common_tls_context: {
      tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
    },
  },
});

/** A running Envoy; ask it for the port of a profile in front of a server. */
export class MtaLab {
  private constructor(
    private readonly envoy: EnvoyProcess,
    private readonly ports: Map<string, number>,
  ) {}

  /**
   * Starts Envoy with a listener for each of `servers` (name to port) under each profile.
   * @param certificate with it each has a second one, whose connections are TLS from the first octet on, as on port 465
   */
  static async start(servers: Record<string, number>, certificate?: Certificate): Promise<MtaLab> {
    const root = projectRoot();
    const ports = new Map<string, number>();
    const routes: (PolicedRoute & { how: string })[] = [];
    for (const [name, upstream] of Object.entries(servers)) {
      for (const profile of PROFILES) {
        for (const how of certificate === undefined ? [CLEAR] : [CLEAR, TLS]) {
          const port = await freePort();
          ports.set(`${name} ${profile}${how}`, port);
          const stat_prefix = `${name}_${profile}${how.replace(" ", "_")}`;
          routes.push({ port, upstream, policy: JSON.stringify({ stat_prefix, profile }), how });
        }
      }
    }
    const yaml = readFileSync(join(root, "envoy/envoy.yaml"), "utf8");
    const wasm = join(root, "build/smtp-inspector.wasm");
    const bootstrap = adapted(yaml, { routes, wasm, adminPort: await freePort() });
    bootstrap.static_resources.listeners.forEach(({ filter_chains: [chain] }, at) => {
      if (certificate !== undefined && routes[at]?.how === TLS)
        Object.assign(chain ?? {}, { transport_socket: tlsSocket(certificate) });
    });
    return new MtaLab(await EnvoyProcess.start({ bootstrap }), ports);
  }

  /** Port of 127.0.0.1 where `server` is reached through the filter, in clear. */
  port(server: string, profile: Profile): number {
    return this.portOf(server, profile, CLEAR);
  }

  /** The same where Envoy begins with TLS and ends it. */
  tlsPort(server: string, profile: Profile): number {
    return this.portOf(server, profile, TLS);
  }

  private portOf(server: string, profile: Profile, how: string): number {
    const port = this.ports.get(`${server} ${profile}${how}`);
    if (port === undefined) throw new Error(`no listener for ${server} under ${profile}${how}`);
    return port;
  }

  /** What the filter has found on the connections through one listener, since the last call for it. */
  async findings(port: number): Promise<string[]> {
    await this.quiet();
    const all = (alertsIn(this.envoy.wasmLogs) as unknown as Finding[]).filter(
      (finding) => finding.dest_port === port,
    );
    const fresh = all.slice(this.reported.get(port) ?? 0);
    this.reported.set(port, all.length);
    return fresh.map(({ protection, action }) => `${protection} ${action}`);
  }

  stop(): Promise<void> {
    return this.envoy.stop();
  }

  private readonly reported = new Map<number, number>();

  /** Waits until no connection is open: what the filter has to say about them it has said. */
  private async quiet(): Promise<void> {
    await waitFor(async () => {
      const stats = await this.envoy.stats();
      return [...stats].every(
        ([name, value]) => !name.endsWith(".downstream_cx_active") || name.includes("admin") || value === 0,
      );
    }, "all connections to be closed");
  }
}
