/** The scripted client and server of a vector: what each may send next, and what each has received. */
import type { Line } from "./lines.js";

/** A part of a segment; one that answers a stand-in of the script is not sent when that stand-in was not needed. */
interface Part {
  text: string;
  /** Index of the expected stand-in that this answers. */
  answers?: number;
}

interface Send {
  parts: Part[];
  /** How many expected items of this side must be there first. */
  needs: number;
  /** Whether the end of the other side's stream must have been seen first. */
  needsEnd: boolean;
  /** How many segments and ends of the other side must have been sent first, because a boundary stands between. */
  behind: number;
  /** This is no segment but the end of the stream. */
  end: boolean;
}

interface Expected {
  text: string;
  /** A NOOP that the filter sends for a withheld command when the server owes no reply. */
  standIn: boolean;
}

interface Role {
  sends: Send[];
  expected: Expected[];
  /** The script says that this side sees the end of the stream. */
  seesEnd: boolean;
}

/** The script of a case, one role for each side. */
export interface Script {
  client: Role;
  server: Role;
  /** Whether the filter itself is to close the connection. */
  filterCloses: boolean;
}

export const STAND_IN = "NOOP\r\n";
const STAND_IN_REPLY = "250 2.0.0 stand-in\r\n";

/** Adjacent lines of one sender are one segment; those of the server also across a line that only the client gets. */
export function scriptOf(lines: Line[]): Script {
  const role = (): Role => ({ sends: [], expected: [], seesEnd: false });
  const script: Script = { client: role(), server: role(), filterCloses: false };
  const open: Record<"client" | "server", Send | null> = { client: null, server: null };
  const behind = { client: 0, server: 0 };
  let standIn: number | undefined;
  const send = (side: "client" | "server", end: boolean): Send => {
    const { sends, expected, seesEnd } = script[side];
    const made = { parts: [], needs: expected.length, needsEnd: seesEnd, behind: behind[side], end };
    sends.push(made);
    return made;
  };
  for (const line of lines) {
    if (line.kind !== "text") {
      open.client = open.server = null;
      if (line.kind === "boundary") {
        behind.client = script.server.sends.length;
        behind.server = script.client.sends.length;
      }
      if (line.kind === "filter_close") script.filterCloses = true;
      if (line.kind === "client_end") send("client", true);
      if (line.kind === "server_end") send("server", true);
      if (line.kind !== "boundary" && line.kind !== "client_end") script.client.seesEnd = true;
      if (line.kind !== "boundary" && line.kind !== "server_end") script.server.seesEnd = true;
      continue;
    }
    const other = line.from === "client" ? "server" : "client";
    const isAnswer = standIn !== undefined && line.from === "server" && line.sent && !line.received;
    if (line.sent) {
      open[line.from] ??= send(line.from, false);
      open[line.from]?.parts.push({ text: line.text, ...(isAnswer && { answers: standIn as number }) });
    }
    if (!isAnswer) standIn = undefined;
    if (line.received) {
      const expected = script[other].expected;
      const isStandIn = !line.sent && line.from === "client" && line.text === STAND_IN;
      if (isStandIn) standIn = expected.length;
      expected.push({ text: line.text, standIn: isStandIn });
      open[other] = null;
    }
    if (line.sent) open[other] = null;
    if (!(line.from === "client" && line.sent)) open.client = null;
  }
  return script;
}

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

  /** @param text bytes that arrived, one character each */
  receive(text: string): void {
    this.total += text.length;
    this.#pending += text;
    while (this.#pending !== "" && this.#match()) continue;
  }

  /**
   * Nothing happens any more: what was kept because it could still become a stand-in is none, and a stand-in that the
   * script has but that did not come is not awaited. @returns whether that changed anything
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

  /** Takes what stands first in `#pending`; false when more must come to know what it is. */
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
