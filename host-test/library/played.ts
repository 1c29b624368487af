/** A session that a program speaks itself. */
import type { Judge } from "../workbench/judge.js";
import type { Player } from "../workbench/player.js";
import { sessionText } from "../workbench/view.js";
import type { Conversation, Session, Side, Verdict } from "./conversation.js";
import type { Tap } from "./tap.js";

/** How often time that passes lets the filter look at its limits: its own tick. */
const TICK_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 86_400;

export class Played implements Conversation {
  #isFinished = false;

  constructor(
    private readonly judge: Judge,
    private readonly player: Player,
    private readonly tap: Tap,
  ) {}

  client(said: string | Uint8Array): this {
    return this.#say("client", said);
  }

  server(said: string | Uint8Array): this {
    return this.#say("server", said);
  }

  ends(side: Side): this {
    this.#check();
    this.player.end(side, "fin", this.judge.clock.nowNs());
    return this;
  }

  /** TLS starts with a side in a transcript. */
  startTls(side: Side): void {
    this.player.startTls(side);
  }

  wait(seconds: number): this {
    this.#check();
    if (!(seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS))
      throw new RangeError(`wait needs 0 to ${LONGEST_WAIT_SECONDS} seconds, not ${seconds}`);
    for (let left = seconds; left > 0; left -= TICK_SECONDS) {
      this.judge.clock.advance(Math.min(left, TICK_SECONDS) * 1000);
      this.judge.plugin.tick();
    }
    return this;
  }

  get soFar(): Pick<Session, "server" | "client" | "findings" | "shadow"> {
    const { tap } = this;
    const [findings, shadow] = [[...tap.findings], [...tap.shadow]];
    return { server: tap.got("server"), client: tap.got("client"), findings, shadow };
  }

  finish(): Session {
    this.#check();
    this.#isFinished = true;
    const report = this.player.finish(this.judge.clock.nowNs());
    const { title, closed, incomplete } = report;
    const verdict = report.verdict as Verdict;
    return { title, verdict, ...this.soFar, closed, incomplete, report: sessionText(report) };
  }

  #say(side: Side, said: string | Uint8Array): this {
    this.#check();
    const bytes = typeof said === "string" ? new TextEncoder().encode(said) : said;
    this.player.say(side, bytes, this.judge.clock.nowNs());
    return this;
  }

  #check(): void {
    if (this.#isFinished) throw new Error("this session is finished: connect again");
  }
}
