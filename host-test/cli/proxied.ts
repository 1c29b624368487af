/** One client, one server and the filter between them: sockets tied to a `Connection` of the Node host. */
import { connect, type Socket } from "node:net";
import type { Connection, Plugin, Sink } from "../host/plugin.js";

/** What a pair of sockets needs from the proxy. */
export interface ProxiedOptions {
  upstream: { host: string; port: number };
  /** Runs a step of the filter and handles its failure; may also skip the step. */
  guarded: (step: () => void) => void;
  /** Gets one line when the server cannot be reached or breaks off. */
  onError: (message: string) => void;
  /** Called once both sockets are closed. */
  onClose: () => void;
}

/** A proxied connection, from the client's arrival until both sockets are closed. */
export class Proxied {
  private readonly server: Socket;
  private connection: Connection | undefined;
  /** Bytes that were passed to the filter's host; it counts those that it has read. */
  private fed = 0;
  private connected = false;

  constructor(
    plugin: Plugin,
    private readonly client: Socket,
    private readonly options: ProxiedOptions,
  ) {
    this.server = connect({ ...options.upstream, allowHalfOpen: true, noDelay: true });
    options.guarded(() => {
      this.connection = plugin.connect({
        sourceAddress: endpoint(client.remoteAddress, client.remotePort),
        destinationAddress: endpoint(client.localAddress, client.localPort),
        sink: this.sink(),
      });
    });
    this.listen();
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
    if (!this.connected || held || this.server.writableNeedDrain) this.client.pause();
    else this.client.resume();
    if (this.client.writableNeedDrain) this.server.pause();
    else this.server.resume();
  }

  private listen(): void {
    const { client, server } = this;
    server.on("connect", () => {
      this.connected = true;
      this.balance();
    });
    client.on("data", (chunk) => {
      this.fed += chunk.length;
      this.run((connection) => connection.fromClient(chunk));
    });
    server.on("data", (chunk) => this.run((connection) => connection.fromServer(chunk)));
    client.on("end", () => this.run((connection) => connection.fromClient(NOTHING, true)));
    server.on("end", () => this.run((connection) => connection.fromServer(NOTHING, true)));
    client.on("drain", () => this.balance());
    server.on("drain", () => this.balance());
    // "close" follows and says the same.
    client.on("error", () => {});
    server.on("error", (error) => {
      const { host, port } = this.options.upstream;
      this.options.onError(`the mail server ${host}:${port} cannot be reached: ${error.message}`);
    });
    client.on("close", () => {
      this.run((connection) => connection.clientReset());
      server.destroy();
      this.closed();
    });
    server.on("close", () => {
      this.run((connection) => connection.serverReset());
      client.destroySoon();
      this.closed();
    });
    for (const socket of [client, server]) socket.setTimeout(IDLE_MS, () => this.destroy());
  }

  private closed(): void {
    if (this.client.closed && this.server.closed) this.options.onClose();
  }

  private run(step: (connection: Connection) => void): void {
    const { connection } = this;
    if (connection === undefined || connection.closed !== null) return;
    this.options.guarded(() => step(connection));
    this.balance();
  }

  private sink(): Sink {
    const { client, server } = this;
    const write = (to: Socket, bytes: Uint8Array): void => {
      if (to.writable) to.write(bytes);
    };
    return {
      toServer: (bytes) => write(server, bytes),
      toClient: (bytes) => write(client, bytes),
      endServer: () => server.end(),
      endClient: () => client.end(),
      close: (reason) => {
        client.destroySoon();
        // When a filter closes, Envoy drops what was on its way to the server; when a session ends, it sends the rest.
        if (reason === "ended") server.destroySoon();
        else server.destroy();
      },
    };
  }
}

/** "ip:port" as Envoy's `source.address` has it: IPv6 in brackets, IPv4 never mapped into IPv6. */
function endpoint(ip: string | undefined, port: number | undefined): string {
  const plain = (ip ?? "0.0.0.0").replace(/^::ffff:/, "");
  return plain.includes(":") ? `[${plain}]:${port ?? 0}` : `${plain}:${port ?? 0}`;
}

const NOTHING = new Uint8Array(0);
/** `idle_timeout` of Envoy's tcp_proxy: one hour by default. */
const IDLE_MS = 3_600_000;
