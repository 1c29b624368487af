/** A relay before a mail server that changes its words once a connection: what no healthy server says. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Words of the server and what stands in their place, each used once a connection, in this order. */
export type Alterations = [words: string, instead: string][];

/** Listens on a free port of 127.0.0.1. */
export class AlteringRelay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async start(upstream: number, alterations: Alterations): Promise<AlteringRelay> {
    const server = createServer({ noDelay: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const relay = new AlteringRelay(address.port, server);
    server.on("connection", (client) => relay.join(client, upstream, [...alterations]));
    return relay;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private join(client: Socket, port: number, left: Alterations): void {
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    // A reply of Postfix comes in one read.
    server.on("data", (chunk) => {
      let text = chunk.toString("latin1");
      for (let next = left[0]; next !== undefined && text.includes(next[0]); next = left[0]) {
        const [words, instead] = next;
        text = text.replace(words, () => instead);
        left.shift();
      }
      client.write(text, "latin1");
    });
    server.on("end", () => client.end());
  }
}
