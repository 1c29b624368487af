/** The client's end of a judged conversation: plays a stream's steps and notes what came back. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { stuffed } from "../peers/mail.js";
import type { Step } from "./steps.js";

/** What the client saw. */
export interface Seen {
  /** Everything that the server sent, one character a byte. */
  transcript: string;
  /** Whether the server ended the connection by itself. */
  closed: boolean;
}

/** How long a server that may be reading data is given to say that it is not. Generous: all run on two cores. */
const QUIET_MS = 1000;
/** How long a reply may take that must come. A server that never gives it costs the stream this once. */
const REPLY_MS = 15_000;

/**
 * Plays `steps` against a port of 127.0.0.1 and resolves when the connection is over.
 * @param mark five characters in place of `#####` wherever it stands
 * @param localAddress the loopback address to come from
 */
export async function play(steps: Step[], port: number, mark: string, localAddress: string): Promise<Seen> {
  const wire = await Wire.open(port, localAddress);
  try {
    for (const step of steps) {
      if (wire.ended) break;
      await wire.take(step, mark);
    }
    return await wire.finish();
  } finally {
    wire.destroy();
  }
}

class Wire {
  ended = false;
  private transcript = "";
  /** Up to where replies have been waited for. */
  private read = 0;
  private lastCode = "";
  private pipelining = false;
  /** The last `maybe` was in vain: the server takes what comes for data. */
  private silent = false;
  private wake: () => void = () => {};

  private constructor(private socket: Socket) {
    this.listen(socket);
  }

  static async open(port: number, localAddress: string): Promise<Wire> {
    const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    const wire = new Wire(socket);
    await once(socket, "connect");
    return wire;
  }

  private listen(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => {
      this.transcript += chunk.toString("latin1");
      this.wake();
    });
    for (const event of ["end", "close", "error"]) {
      socket.on(event, () => {
        if (socket !== this.socket) return;
        this.ended = true;
        this.wake();
      });
    }
  }

  async take(step: Step, mark: string): Promise<void> {
    if ("send" in step) this.send(step.send.replaceAll("#####", mark));
    else if ("trickle" in step) await this.trickle(step.trickle.replaceAll("#####", mark));
    else if ("pause" in step) await pause(step.pause);
    else if ("reply" in step) await this.reply(REPLY_MS);
    else if ("maybe" in step) this.silent = !(await this.reply(QUIET_MS));
    else if ("letter" in step) await this.letter(step.letter.replaceAll("#####", mark));
    else if ("tls" in step) await this.startTls();
    else await this.group(step.group.map((line) => line.replaceAll("#####", mark)));
  }

  private async group(lines: string[]): Promise<void> {
    if (this.silent) {
      this.send(lines.join(""));
      return;
    }
    if (this.pipelining) this.send(lines.join(""));
    for (const line of lines) {
      if (!this.pipelining) this.send(line);
      if (this.ended || !(await this.reply(REPLY_MS))) break;
    }
  }

  private async letter(content: string): Promise<void> {
    this.send("DATA\r\n");
    if (!(await this.reply(REPLY_MS)) || this.lastCode !== "354") return;
    this.send(stuffed(content));
    await this.reply(REPLY_MS);
  }

  private async trickle(bytes: string): Promise<void> {
    for (const byte of bytes) {
      this.send(byte);
      await pause(1);
    }
  }

  private send(bytes: string): void {
    if (!this.socket.destroyed && !this.ended) this.socket.write(Buffer.from(bytes, "latin1"));
  }

  /** @returns whether a whole reply came within `limitMs` */
  private async reply(limitMs: number): Promise<boolean> {
    const whole = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/;
    const end = Date.now() + limitMs;
    for (;;) {
      const match = whole.exec(this.transcript.slice(this.read));
      if (match !== null) {
        this.read += match[0].length;
        this.lastCode = match[1] as string;
        if (/^250[ -]PIPELINING\r?$/m.test(match[0])) this.pipelining = true;
        return true;
      }
      const left = end - Date.now();
      if (this.ended || left <= 0) return false;
      await this.change(left);
    }
  }

  private async startTls(): Promise<void> {
    if (this.lastCode !== "220") return;
    const plain = this.socket;
    plain.removeAllListeners("data");
    const secure = connectTls({ socket: plain, rejectUnauthorized: false });
    this.socket = secure;
    this.listen(secure);
    const done = once(secure, "secureConnect").catch(() => {});
    await Promise.race([done, pause(REPLY_MS, undefined, { ref: false })]);
  }

  /** Waits for the server to close, which QUIT made it do; says end of stream to one that does not. */
  async finish(): Promise<Seen> {
    if (!(await this.closes(QUIT_MS))) {
      this.socket.end();
      await this.closes(QUIET_MS);
      return { transcript: this.transcript, closed: false };
    }
    return { transcript: this.transcript, closed: true };
  }

  private async closes(limitMs: number): Promise<boolean> {
    const end = Date.now() + limitMs;
    while (!this.ended && Date.now() < end) await this.change(end - Date.now());
    return this.ended;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A server that does not answer QUIT in this time takes it for something else. */
const QUIT_MS = 2500;
