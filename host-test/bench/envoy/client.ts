/**
 * Load client: `node client.js '<plan as JSON>'` sends messages, in clear or by TLS, and prints one JSON object with the
 * seconds from the first command (from the first connection, where each message has its own) to the last reply, and p50 and
 * p99 of a command in microseconds. Any reply that is not the one expected ends it with code 1: a load that was refused
 * measures nothing.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { pathToFileURL } from "node:url";

export interface ClientPlan {
  port: number;
  messages: number;
  /** Connections, all open from the start. */
  sessions: number;
  recipients: number;
  /** Octets of a message. */
  bytes: number;
  body: "data" | "bdat";
  /** Whether MAIL, RCPT and DATA (or BDAT) go in one segment. */
  pipelined: boolean;
  /** Messages per second over all connections; by default as fast as replies allow. */
  rate?: number;
  /** Whether each message has a connection of its own. */
  each?: boolean;
  /** From the first octet, or by STARTTLS; in clear without it. `ca` is a file with the other side's certificate. */
  tls?: { begins: "start" | "starttls"; ca: string };
}

/** A group of commands sent at once, and the first digits of the replies that it must get. */
interface Step {
  bytes: Buffer;
  replies: string[];
}

/** One connection: sends a step and waits for its replies. */
class Session {
  #text = "";
  #wanted: string[] = [];
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#reject(error));
    socket.on("close", () => this.#reject(new Error("the connection was closed")));
  }

  expect(replies: string[]): Promise<void> {
    this.#wanted = [...replies];
    return new Promise((resolve, reject) => {
      [this.#resolve, this.#reject] = [resolve, reject];
    });
  }

  step(step: Step): Promise<void> {
    const answered = this.expect(step.replies);
    this.socket.write(step.bytes);
    return answered;
  }

  /** @returns the socket, whose octets are TLS's from here on */
  release(): Socket {
    return this.socket.removeAllListeners("data");
  }

  end(): void {
    this.#reject = () => {};
    this.socket.end("QUIT\r\n");
  }

  #read(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
    let end = this.#text.indexOf("\r\n");
    while (end >= 0) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      // A reply continues as long as a hyphen follows the code.
      if (line[3] !== "-") this.#reply(line);
      end = this.#text.indexOf("\r\n");
    }
  }

  #reply(line: string): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined || !line.startsWith(wanted)) {
      return this.#reject(new Error(`reply "${line}" where ${wanted ?? "none"} was expected`));
    }
    if (this.#wanted.length === 0) this.#resolve();
  }
}

/** The steps of one message. */
function stepsOf(plan: ClientPlan): Step[] {
  const envelope = [line("MAIL FROM:<sender@example.test>", "250")];
  for (let i = 0; i < plan.recipients; i++) envelope.push(line(`RCPT TO:<user${i}@example.test>`, "25"));
  const content = text(plan.bytes);
  if (plan.body === "bdat") {
    const command = Buffer.from(`BDAT ${content.length} LAST\r\n`, "latin1");
    envelope.push({ bytes: Buffer.concat([command, content]), replies: ["250"] });
    return plan.pipelined ? [join(envelope)] : envelope;
  }
  envelope.push(line("DATA", "354"));
  const data = { bytes: Buffer.concat([content, Buffer.from(".\r\n")]), replies: ["250"] };
  return plan.pipelined ? [join(envelope), data] : [...envelope, data];
}

function join(steps: Step[]): Step {
  return {
    bytes: Buffer.concat(steps.map((each) => each.bytes)),
    replies: steps.flatMap((each) => each.replies),
  };
}

/** Lines of 78 characters, as mail programs write them; `bytes` octets in all, never a dot at a line's start. */
function text(bytes: number): Buffer {
  const head = "From: <sender@example.test>\r\nTo: <user@example.test>\r\nSubject: load\r\n\r\n";
  const lines =
    head +
    `${"The quick brown fox jumps over the lazy dog. ".repeat(2).slice(0, 78)}\r\n`.repeat(
      Math.ceil(bytes / 80),
    );
  return Buffer.from(`${lines.slice(0, bytes - 2)}`.replace(/\r$/, "x") + "\r\n", "latin1");
}

const line = (text: string, reply: string): Step => ({
  bytes: Buffer.from(`${text}\r\n`, "latin1"),
  replies: [reply],
});
const EHLO = line("EHLO client.example.test", "250");
const STARTTLS = line("STARTTLS", "220");

/** A connection that may send MAIL. No session of TLS is resumed: each has its full handshake. */
async function open({ port, tls }: ClientPlan): Promise<Session> {
  const socket = connect(port, "127.0.0.1");
  let session = new Session(tls?.begins === "start" ? await handshake(socket, tls.ca) : socket);
  await session.expect(["220"]);
  if (tls?.begins === "starttls") {
    for (const step of [EHLO, STARTTLS]) await session.step(step);
    session = new Session(await handshake(session.release(), tls.ca));
  }
  await session.step(EHLO);
  return session;
}

/** One for all connections, so that a handshake does not wait for the reading of a file. */
let context: SecureContext | undefined;

async function handshake(socket: Socket, ca: string): Promise<Socket> {
  context ??= createSecureContext({ ca: readFileSync(ca) });
  const inside = connectTls({ socket, host: "127.0.0.1", secureContext: context });
  await once(inside, "secureConnect");
  return inside;
}

/** Resolves at the time of message `index` at this pace; Node's timers are exact to a millisecond. */
async function turn(plan: ClientPlan, index: number, start: number): Promise<number> {
  if (plan.rate === undefined) return performance.now();
  const due = start + (index * 1000) / plan.rate;
  const wait = due - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  return due;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

async function main(plan: ClientPlan): Promise<void> {
  const steps = stepsOf(plan);
  const kept = plan.each === true ? [] : await Promise.all(times(plan.sessions, () => open(plan)));
  const latencies: number[] = [];
  const start = performance.now();
  let next = 0;
  await Promise.all(
    times(plan.sessions, async (index) => {
      while (next < plan.messages) {
        await turn(plan, next++, start);
        const session = kept[index] ?? (await open(plan));
        for (const step of steps) {
          const sent = performance.now();
          await session.step(step);
          latencies.push(performance.now() - sent);
        }
        if (plan.each === true) session.end();
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const session of kept) session.end();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => (latencies[Math.floor(latencies.length * share)] ?? NaN) * 1000;
  process.stdout.write(JSON.stringify({ seconds, p50: at(0.5), p99: at(0.99) }) + "\n");
}

const program = process.argv[1];
if (program !== undefined && import.meta.url === pathToFileURL(program).href) {
  main(JSON.parse(process.argv[2] ?? "{}") as ClientPlan).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
  once(process, "SIGTERM").then(
    () => process.exit(1),
    () => {},
  );
}
