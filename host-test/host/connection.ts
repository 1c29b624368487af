import { PeerType } from "./abi.js";
import { EditBuffer } from "./buffer.js";
import type { ConnectOptions } from "./connect-options.js";
import { Facts } from "./facts.js";
import { Outlet } from "./outlet.js";
import { ResponseFlag } from "./properties.js";
import type { RootContext } from "./root.js";
import type { StreamOwner } from "./stream.js";
import { StreamContext } from "./stream.js";
import type { Side } from "./tls.js";
import { Waiting } from "./waiting.js";

/** Envoy reads a socket in slices of this size until the buffer limit is reached. */
const READ_SLICE = 16_384;

/**
 * One TCP connection: Envoy's connection to the client, our filter, and tcp_proxy with its connection to the
 * server. Every public call is one turn of the event loop; it throws WasmTrap if the module trapped in it.
 */
export class Connection extends Facts implements StreamOwner {
  readonly #root: RootContext;
  readonly #stream: StreamContext;
  readonly #out: Outlet;
  readonly #limit: number;
  /** The read buffers of the two sockets. */
  readonly #fromClient = new EditBuffer();
  readonly #fromServer = new EditBuffer();
  readonly #clientSocket = new Waiting();
  readonly #serverSocket = new Waiting();
  #clientSentEnd = false;
  #serverSentEnd = false;
  #clientEndRead = false;
  #serverEndRead = false;
  #connecting = false;
  #unsettled = false;
  /** The filter asked for it; it comes after what the filter writes in this callback. */
  #startsClientTls = false;
  #closed: string | null = null;

