/**
 * Serves the filter from Node: a TCP proxy whose every connection runs through the same wasm that Envoy loads.
 * It also does what Envoy does around the filter: ticks, and a new instance after a failure.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { reasonOf } from "./end.js";
import { ConfigurationRefused, Plugin } from "../host/plugin.js";
import { Proxied } from "./proxied.js";
import type { ProxyTls } from "./proxy-tls.js";

/** Where to listen, where to send, and the filter in between. */
export interface NodeProxyOptions {
  /** Makes the plugin; called again when it failed, as Envoy's FAIL_RELOAD does. */
  load: () => Plugin;
  listen: { host: string; port: number };
  upstream: { host: string; port: number };
  /** Where connections go that a policy's `quarantine_cluster` gets; without it they are refused. */
  quarantine?: { host: string; port: number } | undefined;
  /** The sides on which it can speak TLS; none by default. */
  tls?: ProxyTls;
  /** Gets one line about each failure of a connection or of the plugin. */
  onError?: (message: string) => void;
}

/** A running proxy. */
export class NodeProxy {
  private readonly pairs = new Set<Proxied>();
  private readonly timer: NodeJS.Timeout;
  private failed = false;
  private reloadAt = 0;
  private handshakesFailed = 0;

  private constructor(
    /** The port it listens on. */
    readonly port: number,
    private plugin: Plugin,
    private readonly server: Server,
    private readonly options: NodeProxyOptions,
  ) {
    const isTls = options.tls?.client?.fromStart === true;
    server.on(isTls ? "secureConnection" : "connection", (client: Socket) => this.accept(client));
    server.on("tlsClientError", (error: Error, client: TLSSocket) => {
      const { remoteAddress = "?", remotePort = 0 } = client;
      this.tlsFailed(`TLS with the client ${remoteAddress}:${remotePort} failed: ${reasonOf(error)}`);
    });
    server.on("error", (error) => options.onError?.(String(error)));
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /**
   * Starts listening.
   * @throws ConfigurationRefused; an Error with `code` (EADDRINUSE, EACCES) from `listen`.
   */
  static async start(options: NodeProxyOptions): Promise<NodeProxy> {
    const plugin = options.load();
    // The client is read once the server is connected, and may still write after it has read the server's end.
    const listening = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const own = options.tls?.client;
    const server =
      own?.fromStart === true
        ? createTlsServer({ ...listening, cert: own.cert, key: own.key })
        : createServer(listening);
    server.listen(options.listen.port, options.listen.host);
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : options.listen.port;
    return new NodeProxy(port, plugin, server, options);
  }

  /** The plugin in use; another one after a failure. */
  get serving(): Plugin {
    return this.plugin;
  }

  /** TLS handshakes of either side that failed so far. */
  get tlsFailures(): number {
    return this.handshakesFailed;
  }

  private tlsFailed(message: string): void {
    this.handshakesFailed++;
    this.options.onError?.(message);
  }

  /** Ends every connection, the plugin and the listener. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.destroyAll();
    await closed;
    this.guarded(() => this.plugin.shutdown());
  }

  private accept(client: Socket): void {
    if (this.failed && !this.reload()) {
      client.destroy();
      return;
    }
    const pair = new Proxied(this.plugin, client, {
      upstream: this.options.upstream,
      quarantine: this.options.quarantine,
      tls: this.options.tls ?? {},
      onTlsFailure: (message) => this.tlsFailed(message),
      guarded: (step) => this.guarded(step),
      onError: (message) => this.options.onError?.(message),
      onClose: () => this.pairs.delete(pair),
    });
    this.pairs.add(pair);
    // The filter failed on this very connection.
    if (this.failed) pair.destroy();
  }

  private tick(): void {
    this.guarded(() => this.plugin.tick());
    for (const pair of this.pairs) pair.balance();
    // The host keeps all log lines, for tests; here they have been passed on.
    this.plugin.logs.length = 0;
  }

  /** A failure inside the filter ends all its connections, as in Envoy, but not the proxy. */
  private guarded(step: () => void): void {
    if (this.failed) return;
    try {
      step();
    } catch (error) {
      this.failed = true;
      this.reloadAt = Date.now() + RELOAD_MS;
      this.options.onError?.(`the filter failed: ${String(error)}`);
      this.destroyAll();
    }
  }

  private destroyAll(): void {
    for (const pair of this.pairs) pair.destroy();
  }

  private reload(): boolean {
    if (Date.now() < this.reloadAt) return false;
    try {
      this.plugin = this.options.load();
      this.failed = false;
      return true;
    } catch (error) {
      if (!(error instanceof ConfigurationRefused)) throw error;
      this.reloadAt = Date.now() + RELOAD_MS;
      this.options.onError?.(error.message);
      return false;
    }
  }
}

/** How often deadlines are checked. */
const TICK_MS = 1000;
/** `reload_config.backoff.base_interval` of Envoy's wasm filter: one second by default. */
const RELOAD_MS = 1000;
