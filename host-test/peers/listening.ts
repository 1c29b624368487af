/** What servers of tests have in common: a free port of 127.0.0.1, and connections that end with them. */
import { once } from "node:events";
import type { Server, Socket } from "node:net";

export abstract class Listening {
  readonly #open = new Set<Socket>();

  protected constructor(private readonly server: Server) {}

  /** Begins to listen; `serve` gets each connection. */
  protected async listen(serve: (socket: Socket) => void): Promise<this> {
    this.server.on("connection", serve);
    await once(this.server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  /** Lets `socket` end with the server, and an error of its own be none of the test. */
  protected keep(socket: Socket): void {
    this.#open.add(socket.on("error", () => {}));
    socket.once("close", () => this.#open.delete(socket));
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Ends all connections and gives the port up. */
  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.#open) socket.destroy();
    await once(this.server, "close");
  }
}
