/** Plays a session against the filter, whole or cut, and records all that is visible from outside. */
import { concat } from "../host/buffer.js";
import type { Connection } from "../host/connection.js";
import type { RootContext } from "../host/root.js";
import type { Sink } from "../host/connect-options.js";
import type { Cuts } from "./cuts.js";
import { ModelServer } from "./model-server.js";
import { POLICIES } from "./policies.js";
import { ReplyCounter } from "./replies.js";
import type { Seen } from "./seen.js";
import type { Op, Session } from "./session.js";
import type { Target } from "./target.js";
import { latin1, toBytes } from "./text.js";
import { TlsPlay } from "./tls.js";

/** Longer than any deadline of a policy (5 s) and than the timer. */
const LONG_MS = 70_000;

/** A session that is being played, event by event. */
export class Play {
  readonly server: ModelServer;
  readonly #connection: Connection;
  readonly #toServer: Uint8Array[] = [];
  readonly #toClient: Uint8Array[] = [];
  readonly #sentByClient: Uint8Array[] = [];
  readonly #sentByServer: Uint8Array[] = [];
  #unread = 0;
  #serverEnded = false;
  #clientEnded = false;
  #closed: string | null = null;
  #clientDone = false;
  #unanswerable = false;
  #serverDone = false;
  readonly #replies: ReplyCounter;
  #said = 0;
  #ahead = false;
  #halfway = false;
  #behind = false;
  readonly #tls: TlsPlay;

  constructor(
    private readonly target: Target,
    private readonly session: Session,
    private readonly cut: Cuts,
    port: number,
  ) {
    this.server = new ModelServer(session.server);
    this.#replies = new ReplyCounter(POLICIES[session.policy]?.replyBytes ?? 0);
    this.#tls = new TlsPlay(this.#sentByClient, this.#sentByServer, this.#toServer, this.#toClient);
    const sink: Sink = {
      toServer: (bytes) => this.#toServer.push(bytes),
      toClient: (bytes) => this.#toClient.push(bytes),
      endServer: () => (this.#serverEnded = true),
      endClient: () => (this.#clientEnded = true),
      startTls: (side, unread) => this.#tls.begin(side, unread, this.#connection),
      close: (reason) => (this.#closed = reason),
    };
    this.#connection = target.connectBy(session.policy, port, sink);
  }

  /** Plays event `index`. @returns false when there is none */
  step(index: number): boolean {
    const op = this.session.ops[index];
    if (op === undefined) return false;
    this.#play(op);
    return true;
  }

  #play({ kind, bytes, n }: Op): void {
    switch (kind) {
      case "C":
      case "c":
        this.#client(bytes);
        if (kind === "C") this.#answer(Infinity);
        return;
      case "S":
        this.#say(bytes, false);
        return;
      case "S.":
        this.#say(bytes, true);
        return;
      case "A":
        this.server.answers.push(bytes);
        return;
      case "R":
        this.#answer(n === 0 ? Infinity : n);
        return;
      case "T":
        this.target.tick(n);
        return;
      case "U":
        this.#update(POLICIES[n % POLICIES.length]?.json ?? "");
        return;
      case "P":
        this.#update(latin1(bytes));
        return;
      case "C.":
        this.#endClient();
        return;
      case "C!":
        this.#connection.clientReset();
        return;
      case "S!":
        this.#connection.serverReset();
    }
  }

  #endClient(): void {
    if (this.#over || this.#clientDone) return;
    this.#clientDone = true;
    this.#connection.fromClient(new Uint8Array(0), true);
    this.#answer(Infinity);
  }

  /** Meanwhile another root context serves another connection; this one's policy must not change. */
  #update(text: string): void {
    const { root, accepted } = this.target.update(toBytes(text));
    if (accepted) this.#serveOther(root);
    this.target.retire(root);
  }

  #serveOther(root: RootContext): void {
    const nobody: Sink = { toServer() {}, toClient() {}, endServer() {}, endClient() {}, close() {} };
    const other = this.target.connect(root, 1, nobody);
    for (const [from, text] of OTHER) {
      if (from === "C") other.fromClient(toBytes(text));
      else other.fromServer(toBytes(text));
    }
  }