  constructor(root: RootContext, connectionId: number, options: ConnectOptions) {
    super(connectionId, root.vm.env.clock.nowNs(), options);
    this.#limit = options.bufferLimit ?? 65_536;
    this.#out = new Outlet(options.sink, options.observer);
    this.#root = root;
    this.#stream = new StreamContext(root, this, options.observer);
    root.connections.add(this);
    root.vm.call(this.#stream, "proxy_on_context_create", this.#stream.id, root.id);
    const stop = root.vm.call(this.#stream, "proxy_on_new_connection", this.#stream.id) ?? 0;
    // tcp_proxy connects to the server only after this filter has let the new connection through.
    if (stop === 0 && this.#closed === null) this.upstreamConnected = true;
  }

  /** All bytes that reached the server so far. Kept only when there is no sink. */
  get toServer(): Uint8Array {
    return this.#out.server.all();
  }

  get toClient(): Uint8Array {
    return this.#out.client.all();
  }

  /** The server has seen the client's end of stream. */
  get serverEnded(): boolean {
    return this.#out.server.ended;
  }

  get clientEnded(): boolean {
    return this.#out.client.ended;
  }

  /** Why the connection is closed, in both directions; null while it is open. */
  get closed(): string | null {
    return this.#closed;
  }

  /** One read from the client's socket. The array must not be changed afterwards. */
  fromClient(bytes: Uint8Array, end = false): void {
    if (this.#closed !== null || this.#clientSentEnd) return;
    this.#clientSentEnd = end;
    if (this.#clientSocket.isEmpty && this.#readsClient()) this.#readClient(bytes, end);
    else this.#clientSocket.push(bytes);
    this.#root.vm.endTurn();
  }

  /** One read from the server's socket. */
  fromServer(bytes: Uint8Array, end = false): void {
    if (this.#closed !== null || this.#serverSentEnd) return;
    this.#serverSentEnd = end;
    if (this.upstreamConnected) this.#readServer(bytes, end);
    else this.#serverSocket.push(bytes);
    this.#root.vm.endTurn();
  }

  clientReset(): void {
    this.#close("client_reset", PeerType.Remote);
    this.#root.vm.endTurn();
  }

  /** The server reset its connection; the client sees an end, not a reset. @param failure of TLS with it, in words */
  serverReset(failure = ""): void {
    if (this.#closed === null) this.responseFlags |= ResponseFlag.UpstreamReset;
    this.upstreamFailure = failure;
    this.#close("server_reset", PeerType.Local);
    this.#root.vm.endTurn();
  }

  /** Envoy itself closes the connection: its listener is drained. */
  drain(): void {
    this.#close("filter_chain_is_being_removed", PeerType.Local);
    this.#root.vm.endTurn();
  }

  /** `continueReading` of the filter callbacks: the next filter gets what is held; our filter is not called again. */
  continueReading(): void {
    if (this.#closed !== null) return;
    if (this.upstreamConnected) this.#forward();
    else this.#connecting = true;
    this.#needsSettling();
  }

  /** What goes to the server after this is inside TLS; to the client, what follows this callback's bytes. */
  startTls(side: Side): void {
    if (side === "server") this.#out.startTls(side, () => this.#serverSocket.take());
    else this.#startsClientTls = true;
  }

  /** `connection().close()` of the filter: tcp_proxy still writes what it has already got for the server. */
  closeByFilter(reason: string): void {
    this.#close(reason, PeerType.Local);
  }

  #readsClient(): boolean {
    return this.upstreamConnected && this.#fromClient.length <= this.#limit;
  }

  #readClient(bytes: Uint8Array, end: boolean): void {
    this.rxBytes += bytes.length;
    this.#fromClient.append(bytes);
    this.#clientEndRead = end;
    if (bytes.length === 0 && !end) return;
    const stream = this.#stream;
    stream.downstream = this.#fromClient;
    const stop = this.#call("proxy_on_downstream_data", this.#fromClient.length, end);
    if (this.#closed !== null) return;
    if (stop === 0) {
      stream.downstream = null;
      this.#forward();
    }
    // Both halves are done on the client's side: Envoy closes, whatever the filter still holds.
    if (end && this.#out.client.ending) this.#close("ended", PeerType.Remote);
  }

  /** tcp_proxy handles what the client sent. */
  #forward(): void {
    this.#out.server.push(this.#fromClient.take());
    if (this.#clientEndRead) this.#out.server.end();
    this.#needsSettling();
  }

  #readServer(bytes: Uint8Array, end: boolean): void {
    this.#fromServer.append(bytes);
    this.#serverEndRead = end;
    if (bytes.length === 0 && !end) return;
    const stream = this.#stream;
    stream.upstream = this.#fromServer;
    const stop = this.#call("proxy_on_upstream_data", this.#fromServer.length, end);
    if (stop === 0) stream.upstream = null;
    // Called even for a context that this same callback closed (Envoy's Context::onWrite).
    if (end) this.#root.vm.call(stream, "proxy_on_upstream_connection_close", stream.id, PeerType.Unknown);
    if (this.#closed !== null || stop !== 0) return;
    const written = this.#fromServer.take();
    this.txBytes += written.length;
    this.#out.client.push(written);
    if (this.#startsClientTls) {
      this.#startsClientTls = false;
      this.#out.startTls("client", () => this.#clientSocket.take());
    }
    if (end) this.#out.client.end();
    this.#needsSettling();
  }

  #call(name: string, length: number, end: boolean): number {
    return this.#root.vm.call(this.#stream, name, this.#stream.id, length, end ? 1 : 0) ?? 0;
  }

  #close(reason: string, peer: number): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    const { vm } = this.#root;
    const stream = this.#stream;
    vm.call(stream, "proxy_on_downstream_connection_close", stream.id, peer);
    for (const name of ["proxy_on_done", "proxy_on_log", "proxy_on_delete"]) vm.call(stream, name, stream.id);
    this.#root.connections.delete(this);
    this.#needsSettling();
  }

  #needsSettling(): void {
    if (this.#unsettled) return;
    this.#unsettled = true;
    this.#root.vm.unsettled(this);
  }

  /** What the event loop does next: flush both sockets, read what waits, notice the end of both halves. */
  settle(): void {
    this.#unsettled = false;
    this.#out.flush();
    if (this.#closed !== null) {
      this.#stream.downstream = this.#stream.upstream = null;
      this.#root.vm.contexts.delete(this.#stream.id);
      this.#fromClient.take();
      this.#out.close(this.#closed);
      return;
    }
    if (this.#connecting) {
      this.#connecting = false;
      this.upstreamConnected = true;
    }
    if (this.#serverEndRead && this.#out.server.ended) {
      this.#close("ended", PeerType.Local);
    } else {
      this.#readWaiting();
    }
  }

  /** Resumes reading after it was disabled: the client's socket first, then the server's. */
  #readWaiting(): void {
    const endWaits = this.#clientSentEnd && !this.#clientEndRead;
    if (this.#readsClient() && (!this.#clientSocket.isEmpty || endWaits)) {
      const slice = this.#clientSocket.take(Math.ceil(Math.max(this.#limit, 1) / READ_SLICE) * READ_SLICE);
      this.#readClient(slice, this.#clientSentEnd && this.#clientSocket.isEmpty);
      this.#needsSettling();
    } else if (this.upstreamConnected && !this.#serverSocket.isEmpty) {
      this.#readServer(this.#serverSocket.take(), this.#serverSentEnd);
      this.#needsSettling();
    }
  }
}
