/** One end of a proxied connection: a socket that is read and written in clear until TLS takes it over. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** What happens at an end; `closed` is the last of it. */
export interface EndEvents {
  data(chunk: Buffer): void;
  ended(): void;
  /** What was written has left, or TLS is on: there is room again. */
  drained(): void;
  /** The connection broke, or there was none. */
  broke(error: Error): void;
  /** The handshake is over. @param version such as "TLSv1.3" */
  secured(version: string): void;
  /** There is no TLS after all, and `closed` follows. @param why for people */
  notSecured(why: string): void;
  closed(): void;
}

/** A socket that may be given to TLS while it is open. */
export class End {
  /** What is read from and written to; TLS once that has begun. */
  #socket: Socket;
  /** Bytes for the time after the handshake; null when there is none under way. */
  #waiting: Uint8Array[] | null = null;
  #endWaits = false;
  /** Of the socket that is read from and written to. */
  readonly #listeners: readonly (readonly [string, (chunk: Buffer) => void])[];
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    socket: Socket,
    private readonly events: EndEvents,
  ) {
    this.#socket = socket;
    this.#listeners = [
      ["data", (chunk) => events.data(chunk)],
      ["end", () => events.ended()],
      ["drain", () => events.drained()],
    ];
    this.#listen(socket);
    // "close" follows and says the same, but for the reason.
    socket.on("error", (error) => {
      if (this.#socket === socket) events.broke(error);
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#closed();
    });
  }

  get isClosed(): boolean {
    return this.#socket.closed;
  }

  /** Whether there is no room for more bytes, as during a handshake. */
  get isFull(): boolean {
    return this.#waiting !== null || this.#socket.writableNeedDrain;
  }

  write(bytes: Uint8Array): void {
    if (this.#waiting !== null) this.#waiting.push(bytes);
    else if (this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    if (this.#waiting !== null) this.#endWaits = true;
    else this.#socket.end();
  }

  /** A handshake is read on: the other end may be waiting for it. */
  pause(): void {
    if (this.#waiting === null) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes once everything is written; bytes for the time after a handshake that is not over are lost. */
  destroySoon(): void {
    if (this.#waiting === null) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  /**
   * Gives the socket to TLS, once everything that was written so far has left in clear.
   * @param unread bytes from the socket that nobody has read: the beginning of the handshake
   * @param wrap makes the TLS socket around it
   */
  startTls(unread: Uint8Array, wrap: (socket: Socket) => Wrapped): void {
    const socket = this.#socket;
    this.#waiting = [];
    for (const [event, listener] of this.#listeners) socket.off(event, listener);
    socket.pause();
    if (unread.length > 0) socket.unshift(unread);
    const begin = (): void => {
      if (!socket.destroyed) this.#secure(wrap(socket));
    };
    if (socket.writableLength === 0) begin();
    else socket.write("", begin);
  }

  #secure({ socket, done }: Wrapped): void {
    this.#socket = socket;
    this.#deadline = setTimeout(() => this.#failed("the handshake takes too long"), HANDSHAKE_MS);
    socket.once(done, () => {
      clearTimeout(this.#deadline);
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      this.events.secured(socket.getProtocol() ?? "");
      for (const bytes of waiting) this.write(bytes);
      if (this.#endWaits) this.end();
      this.events.drained();
    });
    // A server's handshake says so, a client's is an error of its socket.
    socket.on("_tlsError", (error: Error) => this.#failed(reasonOf(error)));
    socket.on("error", (error) => {
      if (this.#waiting === null) this.events.broke(error);
      else this.#failed(reasonOf(error));
    });
    socket.on("close", () => this.#closed());
    this.#listen(socket);
    socket.resume();
  }

  #failed(why: string): void {
    if (this.#waiting === null) return;
    this.#waiting = null;
    this.events.notSecured(why);
    this.#socket.destroy();
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    this.#failed("the connection was closed before the handshake was over");
    this.events.closed();
  }

  #listen(socket: Socket): void {
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    socket.setTimeout(IDLE_MS, () => this.destroy());
  }
}

/** A TLS socket whose handshake has begun. */
export interface Wrapped {
  socket: TLSSocket;
  /** The event that says that the handshake is over and the peer's certificate accepted. */
  done: "secure" | "secureConnect";
}

/** OpenSSL's reason without the place in its source, such as "wrong version number". */
export function reasonOf(error: Error): string {
  const { reason } = error as { reason?: unknown };
  return typeof reason === "string" ? reason : error.message;
}

/** `idle_timeout` of Envoy's tcp_proxy: one hour by default. */
const IDLE_MS = 3_600_000;
/** `handshakeTimeout` of Node's own TLS server: two minutes by default. */
const HANDSHAKE_MS = 120_000;
