/**
 * Plays a string as command lines and asks whether the models of servers cut what the filter sends on into the same lines
 * as the filter, and see the same verbs in them. The server answers each line at once. The filter shows how many it
 * counted: a reply more is one that nothing asked for, and with one fewer the refusal of the last command never comes.
 */
import { LINE_READERS } from "./models/command-lines.js";
import { PROBE } from "./data.js";
import { type Feeding, FEEDINGS, Session } from "./session.js";

const REPLY = "500 5.5.2 server\r\n";
const STAND_IN = "NOOP";
/** The last thing that the client reads when the filter owes nothing more: its own refusal of the probe. */
const REFUSED = /(^|\n)502 5\.5\.1 exchange_command[^\r\n]*\r\n$/;

interface Outcome {
  /** The lines that went to the server, without stand-ins for refused ones. */
  sent: string;
  reachedProbe: boolean;
  /** Replies of the server that the client has read. */
  replies: number;
  unsolicited: boolean;
}

/** Checks strings of command lines under one policy. */
export class CommandCheck {
  readonly #session: Session;
  readonly #verbs: boolean;
  /** How many strings went to the probe; the others ended the session. */
  reachedProbe = 0;

  /**
   * @param verbs whether the models must also agree on the verb of each line: in `strict` they do
   * @throws Error when the policy is refused
   */
  constructor(module: WebAssembly.Module, policy: string, verbs: boolean) {
    this.#session = new Session(module, policy);
    this.#verbs = verbs;
  }

  /** @returns what is wrong, one line each */
  check(text: string): string[] {
    const outcomes = FEEDINGS.map((feeding) => this.#play(text, feeding));
    const [whole, cut] = outcomes as [Outcome, Outcome];
    if (whole.reachedProbe) this.reachedProbe++;
    const faults = outcomes.flatMap((outcome) => this.#faultsOf(outcome));
    // Whoever sends all at once may be ended for that alone.
    if (whole.reachedProbe && cut.reachedProbe && whole.sent !== cut.sent) {
      faults.push(
        `byte by byte ${JSON.stringify(cut.sent)} is sent on, otherwise ${JSON.stringify(whole.sent)}`,
      );
    }
    return [...new Set(faults)].map((fault) => `${JSON.stringify(text)}: ${fault}`);
  }

  #play(text: string, feeding: Feeding): Outcome {
    const session = this.#session;
    session.begin();
    let rest = "";
    session.answering((bytes) => {
      const lines = (rest + bytes).split("\n");
      rest = lines.pop() as string;
      return lines.map((line) => (line === `${STAND_IN}\r` ? "250 2.0.0 noop\r\n" : REPLY)).join("");
    });
    session.feed(`${text}\r\n${PROBE}`, feeding);
    const read = session.toClientText;
    const reachedProbe = !session.closed && REFUSED.test(read);
    const unsolicited = session.found("unsolicited_reply");
    if (session.suppressed) throw new Error("the filter left out events");
    if (!reachedProbe) session.end();
    return {
      sent: session.toServerText.replaceAll(`${STAND_IN}\r\n`, ""),
      reachedProbe,
      replies: read.split(REPLY).length - 1,
      unsolicited,
    };
  }

  #faultsOf({ sent, reachedProbe, replies, unsolicited }: Outcome): string[] {
    const faults: string[] = [];
    const shown = JSON.stringify(sent);
    const count = sent.split("\n").length - 1;
    if (sent !== "" && !sent.endsWith("\n")) faults.push(`part of a line was sent on: ${shown}`);
    if (unsolicited) faults.push(`the server answers more lines than the filter counts in ${shown}`);
    if (reachedProbe && replies !== count) faults.push(`${replies} replies came back to ${shown}`);
    if (sent.includes("X-LINK2STATE")) faults.push("the probe was sent on");
    const read = LINE_READERS.map((reader) => ({ reader, lines: reader.lines(sent) }));
    for (const { reader, lines } of read) {
      if (lines.length !== count)
        faults.push(`${reader.name} reads ${lines.length} lines in ${shown}, not ${count}`);
    }
    if (!this.#verbs) return faults;
    const verbsOf = ({ reader, lines }: (typeof read)[number]): string =>
      lines.map((line) => reader.verb(line.replace(/[ \t]+$/, ""))).join(" | ");
    const kinds = new Map(read.map((each) => [verbsOf(each), each.reader.name]));
    if (kinds.size > 1) faults.push(`verbs differ in ${shown}: ${JSON.stringify([...kinds])}`);
    return faults;
  }
}
