/** The sockets of a client and a server in one run of a vector, in clear and inside TLS. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { connect as connectTls, createSecureContext, TLSSocket } from "node:tls";
import type { Actor } from "../../workbench/vector-conversation.js";
import type { TracePoint } from "../../workbench/vector-run.js";
import type { Schedule, Side, Step } from "../../workbench/vector-schedule.js";

/** How long a step may take to have the effect that it has in the Node host; the longest close deadline in a vector. */
const PATIENCE_MS = 7000;

/** Passes on what the sockets receive, starts TLS where the script has it, and tells when a side has received enough. */
export class Ears {
  #wake: () => void = () => {};
  readonly #now: Record<Side, Socket>;

  /** @param certificate files in PEM, for both sides */
  constructor(
    private readonly sockets: Readonly<Record<Side, Socket>>,
    private readonly schedule: Schedule,
    private readonly certificate: { cert: string; key: string },
  ) {
    this.#now = { ...sockets };
    for (const side of ["client", "server"] as const) {
      sockets[side].setNoDelay(true);
      this.#listen(sockets[side], side);
    }
  }

  send(step: Step): void {
    const socket = this.#now[step.side];
    if (step.text !== "") socket.write(step.text, "latin1");
    if (step.end) socket.end();
    this.#startAwaited(step.side);
  }

  /** Begins a handshake: the client as client, the server as server. It is over when this resolves. */
  async startTls(side: Side): Promise<void> {
    const raw = this.sockets[side];
    raw.removeAllListeners("data");
    const { cert, key } = this.certificate;
    const files = { cert: readFileSync(cert), key: readFileSync(key) };
    const tls =
      side === "client"
        ? connectTls({ socket: raw, ca: files.cert, host: "127.0.0.1" })
        : new TLSSocket(raw, { isServer: true, secureContext: createSecureContext(files) });
    this.#now[side] = tls;
    this.#listen(tls, side);
    await once(tls, side === "client" ? "secureConnect" : "secure");
  }

  /** Gives up both connections at once. */
  close(): void {
    this.sockets.client.resetAndDestroy();
    for (const side of ["client", "server"] as const) {
      this.#now[side].destroy();
      this.sockets[side].destroy();
    }
  }

  #startAwaited(side: Side): void {
    if (!this.schedule.awaitsTls(side) || this.#now[side] !== this.sockets[side]) return;
    this.startTls(side).then(
      () => {
        this.schedule.startTls(side, "");
        this.#wake();
      },
      () => this.#wake(),
    );
  }

  #listen(socket: Socket, side: Side): void {
    const actor: Actor = this.schedule.conversation[side];
    socket.on("data", (data: Buffer) => {
      actor.receive(data.toString("latin1"));
      this.#startAwaited(side);
      this.#wake();
    });
    const end = (): void => {
      actor.ended = true;
      this.#wake();
    };
    // A reset is an end too; which of both Envoy makes of a close is not what vectors are about.
    for (const event of ["end", "close", "error"]) socket.on(event, end);
  }

  hasHeard(point: TracePoint): boolean {
    const { client, server } = this.schedule.conversation;
    return (
      client.total >= point.clientTotal &&
      server.total >= point.serverTotal &&
      (client.ended || !point.clientEnded) &&
      (server.ended || !point.serverEnded)
    );
  }

  /** @returns false when it did not come within `PATIENCE_MS` */
  async hear(point: TracePoint): Promise<boolean> {
    let isLate = false;
    while (!this.hasHeard(point) && !isLate) {
      isLate = await new Promise<boolean>((resolve) => {
        const late = setTimeout(() => resolve(true), PATIENCE_MS);
        this.#wake = () => {
          clearTimeout(late);
          resolve(false);
        };
      });
    }
    return this.hasHeard(point);
  }
}
