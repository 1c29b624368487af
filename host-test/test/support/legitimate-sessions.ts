/** Legitimate SMTP sessions at random: what clients of many makes say to servers of many makes. */
import { stuffed } from "../../peers/mail.js";
import {
  ABROAD,
  HELLO,
  HOSTS,
  OWN_HOSTS,
  RECIPIENTS,
  RESPONSES,
  SENDERS,
  SERVER_HELLO,
} from "./legitimate-words.js";
import { Dice } from "./dice.js";
import { inChunks, shapeFor } from "./legitimate-content.js";
import { type Dialect, DIALECTS } from "./legitimate-servers.js";

export type Said = readonly ["client" | "server", string];

/** A session, and what makes it what it is, for whoever reads a failure. */
export interface Legitimate {
  server: string;
  said: Said[];
}

/** From one server to another. @param seed the same gives the same session */
export function legitimateSession(seed: number): Legitimate {
  return new Session(new Dice(seed)).whole();
}

/** From a mail program to its provider, as it is inside TLS. */
export function submission(seed: number): Legitimate {
  return new Session(new Dice(seed), true).whole();
}

/** Says both sides of one session. */
class Session {
  readonly #said: Said[] = [];
  readonly #server: Dialect;
  readonly #offered: Set<string>;
  readonly #verb: (verb: string) => string;
  /** QUIT was said. */
  #isOver = false;

  constructor(
    private readonly dice: Dice,
    private readonly submits = false,
  ) {
    this.#server = dice.pick(submits ? DIALECTS.filter(({ keywords }) => keywords.length > 0) : DIALECTS);
    const offers = this.#server.keywords
      .filter((each) => each !== "STARTTLS" || !submits)
      .filter(() => !dice.once(8));
    if (submits) offers.push("AUTH PLAIN LOGIN");
    this.#offered = new Set(offers);
    const manner = dice.below(10);
    this.#verb = manner === 0 ? (verb) => verb.toLowerCase() : (verb) => verb;
  }

  whole(): Legitimate {
    const { dice } = this;
    this.#answer(dice.pick(this.#server.greetings));
    this.#hello();
    if (this.#has("STARTTLS") && dice.once(6)) {
      if (dice.once(2)) return this.#intoTls();
      this.#ask(this.#verb("STARTTLS"), this.#server.noTls);
    }
    if (this.#has("AUTH PLAIN LOGIN") && (this.submits || dice.once(6))) this.#authenticate();
    const messages = dice.once(8) ? 0 : 1 + (dice.once(3) ? dice.below(5) : 0);
    for (let nth = 0; nth < messages && !this.#isOver; nth++) {
      if (nth > 0) this.#between();
      this.#message();
    }
    if (messages === 0) this.#callout();
    if (!this.#isOver && !dice.once(5)) this.#ask(this.#verb("QUIT"), this.#server.bye);
    return { server: this.#server.name, said: this.#said };
  }

  #hello(): void {
    const host = this.dice.pick(this.submits ? OWN_HOSTS : HOSTS);
    if (this.#server.keywords.length === 0 || (!this.submits && this.dice.once(12))) {
      if (!this.dice.once(3)) this.#ask(`EHLO ${host}`, "502 5.5.2 Error: command not recognized\r\n");
      this.#offered.clear();
      this.#ask(`HELO ${host}`, `250 ${this.#server.hello}\r\n`);
      return;
    }
    const all = [this.#server.hello, ...this.#offered];
    const reply = all.map((line, at) => `250${at + 1 < all.length ? "-" : " "}${line}\r\n`).join("");
    this.#ask(`${this.#verb("EHLO")} ${host}`, reply);
  }

  #intoTls(): Legitimate {
    this.#ask("STARTTLS", "220 2.0.0 Ready to start TLS\r\n");
    this.#client(HELLO);
    this.#answer(SERVER_HELLO);
    this.#client("\x17\x03\x03\x00\x05\x01\x02\n\0\r");
    return { server: this.#server.name, said: this.#said };
  }

  #authenticate(): void {
    const way = this.dice.below(3);
    if (way === 0) this.#ask(`AUTH ${this.dice.pick(RESPONSES)}`, "235 2.7.0 Authentication successful\r\n");
    else if (way === 1) {
      this.#ask("AUTH PLAIN", "334 \r\n");
      this.#ask("AGFsaWNlAHNlY3JldA==", "235 2.7.0 Authentication successful\r\n");
    } else {
      this.#ask("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
      this.#ask("YWxpY2U=", "334 UGFzc3dvcmQ6\r\n");
      this.#ask(
        "c2VjcmV0",
        this.dice.once(4) ? "535 5.7.8 Error: authentication failed\r\n" : "235 2.7.0 Accepted\r\n",
      );
    }
  }

  /** What stands between two messages of a connection that is kept. */
  #between(): void {
    const { dice } = this;
    if (dice.once(2)) this.#ask(this.#verb("RSET"), this.#server.rset);
    for (let times = dice.once(4) ? 1 + dice.below(3) : 0; times > 0; times--)
      this.#ask("NOOP", this.#server.noop);
    if (dice.once(8)) this.#hello();
  }

