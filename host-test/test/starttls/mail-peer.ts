/** The ends of a session that changes to TLS in its middle: a mail server, and what makes a client's connection TLS. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, TLSSocket } from "node:tls";
import { Listening } from "../../peers/listening.js";
import { RawClient } from "../../peers/smtp-client.js";
import { within } from "../../peers/net.js";

/** Certificate and key, paths of PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Answers every line with "250 ok <line>", NOOP with "250 noop", and STARTTLS with "220 tls", after which it is TLS. */
export class MailPeer extends Listening {
  /** Lines received, each after "clear " or "tls "; those of a message are only counted. */
  readonly lines: string[] = [];
  /** Octets of messages. */
  octets = 0;

  private constructor(
    private readonly certificate: Certificate,
    private readonly inHelloPlace: string,
  ) {
    super(createServer());
  }

  /** @param inHelloPlace what it says in clear when it gets the client's hello; "close": it closes after its 220 */
  static async start(certificate: Certificate, inHelloPlace = ""): Promise<MailPeer> {
    const peer = new MailPeer(certificate, inHelloPlace);
    return peer.listen((socket) => {
      peer.keep(socket);
      peer.#serve(socket, "clear");
      socket.write("220 mx.example.test ESMTP\r\n");
    });
  }

  #serve(socket: Socket, how: "clear" | "tls"): void {
    let rest = "";
    let inData = false;
    const onLine = (line: string): void => {
      if (inData && line !== ".") return void (this.octets += line.length + 2);
      if (!inData) this.lines.push(`${how} ${line}`);
      if (line === "STARTTLS") {
        socket.off("data", onData);
        return void socket.write("220 tls\r\n", () => this.#encrypt(socket));
      }
      socket.write(`${this.#answer(line, inData)}\r\n`);
      inData = !inData && line === "DATA";
    };
    const onData = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    };
    socket.on("data", onData);
  }

  #answer(line: string, inData: boolean): string {
    if (inData) return "250 kept";
    return { NOOP: "250 noop", DATA: "354 go on", QUIT: "221 bye" }[line] ?? `250 ok ${line}`;
  }

  #encrypt(socket: Socket): void {
    if (this.inHelloPlace === "close") return void socket.end();
    if (this.inHelloPlace !== "") return void socket.once("data", () => socket.write(this.inHelloPlace));
    const { cert, key } = this.certificate;
    const secure = new TLSSocket(socket, {
      isServer: true,
      cert: readFileSync(cert),
      key: readFileSync(key),
    });
    secure.on("error", (error: Error & { code?: string }) => this.lines.push(`failed ${error.code}`));
    this.#serve(secure, "tls");
  }
}

/** A client's connection, in clear until `encrypt`. */
export class Talk {
  /** Speaks in clear, and after `encrypt` inside TLS. */
  client: RawClient;
  secure: TLSSocket | null = null;

  private constructor(readonly socket: Socket) {
    this.client = RawClient.over(socket);
  }

  static async open(port: number): Promise<Talk> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Talk(socket);
  }

  /** Takes the greeting and says STARTTLS. @returns what came before TLS, all of it */
  async askForTls(): Promise<string> {
    await this.client.reply();
    this.client.send("STARTTLS\r\n");
    await this.client.reply();
    return this.client.transcript;
  }

  /** Begins TLS. @throws Error when the handshake fails, or takes longer than 10 s */
  async encrypt(options: ConnectionOptions = {}): Promise<TLSSocket> {
    this.socket.removeAllListeners("data");
    const secure = connectTls({ socket: this.socket, host: "127.0.0.1", ...options });
    await within(once(secure, "secureConnect"), "the handshake");
    this.client = RawClient.over(secure);
    this.secure = secure;
    return secure;
  }

  destroy(): void {
    this.secure?.destroy();
    this.socket.destroy();
  }
}
