import { concat } from "./buffer.js";
import type { ConnectionObserver, Sink } from "./connect-options.js";
import type { Side } from "./tls.js";

/** One direction: bytes written in this turn wait in `pending` until the socket is flushed. */
export class Direction {
  ended = false;
  /** The end of stream is written, perhaps not flushed yet. */
  ending = false;
  /** Bytes, and what else is to happen between them. */
  #pending: (Uint8Array | (() => void))[] = [];
  #kept: Uint8Array[] = [];

  constructor(
    private readonly write: ((bytes: Uint8Array) => void) | null,
    private readonly finish: (() => void) | null,
    private readonly watch: ((bytes: Uint8Array) => void) | null,
  ) {}

  push(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.ending) this.#pending.push(bytes);
  }

  /** Calls `act` once everything that was pushed so far is written, before what is pushed later. */
  then(act: () => void): void {
    this.#pending.push(act);
  }

  end(): void {
    this.ending = true;
  }

  flush(): void {
    // `write` may call back and add to the list; what it adds is sent in this same pass.
    for (let i = 0; i < this.#pending.length; i++) {
      const bytes = this.#pending[i] as Uint8Array | (() => void);
      if (typeof bytes === "function") {
        bytes();
        continue;
      }
      this.watch?.(bytes);
      if (this.write === null) this.#kept.push(bytes);
      else this.write(bytes);
    }
    this.#pending.length = 0;
    if (this.ending && !this.ended) {
      this.ended = true;
      this.finish?.();
    }
  }

  all(): Uint8Array {
    if (this.#kept.length > 1) this.#kept = [concat(this.#kept)];
    return this.#kept[0] ?? new Uint8Array(0);
  }
}

/** Both directions of a connection. */
export class Outlet {
  readonly server: Direction;
  readonly client: Direction;
  #closeTold = false;

  constructor(
    private readonly sink: Sink | undefined,
    private readonly observer: ConnectionObserver | undefined,
  ) {
    const watch = (side: Side): ((bytes: Uint8Array) => void) | null =>
      observer ? (bytes) => observer.goesTo(side, bytes) : null;
    this.server = new Direction(
      sink ? (bytes) => sink.toServer(bytes) : null,
      sink ? () => sink.endServer() : null,
      watch("server"),
    );
    this.client = new Direction(
      sink ? (bytes) => sink.toClient(bytes) : null,
      sink ? () => sink.endClient() : null,
      watch("client"),
    );
  }

  /** What is pushed to `side` from now on is inside TLS. @param unread what this side sent and the filter has not read */
  startTls(side: Side, unread: () => Uint8Array): void {
    this[side].then(() => {
      this.observer?.startsTls(side);
      this.sink?.startTls?.(side, unread());
    });
  }

  flush(): void {
    this.server.flush();
    this.client.flush();
  }

  close(reason: string): void {
    if (this.#closeTold) return;
    this.#closeTold = true;
    this.observer?.closes(reason);
    this.sink?.close(reason);
  }
}
