/**
 * Plays a string as message data and asks whether the filter and the models of servers see the same end of data in what
 * the filter sends on. After the string come a real end, and a command that the filter refuses when it reads it as one.
 * So the filter tells by what it does where it stands: the command reaches the server only as data, and a line "." only
 * as an end of data.
 */
import { DATA_READERS, rfc5321End } from "./models/end-of-data.js";
import { GONE } from "./models/reader.js";
import { type Feeding, FEEDINGS, Session } from "./session.js";

const GROUP = [
  [
    "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@mx.example>\r\nDATA\r\n",
    "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n",
  ],
] as const;
const END = "\r\n.\r\n";
/** Refused in both profiles as an Exchange command; no string over the alphabets spells one. */
export const PROBE = "X-LINK2STATE\r\n";
const QUEUED = "250 2.0.0 queued\r\n";
/** What the client reads when the message was taken and the probe refused. */
const AFTER_END = /^250 2\.0\.0 queued\r\n502 5\.5\.1 exchange_command[^\r\n]*\r\n$/;

/** What became of one string. */
interface Outcome {
  /** All that went to the server after 354. */
  sent: string;
  /** The filter has read the message to its real end, and then the probe as a command. */
  reachedEnd: boolean;
  /** The filter reported something that a server could take for the end of data. */
  smuggled: boolean;
  /** The filter knows of no message that the reply to the message could answer. */
  unsolicited: boolean;
}

/** Checks strings of message data under one policy. */
export class DataCheck {
  readonly #session: Session;
  /** How many strings went to their real end; the others ended the session. */
  reachedEnd = 0;

  /** @throws Error when the policy is refused */
  constructor(module: WebAssembly.Module, policy: string) {
    this.#session = new Session(module, policy);
  }

  /** @returns what is wrong, one line each */
  check(text: string): string[] {
    const [whole, cut] = FEEDINGS.map((feeding) => this.#play(text, feeding)) as [Outcome, Outcome];
    if (whole.reachedEnd) this.reachedEnd++;
    const faults = faultsOf(whole);
    if (whole.sent !== cut.sent || whole.reachedEnd !== cut.reachedEnd || whole.smuggled !== cut.smuggled) {
      faults.push(
        `byte by byte ${JSON.stringify(cut.sent)} is sent on, otherwise ${JSON.stringify(whole.sent)}`,
      );
    }
    return faults.map((fault) => `${JSON.stringify(text)}: ${fault}`);
  }

  #play(text: string, feeding: Feeding): Outcome {
    const session = this.#session;
    session.begin(GROUP);
    session.feed(text + END + PROBE, feeding);
    if (!session.closed) session.server(QUEUED);
    const reachedEnd = !session.closed && AFTER_END.test(session.toClientText);
    const smuggled = session.found("smuggled_end_of_data");
    const unsolicited = session.found("unsolicited_reply");
    if (session.suppressed) throw new Error("the filter left out events");
    if (!reachedEnd) session.end();
    return { sent: session.toServerText, reachedEnd, smuggled, unsolicited };
  }
}

function faultsOf({ sent, reachedEnd, smuggled, unsolicited }: Outcome): string[] {
  const end = rfc5321End(sent);
  const faults: string[] = [];
  if (reachedEnd && end !== sent.length) faults.push(`the filter has read on after an end of data`);
  if (!reachedEnd && end < 0 && !smuggled) faults.push("the filter has ended the session for no smuggling");
  if (end >= 0 && unsolicited) faults.push("the filter takes the end of data that was sent on for none");
  if (end >= 0 && rfc5321End(sent.slice(end)) >= 0) faults.push("a second end of data was sent on");
  if (sent.includes("X-LINK2STATE")) faults.push("the probe was sent on");
  for (const reader of DATA_READERS) {
    const seen = reader.end(sent);
    if (seen === end || seen === GONE) continue;
    faults.push(
      `${reader.name} sees the end of ${JSON.stringify(sent)} at ${seen}, RFC 5321 and the filter at ${end}`,
    );
  }
  return faults;
}
