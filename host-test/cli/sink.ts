/** The two servers behind the demo: one that accepts and reports every message, one with a bad greeting. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { printable } from "../workbench/printable.js";

/** A message that reached the server. Subject and addresses come from the client: print them with `printable`. */
export interface Arrived {
  from: string;
  to: string[];
  subject: string;
  /** Bytes of the message as received. */
  size: number;
}

/** A server on a free port of 127.0.0.1. */
export interface Sink {
  port: number;
  stop(): Promise<void>;
}

/** Starts a mail server that accepts every recipient, keeps nothing and calls `arrived` for each message. */
export async function startMailSink(arrived: (message: Arrived) => void): Promise<Sink> {
  const server = new SMTPServer({
    authOptional: true,
    banner: "demo mail server",
    disableReverseLookup: true,
    // Above the usual limit of a mail server (Postfix: 10 MB), so that the demo is no narrower than the real thing.
    size: 32 * 1024 * 1024,
    logger: false,
    onData(stream, session, done) {
      void measure(stream).then(({ size, subject }) => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        arrived({ from, to: rcptTo.map((recipient) => recipient.address), subject, size });
        done();
      }, done);
    },
  });
  // Clients' broken TLS handshakes and resets do not matter here; the filter sees them.
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return {
    port: portOf(listening),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Starts a server that sends `greeting` and then answers only 500, until the client leaves. */
export async function startBadSink(greeting: string): Promise<Sink> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(`${greeting}\r\n`);
    socket.on("data", (chunk) => {
      if (/^quit\b/im.test(chunk.toString("latin1"))) socket.end("221 bye\r\n");
      else socket.write("500 what?\r\n");
    });
    // For a client that sends nothing: a client's own limit (RFC 5321 4.5.3.2.1) serves for the server too.
    socket.setTimeout(5 * 60_000, () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** `delivered from … to … "subject", 512 bytes`, safe for a terminal. */
export function arrivedLine({ from, to, subject, size }: Arrived): string {
  const recipients = to.length > 3 ? `${to.slice(0, 3).join(", ")} and ${to.length - 3} more` : to.join(", ");
  return `delivered  from <${printable(from, 80)}> to ${printable(recipients)} "${printable(subject, 80)}", ${size} bytes`;
}

/** Reads a message to its end, but keeps only the start of its header. */
async function measure(stream: SMTPServerDataStream): Promise<{ size: number; subject: string }> {
  let head = "";
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (head.length < HEAD_LIMIT) head += chunk.toString("latin1", 0, HEAD_LIMIT - head.length);
  }
  const header = head.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const subject = /^subject:[ \t]*(.*(?:\r?\n[ \t].*)*)/im.exec(header)?.[1] ?? "";
  return { size, subject: subject.replace(/\r?\n[ \t]+/g, " ").trim() };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** A subject after this many bytes is not worth a demo's memory. */
const HEAD_LIMIT = 64 * 1024;
