/** Plays a session through the filter, in the order in which it happened, and records the result. */
import type { Connection, Plugin } from "../host/plugin.js";
import { linesIn, text } from "./bytes.js";
import { Dialogue, keep, newTurn, type Part } from "./dialogue.js";
import type { Follows } from "./follower.js";
import { eventIn, keepsBack, lastSaid, otherSide, place, turnOf } from "./evidence.js";
import { Given } from "./given.js";
import { Keeper } from "./keeper.js";
import { emptyReport, type Finding, type SessionReport, type SessionStart } from "./model.js";
import type { Mode, Side, Turn } from "./model.js";
import { mayBeAnswered, OwnAnswers } from "./own-answers.js";
import { Passage } from "./passage.js";
import { connectionOf } from "./played-connection.js";
import { MOST_UNREAD, Stop } from "./stops.js";
import { Doubt } from "./tcp-direction.js";

const NOTHING: Uint8Array = new Uint8Array(0);

/** One session on its way through the filter. */
export class Player implements Follows<SessionReport> {
  readonly report: SessionReport;
  readonly #connection: Connection;
  readonly #dialogue: Dialogue;
  readonly #passages: Record<Side, Passage>;
  readonly #given = new Given((mark) => this.#keeper.addTurn(mark));
  readonly #ownAnswers = new OwnAnswers();
  /** Where the filter has started TLS and the recording has not, so far. */
  readonly #tlsBegun = new Set<Side>();
  #events: string[] = [];
  readonly #keeper: Keeper;
  /** Bytes of the client that the host has got. */
  #fed = 0;
  #closedBy: string | null = null;
  #ended: Record<Side, boolean> = { client: false, server: false };
  #judging = true;
  /** The filter has sent QUIT to the server. */
  #hasLeft = false;
  /** The reply, data or exchange being read belongs to a command that the server never got. */
  #skipped: Turn | null = null;
  #skippingReply = false;

