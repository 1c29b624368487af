/** A mail server that says STARTTLS and its replies as a test wants them, and notes what it got in clear and inside TLS. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

export interface ServerWords {
  /** Its greeting; anything may follow in the same segment. */
  greeting?: string;
  /** Its reply to EHLO in clear. */
  ehlo?: string;
  /** Its reply to STARTTLS; one that begins with 220 and is nothing more leads to TLS. */
  starttls?: string;
  /** Its reply to EHLO inside TLS. */
  inside?: string;
}

const WORDS: Required<ServerWords> = {
  greeting: "220 mx.example.test ESMTP\r\n",
  ehlo: "250-mx.example.test\r\n250 STARTTLS\r\n",
  starttls: "220 2.0.0 go\r\n",
  inside: "250 mx.example.test\r\n",
};

export class ClearServer {
  /** Lines, those inside TLS after "tls ". */
  readonly got: string[] = [];
  readonly #words: Required<ServerWords>;
  port = 0;

  private constructor(
    words: ServerWords,
    private readonly pair: { cert: Buffer; key: Buffer },
  ) {
    this.#words = { ...WORDS, ...words };
  }

  /** Ends with the test. */
  static async start(pair: { cert: Buffer; key: Buffer }, words: ServerWords = {}): Promise<ClearServer> {
    const server = new ClearServer(words, pair);
    const open = new Set<Socket>();
    const listener = createServer((socket) => {
      open.add(socket.on("error", () => {}));
      server.#serve(socket, "");
      socket.write(server.#words.greeting);
    });
    await once(listener.listen(0, "127.0.0.1"), "listening");
    server.port = (listener.address() as AddressInfo).port;
    onTestFinished(() => {
      listener.close();
      for (const socket of open) socket.destroy();
    });
    return server;
  }

  #serve(socket: Socket, mark: string): void {
    let rest = "";
    const onData = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.got.push(mark + line);
        if (line === "STARTTLS" && mark === "") {
          socket.write(this.#words.starttls);
          if (!/^220 [^\n]*\n$/.test(this.#words.starttls)) continue;
          socket.off("data", onData);
          const secure = new TLSSocket(socket, { isServer: true, ...this.pair });
          secure.on("error", () => this.got.push("handshake failed"));
          return this.#serve(secure, "tls ");
        }
        socket.write(this.#answer(line, mark));
        if (line === "QUIT") socket.end();
      }
    };
    socket.on("data", onData);
  }

  #answer(line: string, mark: string): string {
    if (line.startsWith("EHLO")) return mark === "" ? this.#words.ehlo : this.#words.inside;
    if (line.startsWith("AUTH")) return "235 2.7.0 welcome\r\n";
    return line === "QUIT" ? "221 2.0.0 bye\r\n" : `250 2.0.0 ${line}\r\n`;
  }
}
