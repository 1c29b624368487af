/**
 * Both ends of many sessions, each in a process of its own: `node scale-envoy-ends.js server|client tcp|http2`.
 * They get their orders over Node's channel between parent and child. In http2, sessions are CONNECT streams: one
 * process then needs a file descriptor for hundreds of sessions instead of one each.
 */
import { connect as connectHttp2, createServer as createHttp2, type ClientHttp2Session } from "node:http2";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";

/** How sessions get in and out of Envoy. */
export type Carrier = "tcp" | "http2";

/** The parent's orders for the client; each is answered by `Told` when it is done. */
export type Order =
  | { what: "open"; port: number; sessions: number; /** Changes the source address. */ round: number }
  | { what: "close" };

export type Told = { what: "listening"; port: number } | { what: "done" } | { what: "failed"; why: string };

/** Sessions that are opened or closed at the same time: a limited pace, below any backlog. */
const AT_ONCE = 100;
/** Below the streams that a connection may have at both ends. */
const STREAMS = 500;
/** Connections from one source address: well below Linux's 28,232 ephemeral ports. */
const PER_ADDRESS = 10_000;
/** Megabytes that Node lets one HTTP/2 connection use; its 10 are too few for `STREAMS`. */
const HTTP2_MEMORY = 1000;

const tell = (message: Told): void => void process.send?.(message);

function serve(stream: Duplex): void {
  let line = "";
  stream.on("error", () => stream.destroy());
  stream.write("220 server.example.test ESMTP\r\n");
  stream.on("data", (chunk: Buffer) => {
    line += chunk.toString("latin1");
    if (!line.endsWith("\r\n")) return;
    if (/^QUIT/i.test(line)) stream.end("221 2.0.0 Bye\r\n");
    else stream.write("250 server.example.test\r\n");
    line = "";
  });
}

function startServer(carrier: Carrier): void {
  const server: Server =
    carrier === "tcp"
      ? createServer(serve)
      : (createHttp2({ maxSessionMemory: HTTP2_MEMORY }).on("stream", (stream) => {
          stream.respond({ ":status": 200 });
          serve(stream);
        }) as unknown as Server);
  server.listen(0, "127.0.0.1", 4096, () => {
    tell({ what: "listening", port: (server.address() as AddressInfo).port });
  });
}

const open: Duplex[] = [];
const carriers: ClientHttp2Session[] = [];

function newStream(carrier: Carrier, port: number, index: number, round: number): Duplex {
  if (carrier === "tcp") {
    const localAddress = `127.${1 + round}.${1 + Math.floor(index / PER_ADDRESS)}.1`;
    return connect({ port, host: "127.0.0.1", localAddress });
  }
  const slot = Math.floor(index / STREAMS);
  let session = carriers[slot];
  if (session === undefined || session.closed || session.destroyed) {
    session = connectHttp2(`http://127.0.0.1:${port}`, { maxSessionMemory: HTTP2_MEMORY });
    session.on("error", (error) => tell({ what: "failed", why: String(error) }));
    carriers[slot] = session;
  }
  return session.request({ ":method": "CONNECT", ":authority": "server.example.test:25" });
}

/** Resolves when the next reply is complete. @throws Error when it is not the one expected, or the session ends */
function reply(stream: Duplex, code: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const ended = (): void => reject(new Error(`a session was closed where ${code} was expected`));
    const read = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (!text.endsWith("\r\n")) return;
      stream.off("data", read).off("close", ended);
      if (text.startsWith(code)) resolve();
      else reject(new Error(`reply "${text.trim()}" where ${code} was expected`));
    };
    stream.on("data", read).once("close", ended);
  });
}

async function openOne(carrier: Carrier, port: number, index: number, round: number): Promise<void> {
  const stream = newStream(carrier, port, index, round);
  stream.on("error", () => stream.destroy());
  open.push(stream);
  await reply(stream, "220");
  for (const command of ["EHLO client.example.test", "MAIL FROM:<sender@example.test>"]) {
    const answered = reply(stream, "250");
    stream.write(`${command}\r\n`);
    await answered;
  }
}

async function closeOne(stream: Duplex): Promise<void> {
  const closed = new Promise((resolve) => stream.once("close", resolve));
  const answered = reply(stream, "221");
  stream.write("QUIT\r\n");
  await answered;
  stream.end();
  await closed;
}

/** Runs `work` for 0 … count - 1, `AT_ONCE` at a time. */
async function paced(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function obey(carrier: Carrier, order: Order): Promise<void> {
  if (order.what === "open") {
    const first = open.length;
    await paced(order.sessions, (index) => openOne(carrier, order.port, first + index, order.round));
    return;
  }
  const streams = open.splice(0);
  await paced(streams.length, async (index) => {
    const stream = streams[index];
    if (stream !== undefined) await closeOne(stream);
  });
  for (const session of carriers.splice(0)) session.close();
}

const [, program, role, carrier] = process.argv;
if (program !== undefined && import.meta.url === pathToFileURL(program).href) {
  const by = carrier === "http2" ? "http2" : "tcp";
  // When the parent ends, for whatever reason, so do we.
  process.once("disconnect", () => process.exit(0));
  if (role === "server") startServer(by);
  else {
    process.on("message", (order: Order) => {
      obey(by, order).then(
        () => tell({ what: "done" }),
        (error: unknown) => tell({ what: "failed", why: String(error) }),
      );
    });
  }
}