  constructor(
    private readonly plugin: Plugin,
    start: SessionStart,
  ) {
    this.report = emptyReport(start);
    this.#keeper = new Keeper(this.report);
    const add = (turn: Turn, before?: Turn): void => this.#keeper.addTurn(turn, before);
    this.#dialogue = new Dialogue(add);
    const mode = (): Mode => this.#dialogue.mode;
    this.#passages = { client: new Passage("client", add, mode), server: new Passage("server", add, mode) };
    const events = {
      startsTls: (side: Side): void => this.#startsTls(side),
      closes: (reason: string): void => void (this.#closedBy = reason),
    };
    this.#connection = this.#call(() => connectionOf(plugin, this.report, this.#given, events));
  }

  get held(): number {
    const { client, server } = this.#passages;
    const bytes = client.bytes + server.bytes + this.#fed - this.#connection.rxBytes;
    return bytes + this.#keeper.held(client.places + server.places + this.#dialogue.asked.length);
  }

  /** From here on the session is shown, but not inspected. @param why for people; the first reason counts */
  stopJudging(why: string): void {
    this.#judging = false;
    this.report.incomplete ??= why;
    // Whether these would have passed is no longer known.
    for (const side of ["client", "server"] as const) {
      for (const { turn } of this.#passages[side].waiting) {
        if (!turn.findings.some(keepsBack)) turn.fate = "unjudged";
      }
    }
  }

  /** @param bytes what one side sent in one segment @throws WasmTrap */
  say(side: Side, bytes: Uint8Array, timeNs: bigint, gap = 0): void {
    if (gap > 0) {
      this.report.missing += gap;
      // What seemed to be late never came.
      if (this.report.incomplete === Doubt.late) this.report.incomplete = Doubt.loss;
      this.stopJudging(Doubt.loss);
    }
    if (bytes.length === 0 || (this.#ended[side] && this.#judging)) return;
    if (side === "client") this.#answerOwn(timeNs, true);
    if (side === "client" && this.#tlsBegun.has("client")) this.stopJudging(Stop.encrypted);
    // The server behind the filter answers in turn: its replies come one by one, whatever the capture's segments.
    if (side === "client") this.#say(side, bytes, timeNs, gap);
    else {
      const lines = this.#dialogue.mode === "tls" ? [bytes] : linesIn(bytes);
      for (const [index, line] of lines.entries()) this.#say(side, line, timeNs, index === 0 ? gap : 0);
    }
  }

  /** One side ended its stream. */
  end(side: Side, how: "fin" | "reset", timeNs: bigint): void {
    if (this.#ended[side]) return;
    this.#ended[side] = true;
    this.#answerOwn(timeNs, true);
    this.report.closed ??= `${side} ${how === "fin" ? "closed" : "reset"} the connection`;
    if (!this.#judging) return;
    this.#run(side, [], timeNs, () => {
      const connection = this.#connection;
      if (how === "fin" && side === "client") connection.fromClient(NOTHING, true);
      else if (how === "fin") connection.fromServer(NOTHING, true);
      else if (side === "client") connection.clientReset();
      else connection.serverReset();
    });
  }

  startTls(side: Side): void {
    if (!this.#tlsBegun.delete(side)) this.stopJudging(Stop.elsewhere);
  }

  /** The session is over. @returns the whole report */
  finish(timeNs: bigint): SessionReport {
    const { report } = this;
    if (this.#judging) {
      this.#run("client", [], timeNs, () => this.#connection.fromServer(NOTHING, true));
      this.#run("client", [], timeNs, () => this.#connection.fromClient(NOTHING, true));
    }
    this.#run("client", [], timeNs, () => this.#connection.clientReset());
    for (const side of ["client", "server"] as const) this.#passages[side].end(timeNs);
    report.toServer = this.#passages.client.received;
    report.toClient = this.#passages.server.received;
    if (this.#closedBy?.startsWith("wasm") === true) report.closed = "the filter closed the connection";
    this.#keeper.close(this.#connection.filterState.get("wasm.smtp_inspector"));
    return report;
  }

  #say(side: Side, bytes: Uint8Array, timeNs: bigint, gap: number): void {
    const dialogue = this.#dialogue;
    const wasMode = dialogue.mode;
    const wasOpener = dialogue.opener;
    const asked = side === "server" ? dialogue.next : undefined;
    if (asked !== undefined) this.#ownAnswers.hears(text(asked.bytes), bytes);
    const parts = dialogue.say(side, bytes, timeNs, gap);
    const isSaid = side === "client" ? this.#asksOn(wasMode, wasOpener) : this.#answers(asked);
    const feeds = this.#judging && isSaid;
    const fate = feeds ? "judged" : this.#judging ? "unsaid" : "unjudged";
    if (side === "server") {
      this.#skippingReply = !feeds && dialogue.answering !== null;
      if (!feeds && this.#judging && dialogue.mode === "tls" && wasMode !== "tls") {
        this.stopJudging(Stop.refused);
      }
    }
    if (!feeds) {
      // The rest of what was inspected already does not change the fate of its start.
      for (const { turn, bytes } of parts) if (turn.size === bytes.length) turn.fate = fate;
      return;
    }
    const own = bytes.slice(); // The filter may hold them longer than the file's chunk that contains them.
    this.#run(side, parts, timeNs, () => {
      if (side === "client") this.#connection.fromClient(own);
      else this.#connection.fromServer(own);
    });
    if (side === "client") this.#fed += own.length;
    if (this.#fed - this.#connection.rxBytes > MOST_UNREAD) this.stopJudging(Stop.flood);
    const { standIns } = this.#passages.client;
    const isOwn = side === "server" && asked === undefined && mayBeAnswered(standIns[0] ?? "");
    if (isOwn && dialogue.answering === null) standIns.shift();
    this.#answerOwn(timeNs, false);
  }

  /** Under this policy there is nobody left to talk to. */
  get #isOver(): boolean {
    return this.#hasLeft || this.#connection.closed !== null;
  }

  /** Whether the client would still say this: not if the mode it says it in would not have been opened. */
  #asksOn(mode: Dialogue["mode"], opener: Turn | null): boolean {
    const isInside = mode === "data" || mode === "auth";
    if (this.#isOver) return false;
    return !(isInside && opener !== null && opener === this.#skipped);
  }

  /** Whether the server would still say this: it answers only what reaches it. */
  #answers(asked: Turn | undefined): boolean {
    if (this.#skippingReply || this.#isOver) return false;
    // It never got the STARTTLS that the filter answered.
    if (this.#tlsBegun.has("client")) return false;
    if (asked === undefined || asked.received > 0) return true;
    if (!asked.findings.some(keepsBack) && asked.fate !== "unsaid") return true;
    this.#skipped = asked;
    return false;
  }

  /**
   * What the server would say to the filter's own commands: once no earlier reply is due.
   * @param isLate the recording does not have the server's own answer
   */
  #answerOwn(timeNs: bigint, isLate: boolean): void {
    const { standIns } = this.#passages.client;
    while (this.#judging && standIns.length > 0 && this.#connection.closed === null) {
      if (this.#dialogue.asked.some(({ turn }) => turn.received > 0 && turn.received === turn.size)) return;
      if (!isLate && mayBeAnswered(standIns[0] as string)) return;
      const { reply, leaves } = this.#ownAnswers.to(standIns.shift() as string);
      for (const line of linesIn(reply)) {
        const turn = newTurn("line", "server", this.#dialogue.mode, timeNs, null);
        keep(turn, line);
        this.#keeper.addTurn(turn);
      }
      this.#run("server", [], timeNs, () => this.#connection.fromServer(reply, leaves));
      this.#hasLeft ||= leaves;
    }
  }

  #startsTls(side: Side): void {
    this.#given.startsTls(side);
    this.#tlsBegun.add(side);
    this.#connection.secured(side, "TLSv1.3");
    if (side === "client") this.#dialogue.startTls();
  }

  /** Lets the filter act, and records what it found and what came out. */
  #run(side: Side, parts: readonly Part[], timeNs: bigint, act: () => void): void {
    const held = [...this.#passages.client.waiting];
    this.#call(act);
    const events = this.#events;
    this.#events = [];
    const judged = side === "client" ? [...held, ...parts] : [...parts, ...held];
    const found: Finding[] = [];
    for (const message of events) {
      const event = eventIn(message);
      if (event === null) continue;
      const about = judged.some(({ turn }) => turn.from === "client")
        ? judged
        : [...judged, ...lastSaid(this.report.turns)];
      if (about.length === 0) continue;
      const finding = place(event, about, found.at(-1));
      this.#keeper.add(finding, turnOf(finding, about), event.shadow === true, message);
      found.push(finding);
    }
    this.#given.pass(side, this.#passages[side], parts, timeNs);
    this.#given.pass(otherSide(side), this.#passages[otherSide(side)], [], timeNs);
    this.#given.settle(this.#passages);
  }

  /** The plugin and its log are shared: each caller takes what it has just caused. */
  #call<T>(act: () => T): T {
    const { plugin } = this;
    plugin.onLog = ({ message }) => void this.#events.push(message);
    try {
      return act();
    } finally {
      plugin.logs.length = 0;
    }
  }
}
