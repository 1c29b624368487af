import type { ConnectionObserver, ConnectOptions } from "./connect-options.js";
import { Connection } from "./connection.js";
import type { RootContext } from "./root.js";
import type { Side } from "./tls.js";

/** A connection with an observer. */
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

  #turn(side: Side, bytes: Uint8Array, end: boolean, act: () => void): void {
    if (this.closed !== null) return;
    this.#observer.said(side, bytes, end);
    try {
      act();
    } finally {
      this.#observer.settled();
    }
  }
}