  get #over(): boolean {
    return this.#closed !== null || this.#connection.closed !== null;
  }

  #client(bytes: Uint8Array): void {
    if (this.#clientDone) return;
    this.#unanswerable ||= this.#serverDone;
    this.#noteOwed();
    for (const piece of this.cut.client(bytes)) {
      if (this.#over) return;
      this.#sentByClient.push(piece);
      this.#connection.fromClient(piece);
    }
  }

  /** Records which replies the server still owes. */
  #noteOwed(): void {
    this.#halfway ||= this.#replies.isHalfway;
    this.#read();
    this.#behind ||= this.#said <= this.server.asked;
  }

  #say(bytes: Uint8Array, end: boolean): void {
    if (this.#serverDone || this.#over) return;
    this.#said += this.#replies.push(bytes);
    this.#ahead ||= this.#said > this.server.asked + 1;
    const pieces = bytes.length === 0 ? [bytes] : this.cut.server(bytes);
    pieces.forEach((piece, index) => {
      if (this.#over) return;
      const last = end && index === pieces.length - 1;
      this.#serverDone ||= last;
      this.#sentByServer.push(piece);
      this.#connection.fromServer(piece, last);
      this.#tls.endSegment(index < pieces.length - 1, this.#connection);
    });
  }

  #read(): void {
    for (; this.#unread < this.#toServer.length; this.#unread++) {
      if (this.#tls.isServersFirst(this.#unread)) this.server.beginTls();
      this.server.receive(this.#toServer[this.#unread] as Uint8Array, this.#unread);
    }
  }

  /** The server reads what it got and answers, at most `most` times, until there is nothing new to read. */
  #answer(most: number): void {
    for (let left = most; left > 0;) {
      this.#read();
      const replies = this.server.replies.splice(0, left);
      left -= replies.length;
      const ends = this.server.replies.length === 0 && (this.server.ends || this.#serverEnded);
      if (this.#serverDone || this.#over || (replies.length === 0 && !ends)) return;
      this.#say(concat(replies), ends);
    }
  }

  /** Lets every deadline pass and closes what is still open. */
  finish(): Seen {
    if (!this.#over && !this.#serverDone) this.#noteOwed();
    this.target.tick(LONG_MS);
    this.target.tick(LONG_MS);
    const closed = this.#closed;
    this.#connection.clientReset();
    const state = this.#connection.filterState.get("wasm.smtp_inspector");
    return {
      sentByClient: concat(this.#sentByClient),
      sentByServer: concat(this.#sentByServer),
      toServer: concat(this.#toServer),
      toClient: concat(this.#toClient),
      serverEnded: this.#serverEnded,
      clientEnded: this.#clientEnded,
      closed,
      summary: state === undefined ? "" : Buffer.from(state).toString("latin1").replace(OF_THIS_RUN, ""),
      unanswerable: this.#unanswerable,
      ahead: this.#ahead,
      halfway: this.#halfway,
      behind: this.#behind,
      server: this.server,
      tls: this.#tls,
      pieces: { toServer: this.#toServer, toClient: this.#toClient },
    };
  }
}

/** What the record of a session says that is another each time. */
const OF_THIS_RUN = /"(?:timestamp|flow_id|connection_id)":(?:"[^"]*"|\d+),/g;

const OTHER: readonly ["C" | "S", string][] = [
  ["S", "220 other\r\n"],
  ["C", "EHLO other.example\r\nMAIL FROM:<o@example.org>\r\nXADR part of a line"],
  ["S", "250-other\r\n250-STARTTLS\r\n250 SIZE\r\n250 o"],
];

/** Plays a whole session. @throws WasmTrap */
export function play(target: Target, session: Session, cut: Cuts, port = 40_000): Seen {
  const run = new Play(target, session, cut, port);
  for (let index = 0; run.step(index); index++);
  return run.finish();
}
