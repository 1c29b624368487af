/** Real Envoy with envoy/envoy.yaml in front of real mail servers: any policies, and clients from any address. */
import { alertsIn } from "../../workbench/events.js";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as dial, type Socket } from "node:net";
import { join } from "node:path";
import { adapted } from "../../cli/envoy-yaml.js";
import { projectRoot } from "../../cli/front.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { freePort, waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { proxyInFront, proxyOut } from "./proxy-protocol.js";

/** A way through the filter. */
export interface PolicyRoute {
  name: string;
  /** Port of 127.0.0.1 of the mail server. */
  upstream: number;
  policy: object;
}

interface Event {
  protection: string;
  reason: string;
  action: string;
  dest_port: number;
  src_ip: string;
}

/** A running Envoy whose every listener takes the client's address from the PROXY protocol. */
export class PolicyLab {
  private constructor(
    private readonly envoy: EnvoyProcess,
    private readonly ports: Map<string, number>,
  ) {}

  /** Starts Envoy with one listener for each route; `passOn` says whether the server is given the client's address. */
  static async start(routes: PolicyRoute[], passOn = false): Promise<PolicyLab> {
    const root = projectRoot();
    const bootstrap = adapted(readFileSync(join(root, "envoy/envoy.yaml"), "utf8"), {
      // Envoy chooses the ports: among so many, one that was free before may be taken twice.
      routes: routes.map(({ upstream, policy }) => ({ port: 0, upstream, policy: JSON.stringify(policy) })),
      wasm: join(root, "build/smtp-inspector.wasm"),
      adminPort: await freePort(),
    });
    bootstrap.static_resources.listeners.forEach(proxyInFront);
    if (passOn) bootstrap.static_resources.clusters.forEach(proxyOut);
    const names = bootstrap.static_resources.listeners.map((listener) => listener.name);
    const envoy = await EnvoyProcess.start({ bootstrap });
    const listening = await envoy.ports();
    const ports = new Map(routes.map(({ name }, at) => [name, listening.get(names[at] as string) as number]));
    return new PolicyLab(envoy, ports);
  }

  /** A connection through a route that comes from `address` (IPv4); `early` is sent with the header. */
  async connect(name: string, address: string, early = ""): Promise<RawClient> {
    return RawClient.over(await this.socket(name, address, early));
  }

  /** The same as a socket from which nothing is read yet. */
  async socket(name: string, address: string, early = ""): Promise<Socket> {
    const port = this.ports.get(name);
    if (port === undefined) throw new Error(`no route ${name}`);
    const socket = dial(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(proxyHeader(address, port) + early, "latin1");
    return socket;
  }

  /** What the filter has found so far on connections from `address` through a route: `<id> <reason> <action>`. */
  async findings(name: string, address: string): Promise<string[]> {
    await this.quiet();
    return (alertsIn(this.envoy.wasmLogs) as unknown as Event[])
      .filter((event) => event.dest_port === this.ports.get(name) && event.src_ip === address)
      .map(({ protection, reason, action }) => `${protection} ${reason} ${action}`);
  }

  stop(): Promise<void> {
    return this.envoy.stop();
  }

  /** Waits until no connection is open: what the filter has to say about them it has said. */
  private async quiet(): Promise<void> {
    await waitFor(async () => {
      const open = [...(await this.envoy.stats())].filter(([name]) => name.endsWith(".downstream_cx_active"));
      return open.every(([name, value]) => name.includes("admin") || value === 0);
    }, "all connections to be closed");
  }
}

/** Version 1; Envoy takes the destination from it, too, so that it names the listener. */
export function proxyHeader(address: string, port: number): string {
  return `PROXY TCP4 ${address} 127.0.0.1 40000 ${port}\r\n`;
}
