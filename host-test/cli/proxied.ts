/** One client, one server and the filter between them: sockets tied to a `Connection` of the Node host. */
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Connection, Plugin, Side, Sink } from "../host/plugin.js";
import { End } from "./end.js";
import { type ProxyTls, switchedBy, towardsClient, towardsServer } from "./proxy-tls.js";

/** What a pair of sockets needs from the proxy. */
export interface ProxiedOptions {
  upstream: { host: string; port: number };
  /** What gets the connections that the filter sends to a cluster of Envoy's; without it the filter refuses them. */
  quarantine?: { host: string; port: number } | undefined;
  tls: ProxyTls;
  /** Runs a step of the filter and handles its failure; may also skip the step. */
  guarded: (step: () => void) => void;
  /** Gets one line when the server cannot be reached or breaks off. */
  onError: (message: string) => void;
  /** Gets one line for each handshake that fails. */
  onTlsFailure: (message: string) => void;
  /** Called once both sockets are closed. */
  onClose: () => void;
}

/** A proxied connection, from the client's arrival until both sockets are closed. */
export class Proxied {
  private readonly client: End;
  private readonly server: End;
  private connection: Connection | undefined;
  /** Bytes that were passed to the filter's host; it counts those that it has read. */
  private fed = 0;
  private connected = false;
  /** Why TLS with the server failed; "" as long as it has not. */
  private failure = "";

  constructor(
    plugin: Plugin,
    client: Socket,
    private readonly options: ProxiedOptions,
  ) {
    const server = new Socket({ allowHalfOpen: true }).setNoDelay(true);
    const sourceAddress = endpoint(client.remoteAddress, client.remotePort);
    this.client = this.clientEnd(client, sourceAddress);
    this.server = this.serverEnd(server);
    options.guarded(() => {
      this.connection = plugin.connect({
        sourceAddress,
        destinationAddress: endpoint(client.localAddress, client.localPort),
        startTls: switchedBy(options.tls),
        ...(client instanceof TLSSocket && { tlsVersion: client.getProtocol() ?? "" }),
        routes: options.quarantine !== undefined,
        sink: this.sink(),
      });
    });
    server.on("connect", () => {
      this.connected = true;
      this.balance();
    });
    if (this.connection !== undefined && !server.destroyed) server.connect(this.destination);
  }

  /** Where the filter wants the connection to go. */
  private get destination(): { host: string; port: number } {
    const { quarantine, upstream } = this.options;
    const isSent = this.connection?.filterState.has("envoy.tcp_proxy.cluster") === true;
    return isSent && quarantine !== undefined ? quarantine : upstream;
  }

  /** Ends both sides at once. */
  destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }

  /**
   * Reads from the client only while there is room for its bytes: Envoy too reads nothing before the server is connected,
   * while the filter holds more than the buffer limit, or while the server is slow.
   */
  balance(): void {
    const held = this.connection !== undefined && this.connection.rxBytes < this.fed;
    if (!this.connected || held || this.server.isFull) this.client.pause();
    else this.client.resume();
    if (this.client.isFull) this.server.pause();
    else this.server.resume();
  }

  private clientEnd(socket: Socket, address: string): End {
    return new End(socket, {
      data: (chunk) => {
        this.fed += chunk.length;
        this.run((connection) => connection.fromClient(chunk));
      },
      ended: () => this.run((connection) => connection.fromClient(NOTHING, true)),
      drained: () => this.balance(),
      broke() {},
      secured: (version) => this.connection?.secured("client", version),
      notSecured: (why) => this.options.onTlsFailure(`TLS with the client ${address} failed: ${why}`),
      closed: () => {
        this.run((connection) => connection.clientReset());
        this.server.destroy();
        this.closed();
      },
    });
  }

  private serverEnd(socket: Socket): End {
    const name = (): string => `the mail server ${this.destination.host}:${this.destination.port}`;
    return new End(socket, {
      data: (chunk) => this.run((connection) => connection.fromServer(chunk)),
      ended: () => this.run((connection) => connection.fromServer(NOTHING, true)),
      drained: () => this.balance(),
      broke: (error) => this.options.onError(`${name()} cannot be reached: ${error.message}`),
      secured: (version) => this.connection?.secured("server", version),
      notSecured: (why) => {
        this.failure = why;
        this.options.onTlsFailure(`TLS with ${name()} failed: ${why}`);
      },
      closed: () => {
        this.run((connection) => connection.serverReset(this.failure));
        this.client.destroySoon();
        this.closed();
      },
    });
  }

  private closed(): void {
    if (this.client.isClosed && this.server.isClosed) this.options.onClose();
  }

  private run(step: (connection: Connection) => void): void {
    const { connection } = this;
    if (connection === undefined || connection.closed !== null) return;
    this.options.guarded(() => step(connection));
    this.balance();
  }

  private sink(): Sink {
    return {
      toServer: (bytes) => this.server.write(bytes),
      toClient: (bytes) => this.client.write(bytes),
      endServer: () => this.server.end(),
      endClient: () => this.client.end(),
      startTls: (side, unread) => this.startTls(side, unread),
      close: (reason) => {
        this.client.destroySoon();
        // When a filter closes, Envoy drops what was on its way to the server; when a session ends, it sends the rest.
        if (reason === "ended") this.server.destroySoon();
        else this.server.destroy();
      },
    };
  }

  private startTls(side: Side, unread: Uint8Array): void {
    const { client, server } = this.options.tls;
    if (side === "client" && client !== undefined) {
      this.fed -= unread.length;
      this.client.startTls(unread, (socket) => towardsClient(socket, client));
    }
    if (side === "server" && server !== undefined) {
      this.server.startTls(unread, (socket) => towardsServer(socket, server));
    }
  }
}

/** "ip:port" as Envoy's `source.address` has it: IPv6 in brackets, IPv4 never mapped into IPv6. */
function endpoint(ip: string | undefined, port: number | undefined): string {
  const plain = (ip ?? "0.0.0.0").replace(/^::ffff:/, "");
  return plain.includes(":") ? `[${plain}]:${port ?? 0}` : `${plain}:${port ?? 0}`;
}

const NOTHING = new Uint8Array(0);