  /** Asks whether an address exists, and sends nothing. */
  #callout(): void {
    this.#ask("MAIL FROM:<>", this.#server.mail);
    this.#ask("RCPT TO:<b@example.org>", this.dice.once(2) ? this.#server.rcpt : this.#server.refused);
    if (this.dice.once(2)) this.#ask("RSET", this.#server.rset);
  }

  #message(): void {
    const { dice } = this;
    const { content, bytes } = shapeFor(this.#offered, dice);
    const isAbroad = bytes === "utf8" || (this.#has("SMTPUTF8") && this.#has("8BITMIME") && dice.once(12));
    const commands = [this.#mail(content.length, bytes !== undefined || isAbroad, isAbroad)];
    const replies = [this.#server.mail];
    let accepted = 0;
    for (let count = dice.once(4) ? 1 + dice.below(20) : 1; count > 0; count--) {
      commands.push(this.#rcpt(isAbroad));
      const fate = dice.below(12);
      if (fate > 1) accepted++;
      replies.push(
        fate === 0 ? this.#server.refused : fate === 1 ? this.#server.greylisted : this.#server.rcpt,
      );
    }
    const isGrouped = this.#has("PIPELINING") && !dice.once(3);
    if (this.#has("CHUNKING") && dice.once(3)) this.#chunks(commands, replies, content, isGrouped, accepted);
    else this.#data(commands, replies, content, isGrouped, accepted);
  }

  #data(commands: string[], replies: string[], content: string, isGrouped: boolean, accepted: number): void {
    const withData = isGrouped && this.dice.once(2);
    const data = this.#verb("DATA");
    const answer = accepted > 0 ? this.#server.data : this.#server.nobody;
    if (withData) this.#group([...commands, data], [...replies, answer]);
    else {
      if (isGrouped) this.#group(commands, replies);
      else commands.forEach((command, at) => this.#ask(command, replies[at] as string));
      if (accepted === 0) {
        this.#ask(this.#verb("RSET"), this.#server.rset);
        return;
      }
      this.#ask(data, answer);
    }
    if (accepted === 0) {
      this.#ask("RSET", this.#server.rset);
      return;
    }
    // The end of data may begin the next group (RFC 2920 3.1).
    const isLast = isGrouped && this.dice.once(10);
    this.#client(stuffed(content) + (isLast ? `${this.#verb("QUIT")}\r\n` : ""));
    this.#answer(this.#server.queued + (isLast ? this.#server.bye : ""));
    this.#isOver = isLast;
  }

  #chunks(
    commands: string[],
    replies: string[],
    content: string,
    isGrouped: boolean,
    accepted: number,
  ): void {
    const { dice } = this;
    const sent = inChunks(content, dice);
    const isWithFirst = isGrouped && accepted > 0 && dice.once(2);
    const [head = "", ...others] = sent;
    if (isWithFirst) {
      this.#client(commands.map((line) => `${line}\r\n`).join("") + head);
      this.#answer(replies.join("") + (others.length === 0 ? this.#server.queued : this.#server.chunk));
    } else {
      if (isGrouped) this.#group(commands, replies);
      else commands.forEach((command, at) => this.#ask(command, replies[at] as string));
      if (accepted === 0) {
        this.#ask(this.#verb("RSET"), this.#server.rset);
        return;
      }
    }
    const rest = isWithFirst ? others : sent;
    rest.forEach((chunk, at) => {
      this.#client(chunk);
      this.#answer(at + 1 === rest.length ? this.#server.queued : this.#server.chunk);
    });
  }

  #mail(size: number, isEightBit: boolean, isAbroad: boolean): string {
    const { dice } = this;
    const parameters: string[] = [];
    if ([...this.#offered].some((each) => each.startsWith("SIZE")) && !dice.once(3))
      parameters.push(`SIZE=${size}`);
    if (isEightBit) parameters.push("BODY=8BITMIME");
    if (isAbroad) parameters.push("SMTPUTF8");
    if (this.#has("DSN") && dice.once(4))
      parameters.push(dice.pick(["RET=HDRS", "RET=FULL"]), "ENVID=QQ+2B1764298800");
    if (this.#has("AUTH PLAIN LOGIN") && dice.once(this.submits ? 2 : 10)) parameters.push("AUTH=<>");
    const sender = isAbroad && dice.once(2) ? dice.pick(ABROAD) : dice.pick(SENDERS);
    const from = dice.once(10) ? "From" : "FROM";
    return [`${this.#verb("MAIL")} ${from}:<${sender}>`, ...parameters].join(" ");
  }

  #rcpt(isAbroad: boolean): string {
    const { dice } = this;
    const to = isAbroad && dice.once(2) ? dice.pick(ABROAD) : dice.pick(RECIPIENTS);
    const parameters: string[] = [];
    if (this.#has("DSN") && dice.once(3)) {
      parameters.push(dice.pick(["NOTIFY=SUCCESS,FAILURE,DELAY", "NOTIFY=FAILURE", "NOTIFY=NEVER"]));
      if (dice.once(2)) parameters.push("ORCPT=rfc822;b@example.org");
    }
    return [`${this.#verb("RCPT")} TO:<${to}>`, ...parameters].join(" ");
  }

  #has = (keyword: string): boolean => this.#offered.has(keyword);

  #ask(line: string, reply: string): void {
    this.#client(`${line}\r\n`);
    this.#answer(reply);
  }

  #group(commands: readonly string[], replies: readonly string[]): void {
    this.#client(commands.map((line) => `${line}\r\n`).join(""));
    // A server may answer a group at once, or each command by itself.
    if (this.dice.once(2)) this.#answer(replies.join(""));
    else for (const reply of replies) this.#answer(reply);
  }

  #client = (text: string): void => void this.#said.push(["client", text]);

  #answer(text: string): void {
    this.#said.push(["server", text]);
  }
}
