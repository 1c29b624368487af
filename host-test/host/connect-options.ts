/** What a connection is opened with, and whom it reports to. */
import type { Side } from "./tls.js";

/** Where a connection's bytes go; called while the module is not running, so it may call the connection back. */
export interface Sink {
  toServer(bytes: Uint8Array): void;
  toClient(bytes: Uint8Array): void;
  endServer(): void;
  endClient(): void;
  /**
   * TLS starts on a side, as server towards the client and as client towards the server: what was written before has left
   * in clear, what is written from now on is inside. From this side the connection now wants the bytes inside TLS, and
   * `Connection.secured` once the handshake is over.
   * @param unread bytes in clear that this side sent and the filter has not read; they belong to the handshake
   */
  startTls?(side: Side, unread: Uint8Array): void;
  close(reason: string): void;
}

/**
 * Gets what one connection does, in the order in which it happens. It changes nothing and must not call the connection.
 * A sink that calls the connection back starts a turn inside the turn.
 */
export interface ConnectionObserver {
  /** One side has sent these bytes, or ended its stream; the filter is called for them next, and `settled` follows. */
  said(side: Side, bytes: Uint8Array, end: boolean): void;
  /** Bytes go out to a side, from the other or from the filter; at a deadline also between `settled` and `said`. */
  goesTo(side: Side, bytes: Uint8Array): void;
  /** TLS starts on a side: what goes to it from now on, and what it says, is inside. */
  startsTls(side: Side): void;
  /** The filter logs a line in a callback about this connection. */
  logs(message: string): void;
  /** Everything that follows from the last `said` has been reported. */
  settled(): void;
  /** The connection is closed; the reasons are those of `Connection.closed`. */
  closes(reason: string): void;
}

export interface ConnectOptions {
  /** "192.0.2.10:40000" or "[2001:db8::1]:40000". */
  sourceAddress?: string;
  destinationAddress?: string;
  upstreamAddress?: string;
  /**
   * Whether the connection can be sent to another cluster (filter state `envoy.tcp_proxy.cluster`), as by Envoy's tcp_proxy; by
   * default it can. If not, Envoy's function for it is not there, and the filter does what it does without.
   */
  routes?: boolean;
  /** Which worker accepts the connection; 0 by default. */
  worker?: number;
  /** Gets the bytes as they come out; without it they are kept in `toServer` and `toClient`. */
  sink?: Sink;
  /** Properties that replace the host's own; path segments separated by NUL, values encoded. */
  properties?: Record<string, Uint8Array>;
  /** `per_connection_buffer_limit_bytes`: above it a held connection is not read. Default 65,536. */
  bufferLimit?: number;
  /** The sides that begin in clear and can start TLS, as with the switch in Envoy; none by default. */
  startTls?: readonly Side[];
  /** The client speaks TLS from the start, as on port 465: the version, such as "TLSv1.3". */
  tlsVersion?: string;
  /** Gets what the connection does. */
  observer?: ConnectionObserver;
}
