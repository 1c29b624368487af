/** Mail for the tests: messages that are awkward but legitimate, and a server that keeps them byte for byte. */
import { once } from "node:events";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { waitFor } from "./net.js";

/** A message as the npm server received it. */
export interface Kept {
  from: string;
  to: string[];
  /** Unstuffed, one character a byte. */
  content: string;
  /** User name of AUTH, if any. */
  user: string | undefined;
  secure: boolean;
}

/** An npm smtp-server that keeps what it gets. Accepts the user `tester` with the password `secret`. */
export class KeepingServer {
  readonly kept: Kept[] = [];

  private constructor(
    readonly port: number,
    private readonly server: SMTPServer,
  ) {}

  /** Starts on a free port of 127.0.0.1. */
  static async start(options: SMTPServerOptions = {}): Promise<KeepingServer> {
    const keep: { self?: KeepingServer } = {};
    const server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      logger: false,
      onAuth({ username, password }, _session, done) {
        if (username === "tester" && password === "secret") done(null, { user: username });
        else done(new Error("wrong credentials"));
      },
      onData(stream, session, done) {
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => parts.push(part));
        stream.on("error", done);
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          keep.self?.kept.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map((recipient) => recipient.address),
            content: Buffer.concat(parts).toString("latin1"),
            user: session.user,
            secure: session.secure,
          });
          done();
        });
      },
      ...options,
    });
    server.on("error", () => {});
    const listening = server.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    keep.self = new KeepingServer(address.port, server);
    return keep.self;
  }

  /** Waits for `count` messages in all. */
  async received(count: number): Promise<Kept[]> {
    await waitFor(() => this.kept.length >= count, `${count} messages at the npm server`);
    return this.kept;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** A message with everything that tempts a filter to alter or misread it. Lines end in CRLF, bytes are Latin-1. */
export const AWKWARD = [
  "From: Alice <alice@example.org>",
  "To: Bob <bob@example.test>",
  "Subject: =?utf-8?q?caf=C3=A9?=",
  "MIME-Version: 1.0",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: 8bit",
  "",
  "..a line that began with two dots",
  ".",
  "..",
  "QUIT",
  "RCPT TO:<root>",
  "X-EXPS GSSAPI",
  "STARTTLS",
  "220 no greeting",
  "caf\u00c3\u00a9 \u00e2\u0082\u00ac",
  "\ttab and trailing blanks  ",
  "x".repeat(998),
  "",
  "the end",
  "",
].join("\r\n");

/** A message of about `bytes` bytes: numbered lines, so that a lost or doubled piece shows. */
export function bigMessage(bytes: number): string {
  const lines = ["From: <alice@example.org>", "Subject: big", ""];
  let size = lines.join("\r\n").length;
  for (let index = 0; size < bytes; index++) {
    const line = `${index % 7 === 0 ? "." : ""}${String(index).padStart(8, "0")} ${"abcdefghij".repeat(6)}`;
    lines.push(line);
    size += line.length + 2;
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** How a message looks between DATA and its end: dots doubled (RFC 5321 4.5.2), then the final dot. */
export const stuffed = (content: string): string => `${content.replace(/^\./gm, "..")}.\r\n`;
