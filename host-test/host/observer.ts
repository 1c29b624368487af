import type { ConnectOptions } from "./connect-options.js";
import { Connection } from "./connection.js";
import type { RootContext } from "./root.js";

/**
 * Told what one connection does, in the order in which it happens; changes nothing, and must not call it. A sink that
 * calls the connection back puts a turn inside the turn.
 */
export interface ConnectionObserver {
  /** One side has sent these bytes, or ended its stream; the filter is asked about them next, and `settled` follows. */
  said(side: "client" | "server", bytes: Uint8Array, end: boolean): void;
  /** Bytes go out to a side, from the other or from the filter; also between `settled` and `said`, at a deadline. */
  goesTo(side: "client" | "server", bytes: Uint8Array): void;
  /** The filter logs a line in a callback about this connection. */
  logs(message: string): void;
  /** All has been told that came of what `said` told. */
  settled(): void;
  /** The connection is closed; the reasons are those of `Connection.closed`. */
  closes(reason: string): void;
}

/** A connection that somebody watches. */
export class ObservedConnection extends Connection {
  readonly #observer: ConnectionObserver;

  constructor(root: RootContext, id: number, options: ConnectOptions & { observer: ConnectionObserver }) {
    super(root, id, options);
    this.#observer = options.observer;
  }

  override fromClient(bytes: Uint8Array, end = false): void {
    this.#turn("client", bytes, end, () => super.fromClient(bytes, end));
  }

  override fromServer(bytes: Uint8Array, end = false): void {
    this.#turn("server", bytes, end, () => super.fromServer(bytes, end));
  }

  #turn(side: "client" | "server", bytes: Uint8Array, end: boolean, act: () => void): void {
    if (this.closed !== null) return;
    this.#observer.said(side, bytes, end);
    try {
      act();
    } finally {
      this.#observer.settled();
    }
  }
}
