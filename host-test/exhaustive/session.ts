/** One plugin with one policy, and sessions in it that are opened as seldom as the filter's answers allow. */
import { BenchHost } from "../bench/module/bench-host.js";
import type { Sink } from "../host/connect-options.js";
import type { Connection } from "../host/connection.js";

/** How the client's octets arrive. */
export type Feeding = "whole" | "byte by byte";
export const FEEDINGS: readonly Feeding[] = ["whole", "byte by byte"];

/** Uses of one session. Each may end with a command that the filter refuses; servers and filters bound how many they bear. */
const USES = 8;
/** A policy admits at most this many events a second; the clock is moved before they are used up. */
const EVENTS = 5_000;

export class Session implements Sink {
  /** What the filter has sent on since `begin`, one character an octet. */
  toServerText = "";
  toClientText = "";
  readonly #host: BenchHost;
  #connection: Connection | null = null;
  #uses = 0;
  #events = 0;
  #answer: ((bytes: string) => string) | null = null;

  /** @throws Error when the policy is refused */
  constructor(module: WebAssembly.Module, policy: string) {
    this.#host = new BenchHost(module, policy);
  }

  /** Starts a use: a session after EHLO, as far as `more` leads it: pairs of what a client says and what it is answered. */
  begin(more: readonly (readonly [string, string])[] = []): void {
    this.#answer = null;
    if (this.#connection === null || this.#uses >= USES) {
      this.end();
      this.#connection = this.#host.connect(this);
      this.server("220 mx.example ESMTP\r\n");
      this.client("EHLO client.example\r\n");
      this.server("250-mx.example\r\n250 PIPELINING\r\n");
    }
    this.#uses++;
    for (const [command, reply] of more) {
      this.client(command);
      this.server(reply);
    }
    this.toServerText = this.toClientText = "";
    this.#events += this.#host.lines.length;
    this.#host.lines = [];
  }

  /** From now on the server answers at once. @param answer gives what it says to the octets that reach it */
  answering(answer: (bytes: string) => string): void {
    this.#answer = answer;
  }

  feed(text: string, feeding: Feeding): void {
    if (feeding === "whole") this.client(text);
    else for (const octet of text) this.client(octet);
  }

  client(text: string): void {
    this.#connection?.fromClient(Buffer.from(text, "latin1"));
  }

  server(text: string): void {
    this.#connection?.fromServer(Buffer.from(text, "latin1"));
  }

  /** Forgets the session: the filter has ended it, or nobody knows in which state it is. */
  end(): void {
    this.#connection?.clientReset();
    this.#connection = null;
    this.#uses = 0;
    if (this.#events < EVENTS) return;
    this.#events = 0;
    this.#host.tick(1000);
  }

  get closed(): boolean {
    return this.#connection === null || this.#connection.closed !== null;
  }

  /** Whether an event of this use names the protection. */
  found(protection: string): boolean {
    return this.#host.lines.some((line) => line.includes(`"protection":"${protection}"`));
  }

  /** Whether the filter has left out events, so that `found` cannot be trusted. */
  get suppressed(): boolean {
    return this.#host.lines.some((line) => /"suppressed":[1-9]/.test(line));
  }

  toServer(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("latin1");
    this.toServerText += text;
    const reply = this.#answer?.(text) ?? "";
    if (reply !== "") this.server(reply);
  }

  toClient(bytes: Uint8Array): void {
    this.toClientText += Buffer.from(bytes).toString("latin1");
  }

  endServer(): void {}

  endClient(): void {}

  close(): void {}
}
