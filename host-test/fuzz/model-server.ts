/**
 * A small mail server, so that the fuzzer reaches what only replies open: data, AUTH, BDAT, TLS. It reads what the
 * filter sends on as strictly as RFC 5321 does, and notes what a more lenient server could read differently.
 */
import { ANSWERS, OFFERS } from "./model-replies.js";
import { latin1, toBytes } from "./text.js";

export const FLAVOURS = OFFERS.length;

type State = "command" | "data" | "chunk" | "auth" | "payload" | "tls" | "closed";

/** Longest line that is kept: after that, only its end is searched. */
const LINE_MAX = 400_000;

/** A command, or a line of an AUTH exchange. */
export interface Told {
  readonly line: string;
  /** In which piece of all that the server got its line ended. */
  readonly piece: number;
  /** Of its reply; 0 as long as there is none, and for a bare NOOP. */
  code: number;
}

export class ModelServer {
  /** Replies that are due, oldest first. */
  readonly replies: Uint8Array[] = [];
  /** The next replies, in order, instead of the server's own. */
  readonly answers: Uint8Array[] = [];
  /** What another server could read otherwise (CONTRIBUTING.md, law 5). */
  readonly ambiguous: string[] = [];
  /** Requests that it has replied to, or is about to reply to. */
  asked = 0;
  /** Commands and responses, oldest first. */
  readonly told: Told[] = [];
  /** Messages accepted with 250. */
  messages = 0;
  /** The server ends its stream once its replies are sent. */
  ends = false;
  #state: State = "command";
  #rest = "";
  #left = 0;
  #last = false;
  #authRounds = 0;
  #hello = false;
  #mail = false;
  #recipients = 0;
  #piece = 0;
  readonly #offer: string;

  constructor(flavour: number) {
    this.#offer = OFFERS[flavour % OFFERS.length] as string;
  }

  /** TLS that the filter asked for begins: the session begins anew (RFC 3207 4.2). */
  beginTls(): void {
    this.#state = "command";
    this.#rest = "";
    this.#reset();
  }

