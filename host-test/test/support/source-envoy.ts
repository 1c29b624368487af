/** Real Envoy with two workers, source_abuse, and a second server that waits for those who are known. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { Listening } from "../../peers/listening.js";
import { RawClient } from "../../peers/smtp-client.js";
import { proxyHeaderV2, proxyInFront } from "./proxy-protocol.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));

/** A server that knows no recipient, or that agrees to everything. */
export class Answering extends Listening {
  connections = 0;
  /** All commands that it got. */
  readonly heard: string[] = [];

  static start(name: string, answer: (command: string) => string): Promise<Answering> {
    return new Answering(createServer()).serve(name, answer);
  }

  private serve(name: string, answer: (command: string) => string): Promise<this> {
    return this.listen((socket) => {
      this.connections++;
      this.keep(socket);
      socket.write(`220 ${name} ESMTP\r\n`);
      let rest = "";
      socket.on("data", (chunk) => {
        const lines = (rest + chunk.toString("latin1")).split("\r\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          this.heard.push(line);
          socket.write(`${answer(line)}\r\n`);
          if (line === "QUIT") socket.end();
        }
      });
    });
  }
}

type Bootstrap = { static_resources: { listeners: object[]; clusters: { name: string }[] } };

export interface SourceSite {
  envoy: EnvoyProcess;
  port: number;
  server: Answering;
  tarpit: Answering;
}

/** Starts all of it; it is stopped at the end of the test. @param options of source_abuse @param more of the policy */
export async function sourceSite(binary: string, options: object, more: object = {}): Promise<SourceSite> {
  const server = await Answering.start("mx", (line) => (/^RCPT/.test(line) ? "550 5.1.1 unknown" : "250 ok"));
  const tarpit = await Answering.start("tarpit", () => "250 how nice");
  onTestFinished(() => Promise.all([server.stop(), tarpit.stop()]).then(() => {}));
  const policy = JSON.stringify({
    stat_prefix: "sources",
    profile: "monitor",
    events: { max_per_second: 1000 },
    protections: { source_abuse: { mode: "prevent", ...options } },
    ...more,
  });
  const ways = [
    { name: "mx", wasm: WASM, policy, upstreamPort: server.port },
    { name: "tarpit", wasm: WASM, policy, upstreamPort: tarpit.port },
  ];
  const bootstrap = envoyBootstrap(ways) as Bootstrap;
  const [listener] = bootstrap.static_resources.listeners;
  // The workers take turns.
  Object.assign(listener as object, { connection_balance_config: { exact_balance: {} } });
  proxyInFront(listener as object);
  bootstrap.static_resources.listeners = [listener as object];
  const envoy = await EnvoyProcess.start({ binary, bootstrap, concurrency: 2 });
  onTestFinished(() => envoy.stop());
  return { envoy, port: (await envoy.ports()).get("mx") as number, server, tarpit };
}

/** A connection from `address`, as a load balancer hands it on. */
export async function arrive(port: number, address: string): Promise<RawClient> {
  const client = RawClient.over(await dial(port, address));
  onTestFinished(() => client.destroy());
  return client;
}

export async function dial(port: number, address: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(proxyHeaderV2(address, port));
  return socket;
}
