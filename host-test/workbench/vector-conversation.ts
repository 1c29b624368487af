/** The scripted client and server of a vector: what each may send next, and what each has received. */
import { type Role, type Script, STAND_IN, TLS_ASTRAY, TLS_STARTS } from "./vector-script.js";

const STAND_IN_REPLY = "250 2.0.0 stand-in\r\n";

/** One side in one run. */
export class Actor {
  /** All that this side received, stand-ins left out where they do not count. */
  received = "";
  /** What it is to receive, in the same sense. */
  readonly expected: string;
  /** How many bytes that were, stand-ins included. */
  total = 0;
  ended = false;
  /** Segments of the script taken so far. */
  segments = 0;
  /** The end of its own stream was sent. */
  sentEnd = false;
  readonly #role: Role;
  readonly #lenient: boolean;
  #nextSend = 0;
  #nextExpected = 0;
  /** Characters of the next expected item that are there. */
  #there = 0;
  #pending = "";
  #strayed = false;
  readonly #skipped = new Set<number>();
  readonly #owed: string[] = [];
  /** The other side. */
  other: Actor | undefined;

  /** @param lenient stand-ins may be more or fewer than the script has */
  constructor(role: Role, lenient: boolean) {
    this.#role = role;
    this.#lenient = lenient;
    const counted = role.expected.filter((each) => !(lenient && each.standIn));
    this.expected = counted.map((each) => each.text).join("");
  }

  /** The reply to a stand-in that the script does not have, if one is owed. Asking takes it. */
  takeAnswer(): string | undefined {
    return this.#owed.shift();
  }

  /** How many of its segments and ends it has sent, or begun to. */
  get begun(): number {
    return this.#nextSend;
  }

  /** What the script has this side send now: a segment, its end (null), or nothing yet (undefined). Asking takes it. */
  take(): string | null | undefined {
    for (;;) {
      const send = this.#role.sends[this.#nextSend];
      if (send === undefined || this.#nextExpected < send.needs || (send.needsEnd && !this.ended))
        return undefined;
      if ((this.other?.begun ?? 0) < send.behind) return undefined;
      this.#nextSend++;
      if (send.end) {
        this.sentEnd = true;
        return null;
      }
      this.segments++;
      const parts = send.parts.filter(
        (part) => part.answers === undefined || !this.#skipped.has(part.answers),
      );
      const text = parts.map((part) => part.text).join("");
      if (text !== "") return text;
    }
  }

  /** Takes the end of the stream if it is what this side sends next. */
  takeEnd(): boolean {
    const isNext = this.#owed.length === 0 && this.#role.sends[this.#nextSend]?.end === true;
    return isNext && this.take() === null;
  }

  /** Everything was sent, and everything that the script says was received. */
  get isDone(): boolean {
    const { sends, expected, seesEnd } = this.#role;
    const received = this.#nextExpected === expected.length && (this.ended || !seesEnd);
    return this.#owed.length === 0 && this.#nextSend === sends.length && received;
  }

  /** This side's TLS is what comes next in the script. */
  get awaitsTls(): boolean {
    const isNext = this.#role.expected[this.#nextExpected]?.text === TLS_STARTS && this.#there === 0;
    return isNext && this.#role.tlsAfter === this.#nextSend;
  }

  /** TLS starts. @param isComplete all that was said is read: no segment is cut here, and nothing waits */
  startTls(isComplete: boolean): void {
    const isInPlace = isComplete && this.#role.tlsAfter === this.#nextSend;
    this.receive(isInPlace ? TLS_STARTS : TLS_ASTRAY);
  }

  /** @param text bytes that arrived, one character each */
  receive(text: string): void {
    this.total += text.length;
    this.#pending += text;
    while (this.#pending !== "" && this.#match()) continue;
  }

  /**
   * Nothing happens any more: what was kept because it could become a stand-in is not one, and a stand-in that the
   * script has but that did not come is no longer awaited. @returns whether that changed anything
   */
  settle(): boolean {
    const before = this.#nextExpected;
    if (this.#pending !== "") {
      this.#consume(this.#pending.length);
      return true;
    }
    this.#skipStandIns();
    return this.#nextExpected !== before;
  }

  /** Takes the first item of `#pending`; false when more must come to know what it is. */
  #match(): boolean {
    if (this.#lenient && this.#there === 0 && !this.#strayed) {
      const item = this.#role.expected[this.#nextExpected];
      if (item?.text !== STAND_IN || item.standIn) {
        if (STAND_IN.startsWith(this.#pending) && this.#pending !== STAND_IN) return false;
        if (this.#pending.startsWith(STAND_IN)) {
          this.#pending = this.#pending.slice(STAND_IN.length);
          if (item?.standIn === true) this.#nextExpected++;
          else this.#owed.push(STAND_IN_REPLY);
          return true;
        }
      }
      this.#skipStandIns();
    }
    const item = this.#role.expected[this.#nextExpected];
    const left = (item?.text.length ?? Infinity) - this.#there;
    this.#consume(Math.min(left, this.#pending.length));
    return true;
  }

  /** Counts `length` characters as the next ones of the script, whatever they are: the comparison comes at the end. */
  #consume(length: number): void {
    const taken = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    if (!this.expected.startsWith(taken, this.received.length)) this.#strayed = true;
    this.received += taken;
    this.#there += taken.length;
    for (;;) {
      const item = this.#role.expected[this.#nextExpected];
      if (item === undefined || this.#there < item.text.length) return;
      this.#there -= item.text.length;
      this.#nextExpected++;
    }
  }

  #skipStandIns(): void {
    while (this.#lenient && this.#role.expected[this.#nextExpected]?.standIn === true) {
      this.#skipped.add(this.#nextExpected++);
    }
  }
}

/** Both sides in one run of a script. */
export class Conversation {
  readonly client: Actor;
  readonly server: Actor;

  /** @param lenient how often stand-ins come may differ from the script */
  constructor(
    readonly script: Script,
    lenient: boolean,
  ) {
    this.client = new Actor(script.client, false);
    this.server = new Actor(script.server, lenient);
    [this.client.other, this.server.other] = [this.server, this.client];
  }
}
