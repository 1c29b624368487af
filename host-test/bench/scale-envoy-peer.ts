/** The parent's side of one end of the sessions. */
import { fork, type ChildProcess } from "node:child_process";
import { programPath } from "./envoy/children.js";
import type { Carrier, Order, Told } from "./scale-envoy-ends.js";

export class Peer {
  #waiting: { resolve: (told: Told) => void; reject: (error: Error) => void } | undefined;
  /** Messages that came before anybody waited. */
  #told: Told[] = [];
  #gone: Error | undefined;

  private constructor(private readonly child: ChildProcess) {
    child.on("message", (told: Told) => this.#receive(told));
    child.once("exit", (code, signal) => {
      this.#gone = new Error(`one end of the sessions ended (${code ?? signal})`);
      this.#waiting?.reject(this.#gone);
    });
  }

  /** Starts one end; it ends with this process. */
  static start(role: "server" | "client", carrier: Carrier): Peer {
    return new Peer(fork(programPath("./scale-envoy-ends.js", import.meta.url), [role, carrier]));
  }

  /** Port of 127.0.0.1 that the server listens on. */
  async listening(): Promise<number> {
    const told = await this.#next();
    if (told.what !== "listening") throw new Error("the server does not listen");
    return told.port;
  }

  /** Runs an order. @throws Error when it failed */
  async obey(order: Order): Promise<void> {
    this.child.send(order);
    await this.#next();
  }

  /** Ends the process, whatever it is doing. */
  async stop(): Promise<void> {
    if (this.#gone !== undefined) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }

  #receive(told: Told): void {
    if (this.#waiting === undefined) this.#told.push(told);
    else this.#waiting.resolve(told);
  }

  async #next(): Promise<Told> {
    if (this.#gone !== undefined) throw this.#gone;
    const told =
      this.#told.shift() ??
      (await new Promise<Told>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      }).finally(() => (this.#waiting = undefined)));
    if (told.what === "failed") throw new Error(told.why);
    return told;
  }
}
