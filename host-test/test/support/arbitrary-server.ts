/** Servers of many habits: each answers what it receives, when it has received it. */
import fc from "fast-check";
import { StrictReader, type Request } from "./strict-reader.js";

/** What a server says. `answers` is gone through round and round, one for each request other than NOOP. */
export interface Habits {
  greeting: string;
  capabilities: string[];
  /** "right" is what RFC 5321 has; "refuse" a 5xx; "long" a reply of three lines; else the words themselves. */
  answers: string[];
}

const capabilities: fc.Arbitrary<string[]> = fc.subarray([
  "PIPELINING",
  "CHUNKING",
  "SMTPUTF8",
  "AUTH LOGIN PLAIN",
  "8BITMIME",
  "BINARYMIME",
  "STARTTLS",
]);
const allCapabilities: fc.Arbitrary<string[]> = fc.constant([
  "PIPELINING",
  "CHUNKING",
  "8BITMIME",
  "SMTPUTF8",
  "AUTH LOGIN",
  "SIZE",
  "BINARYMIME",
  "DSN",
]);

const ODD = [
  "220 ready\r\n",
  "354 go\r\n",
  "334 \r\n",
  "235 in\r\n",
  "250-a\r\n550 b\r\n",
  "250-a\r\n354 b\r\n",
  "421 bye\r\n",
  "250 ok\n",
  "junk\r\n",
  "\r\n",
  "250 o\0k\r\n",
  "250-unfinished\r\n",
  "",
];

/** Servers that keep to RFC 5321. */
export const honest: fc.Arbitrary<Habits> = fc.record({
  greeting: fc.constantFrom("220 mx.example ESMTP\r\n", "220-mx.example\r\n220 ESMTP\r\n"),
  capabilities: fc.oneof(allCapabilities, capabilities),
  answers: fc.array(fc.constantFrom("right", "right", "right", "right", "refuse", "long"), {
    minLength: 1,
    maxLength: 8,
  }),
});

/** Servers that say anything. */
export const strange: fc.Arbitrary<Habits> = fc.record({
  greeting: fc.constantFrom(
    "220 mx\r\n",
    "220 mx\r\n",
    "220 mx\r\n",
    "220 mx\r\n",
    "554 no\r\n",
    "junk\r\n",
    "220-a\r\n250 b\r\n",
    "250 hi\r\n",
    "220 mx\n",
  ),
  capabilities,
  answers: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("right", "right", "refuse", "long") },
      fc.constantFrom(...ODD),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  ),
});

/** A server of such habits. */
export class Server {
  readonly reader: StrictReader;
  /** It has said goodbye: nothing more comes from it. */
  ended = false;
  #answered = 0;
  #rounds = 0;
  #mail = false;
  #recipients = 0;

  constructor(private readonly habits: Habits) {
    this.reader = new StrictReader((request) => this.#answer(request));
    this.reader.chunking = habits.capabilities.includes("CHUNKING");
  }

  /** @returns what it answers, "" for nothing yet */
  receive(bytes: string): string {
    return this.ended ? "" : this.reader.receive(bytes);
  }

  #answer(request: Request): string | null {
    if (this.ended) return null;
    if (request.verb === "QUIT") {
      this.ended = true;
      return "221 bye\r\n";
    }
    // A stand-in must not change what the others are told.
    if (request.line === "NOOP" && request.kind === "command") return "250 nothing\r\n";
    const { answers } = this.habits;
    const answer = answers[this.#answered++ % answers.length] ?? "right";
    const plain = answer === "right" || answer === "long";
    // The end of a message ends the transaction, whatever the reply (RFC 5321 4.1.1.4).
    if (!plain && request.kind !== "command" && request.last) this.#endTransaction();
    if (answer === "refuse") return "550 no\r\n";
    if (!plain) return answer;
    const right = this.#right(request);
    if (answer === "right" || request.verb === "EHLO") return right;
    const code = right.slice(0, 3);
    return `${code}-first\r\n${code}-second\r\n${right}`;
  }

  #right(request: Request): string {
    if (request.kind === "response") return --this.#rounds > 0 ? "334 UGFzc3dvcmQ6\r\n" : "235 in\r\n";
    if (request.kind !== "command") {
      const taken = this.#recipients > 0;
      if (request.last) this.#endTransaction();
      return taken ? "250 taken\r\n" : "503 to whom\r\n";
    }
    switch (request.verb) {
      case "RSET":
      case "HELO":
        this.#endTransaction();
        return "250 ok\r\n";
      case "EHLO":
        this.#endTransaction();
        return ["mx.example", ...this.habits.capabilities]
          .map((each, at, all) => `250${at + 1 < all.length ? "-" : " "}${each}\r\n`)
          .join("");
      case "MAIL":
        this.#mail = true;
        this.#recipients = 0;
        return "250 ok\r\n";
      case "RCPT":
        if (!this.#mail) return "503 from whom\r\n";
        this.#recipients++;
        return "250 ok\r\n";
      case "DATA":
        return this.#recipients > 0 ? "354 go on\r\n" : "503 to whom\r\n";
      case "AUTH":
        this.#rounds = 2;
        return "334 VXNlcm5hbWU6\r\n";
      default:
        return ANSWERS[request.verb] ?? "250 ok\r\n";
    }
  }

  #endTransaction(): void {
    this.#mail = false;
    this.#recipients = 0;
  }
}

const ANSWERS: Record<string, string> = {
  STARTTLS: "220 go on\r\n",
  XCLIENT: "220 go on\r\n",
  XEXCH50: "354 send\r\n",
  "": "502 no\r\n",
  TURN: "502 no\r\n",
  ATRN: "502 no\r\n",
};
