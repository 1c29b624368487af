/** A client that puts exactly the given bytes on the wire and takes replies apart, nothing more. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { within } from "./net.js";

/** One connection. Replies are queued as they come; `closed` resolves at the server's end of stream. */
export class RawClient {
  private received = "";
  private taken = 0;
  /** Whether the other side has ended. */
  ended = false;
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
      this.wake();
    });
    for (const event of ["end", "close", "error"]) {
      socket.on(event, () => {
        this.ended = true;
        this.wake();
      });
    }
  }

  /** Connects to a port of 127.0.0.1. */
  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** On a connection that is there, such as one that speaks TLS. */
  static over(socket: Socket): RawClient {
    return new RawClient(socket);
  }

  /** Everything received so far, one character a byte. */
  get transcript(): string {
    return this.received;
  }

  /** Sends bytes; a string is one character a byte. */
  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends `piece` until `total` bytes are sent, waiting for the other side to read; `flushed` tells how far it is. */
  async flood(piece: string, total: number): Promise<void> {
    for (let sent = 0; sent < total; sent += piece.length) {
      await new Promise<void>((resolve) => this.socket.write(piece, "latin1", () => resolve()));
      this.flushed += piece.length;
    }
  }

  /** Bytes of `flood` that have left this process. */
  flushed = 0;

  /** Sends segments with a pause between them, so that each is a read of its own on the other side. */
  async sendSlowly(segments: string[], pauseMs: number): Promise<void> {
    for (const segment of segments) {
      this.send(segment);
      await pause(pauseMs);
    }
  }

  /** The next whole reply, all its lines, without the last CRLF. @throws Error when the connection ends first. */
  reply(): Promise<string> {
    return within(this.nextReply(), `a reply after ${JSON.stringify(this.received.slice(-200))}`, 20_000);
  }

  /** The next `count` replies. */
  async replies(count: number): Promise<string[]> {
    const all: string[] = [];
    while (all.length < count) all.push(await this.reply());
    return all;
  }

  /** Sends one command and returns its reply. */
  ask(command: string): Promise<string> {
    this.send(`${command}\r\n`);
    return this.reply();
  }

  /** Half-closes, waits for the other side to close, and returns the whole transcript. */
  async end(): Promise<string> {
    this.socket.end();
    return this.closed();
  }

  /** Waits for the other side to close and returns the whole transcript. */
  async closed(): Promise<string> {
    await within(this.untilEnded(), "the connection to close", 20_000);
    this.socket.destroy();
    return this.received;
  }

  /** Gives up the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }

  private async untilEnded(): Promise<void> {
    while (!this.ended) await this.change();
  }

  private async nextReply(): Promise<string> {
    const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/;
    for (;;) {
      const match = whole.exec(this.received.slice(this.taken));
      if (match !== null) {
        this.taken += match[0].length;
        return match[0].replace(/\r?\n$/, "");
      }
      if (this.ended) throw new Error(`closed; received: ${JSON.stringify(this.received)}`);
      await this.change();
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}

/** Whether an SMTP server on this port of 127.0.0.1 accepts a connection and, after `header`, greets with 220. */
export async function greets(port: number, header = ""): Promise<boolean> {
  const client = await RawClient.connect(port).catch(() => null);
  if (client === null) return false;
  try {
    client.send(header);
    const greeting = await client.reply();
    client.send("QUIT\r\n");
    return greeting.startsWith("220");
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
