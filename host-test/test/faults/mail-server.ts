/** A mail server that keeps what it accepts, message by message, and does wrong what a test asks of it. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** What the server is about to answer: a command, by its verb, or one of these. */
export type Stage = "greeting" | "end of data" | "chunk" | (string & {});

/** Answers in place of the server. `reply` is what it would have said, with its CRLF. The next reply waits for this one. */
export type Fault = (socket: Socket, reply: string) => void | Promise<void>;

export interface ServerOptions {
  /** With these, the server speaks TLS from the first octet. */
  tls?: TlsOptions;
  /** Where it listens on 127.0.0.1; a free port by default. */
  port?: number;
  /** The fault for this reply, if any; the number of the connection counts from 0. */
  fault?: (stage: Stage, connection: number) => Fault | undefined;
}

const REPLIES: Record<string, string> = {
  HELO: "250 mx.example.test\r\n",
  EHLO: "250-mx.example.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-AUTH LOGIN\r\n250 STARTTLS\r\n",
  DATA: "354 go ahead\r\n",
  AUTH: "334 VXNlcm5hbWU6\r\n",
  STARTTLS: "220 ready\r\n",
  QUIT: "221 bye\r\n",
  XADR: "500 unknown here\r\n",
};

export class MailServer {
  /** The content of each message that was accepted, in order: unstuffed, one character an octet. */
  readonly kept: string[] = [];
  /** The first line of each connection, when it is a PROXY header of version 1. */
  readonly proxyHeaders: string[] = [];
  /** Connections in all. */
  connections = 0;
  readonly #open = new Set<Socket>();
  #port = 0;

  private constructor(
    private readonly server: Server,
    readonly options: ServerOptions,
  ) {
    const event = options.tls === undefined ? "connection" : "secureConnection";
    server.on(event, (socket: Socket) => this.#serve(socket));
  }

  /** Starts listening. */
  static async start(options: ServerOptions = {}): Promise<MailServer> {
    const { tls } = options;
    // A client that has sent its last octet still wants its replies.
    const half = { allowHalfOpen: true };
    const server = tls === undefined ? createServer(half) : createTlsServer({ ...tls, ...half });
    const self = new MailServer(server, options);
    server.listen(options.port ?? 0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    self.#port = address.port;
    return self;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#open.size;
  }

  /** Ends all connections. */
  hangUp(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Ends all connections and gives the port up. */
  async stop(): Promise<void> {
    this.hangUp();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, "close");
  }

  #serve(socket: Socket): void {
    const number = this.connections++;
    this.#open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#open.delete(socket));
    let said: void | Promise<void>;
    const answer = (stage: Stage, reply: string): void | Promise<void> => {
      const fault = this.options.fault?.(stage, number);
      if (fault !== undefined) return fault(socket, reply);
      if (stage === "QUIT") socket.end(reply, "latin1");
      else socket.write(reply, "latin1");
    };
    const reader = new Reader(
      (stage, reply) => {
        said = said instanceof Promise ? said.then(() => answer(stage, reply)) : answer(stage, reply);
      },
      (content) => this.kept.push(content),
      (header) => this.proxyHeaders.push(header),
    );
    socket.on("data", (chunk) => reader.read(chunk.toString("latin1")));
    socket.on("end", () => socket.end());
    reader.greet();
  }
}

/** What the octets of one connection mean. */
class Reader {
  #mode: "command" | "data" | "auth" | "tls" = "command";
  #rest = "";
  #chunkLeft = 0;
  #content = "";
  #last = false;

  constructor(
    private readonly say: (stage: Stage, reply: string) => void,
    private readonly keep: (content: string) => void,
    private readonly header: (line: string) => void,
  ) {}

  greet(): void {
    this.say("greeting", "220 mx.example.test ESMTP\r\n");
  }

  read(text: string): void {
    this.#rest += text;
    while (this.#step());
  }

  /** @returns whether there was something whole to take */
  #step(): boolean {
    if (this.#mode === "tls") return false;
    if (this.#mode === "data") return this.#data();
    if (this.#chunkLeft > 0) return this.#chunk();
    const end = this.#rest.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 2);
    this.#line(line);
    return true;
  }

  #line(line: string): void {
    if (this.#mode === "auth") {
      this.#mode = "command";
      return this.say("credentials", "535 5.7.8 no\r\n");
    }
    if (line.startsWith("PROXY ")) return this.header(line);
    const verb = line.split(" ")[0]?.toUpperCase() ?? "";
    const bdat = /^BDAT (\d+)( LAST)?$/i.exec(line);
    if (bdat !== null) {
      this.#chunkLeft = Number(bdat[1]);
      this.#last = bdat[2] !== undefined;
      return;
    }
    if (verb === "DATA") this.#mode = "data";
    if (verb === "AUTH") this.#mode = "auth";
    if (verb === "STARTTLS") this.#mode = "tls";
    if (verb === "MAIL") this.#content = "";
    this.say(verb, REPLIES[verb] ?? "250 ok\r\n");
  }

  #data(): boolean {
    const whole = this.#rest.startsWith(".\r\n") ? 0 : this.#rest.indexOf("\r\n.\r\n") + 2;
    if (whole === 1) return false;
    const content = this.#rest.slice(0, whole).replace(/^\./gm, "");
    this.#rest = this.#rest.slice(whole + 3);
    this.#mode = "command";
    this.keep(content);
    this.say("end of data", "250 2.0.0 kept\r\n");
    return true;
  }

  #chunk(): boolean {
    const piece = this.#rest.slice(0, this.#chunkLeft);
    this.#rest = this.#rest.slice(piece.length);
    this.#content += piece;
    this.#chunkLeft -= piece.length;
    if (this.#chunkLeft > 0) return false;
    if (this.#last) this.keep(this.#content);
    this.say(this.#last ? "end of data" : "chunk", "250 2.0.0 kept\r\n");
    return true;
  }
}