  /** @param piece its number */
  receive(bytes: Uint8Array, piece = 0): void {
    this.#piece = piece;
    this.#rest += latin1(bytes);
    while (this.#rest !== "" && this.#step());
    if (this.#rest.length > LINE_MAX) this.#rest = this.#rest.slice(-2);
  }

  /** @returns false when more bytes are needed */
  #step(): boolean {
    switch (this.#state) {
      case "closed":
        this.#rest = "";
        return false;
      case "tls":
        this.#rest = "";
        // Only once: how often would depend on how the client's bytes arrive.
        if (!this.#hello) this.replies.push(toBytes("\x16\x03\x03\x00\x04abcd"));
        this.#hello = true;
        return false;
      case "chunk":
      case "payload":
        return this.#count();
      default:
        return this.#line();
    }
  }

  #count(): boolean {
    const taken = Math.min(this.#left, this.#rest.length);
    this.#rest = this.#rest.slice(taken);
    this.#left -= taken;
    if (this.#left > 0) return false;
    const chunk = this.#state === "chunk";
    this.#state = "command";
    const code = this.#reply("250 2.0.0 ok");
    if (chunk && this.#last && code === 250) this.messages++;
    if (chunk && this.#last) this.#reset();
    return true;
  }

  #line(): boolean {
    // As Postfix and Exim do, a command may end with LF alone; data and AUTH only with CRLF.
    const mark = this.#state === "command" ? "\n" : "\r\n";
    const end = this.#rest.indexOf(mark);
    if (end < 0) return false;
    const whole = this.#rest.slice(0, end + mark.length);
    this.#rest = this.#rest.slice(whole.length);
    const strict = whole.endsWith("\r\n");
    const line = whole.slice(0, strict ? -2 : -1);
    if (!strict || /[\r\n\0]/.test(line))
      this.ambiguous.push(`${this.#state}: ${JSON.stringify(line.slice(0, 80))}`);
    if (this.#state !== "data") this.told.push({ line, piece: this.#piece, code: 0 });
    if (this.#state === "data") this.#dataLine(line);
    else if (this.#state === "auth") this.#authLine(line);
    else this.#command(line);
    return true;
  }

  #dataLine(line: string): void {
    if (line !== ".") return;
    this.#state = "command";
    if (this.#reply("250 2.0.0 queued") === 250) this.messages++;
    this.#reset();
  }

  #authLine(line: string): void {
    this.#state = "command";
    if (line === "*") this.#reply("501 5.7.0 cancelled");
    else if (this.#authRounds-- > 0) this.#challenge();
    else this.#reply("235 2.7.0 welcome");
  }

  #challenge(): void {
    if (this.#reply("334 UGFzc3dvcmQ6") === 334) this.#state = "auth";
  }

  #reset(): void {
    this.#mail = false;
    this.#recipients = 0;
  }

  #command(line: string): void {
    const [verb = "", first = "", second = ""] = line.toUpperCase().split(/[ \t]+/);
    switch (verb) {
      case "HELO":
      case "RSET":
        this.#reset();
        this.#reply(verb === "HELO" ? "250 mx.example" : "250 2.0.0 ok");
        return;
      case "EHLO":
        this.#reset();
        this.#reply(this.#offer.slice(0, -2));
        return;
      case "MAIL":
      case "RCPT":
      case "DATA":
        return this.#transaction(verb);
      case "BDAT":
        return this.#chunk(first, second);
      case "NOOP":
        return this.#noop(line);
      case "AUTH":
      case "X-EXPS":
      case "STARTTLS":
      case "X-ANONYMOUSTLS":
      case "XEXCH50":
        return this.#change(verb, first, second);
      case "XCLIENT":
        this.#reset();
        this.#reply("220 mx.example");
        return;
      case "QUIT":
        this.#reply("221 2.0.0 bye");
        this.#state = "closed";
        this.ends = true;
        return;
      default:
        this.#reply(ANSWERS[verb] ?? "500 5.5.2 what");
    }
  }

  #transaction(verb: "MAIL" | "RCPT" | "DATA"): void {
    if (verb === "DATA") {
      const code = this.#reply(this.#recipients > 0 ? "354 go" : "554 5.5.1 no recipients");
      if (code === 354) this.#state = "data";
    } else if (verb === "MAIL") {
      if (this.#mail) this.#reply("503 5.5.1 nested");
      else this.#mail = this.#reply("250 2.1.0 ok") === 250;
    } else if (!this.#mail) this.#reply("503 5.5.1 MAIL first");
    else if (this.#reply("250 2.1.5 ok") === 250) this.#recipients++;
  }

  /** A stand-in of the filter's must not use up an answer meant for a command. */
  #noop(line: string): void {
    if (line === "NOOP") {
      this.asked++;
      this.replies.push(toBytes("250 2.0.0 ok\r\n"));
    } else this.#reply("250 2.0.0 ok");
  }

  /** Commands after which something else than a command may follow. */
  #change(verb: string, first: string, second: string): void {
    if (verb === "AUTH" || verb === "X-EXPS") {
      this.#authRounds = first === "LOGIN" ? 1 : 0;
      if (second === "") this.#challenge();
      else this.#reply("235 2.7.0 welcome");
    } else if (verb === "XEXCH50") {
      if (this.#reply("354 send") !== 354 || !/^\d{1,9}$/.test(first) || Number(first) === 0) return;
      this.#left = Number(first);
      this.#state = "payload";
    } else if (this.#reply("220 2.0.0 ready") === 220) this.#state = "tls";
  }

  /** The octets follow their line, whatever the reply to it is. */
  #chunk(size: string, word: string): void {
    if (!/^\d{1,9}$/.test(size)) {
      this.#reply("501 5.5.4 size");
      return;
    }
    this.#last = word === "LAST";
    this.#left = Number(size);
    this.#state = "chunk";
    if (this.#left === 0) this.#count();
  }

  /** Sends `text`, or its replacement. @returns the code that the client sees, 0 for none */
  #reply(text: string): number {
    this.asked++;
    const answer = this.answers.shift();
    const bytes = answer ?? toBytes(`${text}\r\n`);
    this.replies.push(bytes);
    const code = Number(/^(?:\d{3}-[^\n]*\n)*(\d{3})[ \r\n]/.exec(latin1(bytes))?.[1] ?? 0);
    const last = this.told.at(-1);
    if (last !== undefined) last.code ||= code;
    return code;
  }
}
