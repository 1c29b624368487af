/** Hostile and legitimate conversations as data: what a client sends, in which segments, and where it waits. */

/** One thing that the client does. In the bytes, one character is one byte and `#####` the session's own mark. */
export type Step =
  /** Sends one segment. */
  | { send: string }
  /** Sends each byte in a segment of its own. */
  | { trickle: string }
  /** Lets what was sent arrive as a read of its own. */
  | { pause: number }
  /** Waits for the next reply. */
  | { reply: true }
  /** Waits for the next reply for a moment; a server that is still reading data says nothing. */
  | { maybe: true }
  /**
   * Sends whole commands: at once when the server has offered PIPELINING or was silent at the last `maybe`, else one
   * after the other, each when the one before is answered.
   */
  | { group: string[] }
  /** Sends DATA and, when the server asks for it, this message with its dots doubled; waits for the replies. */
  | { letter: string }
  /** Starts TLS when the last reply was 220, and goes on in clear when not. */
  | { tls: true };

/** An EHLO keyword that a row depends on. */
export type Extension =
  "PIPELINING" | "CHUNKING" | "SMTPUTF8" | "DSN" | "AUTH" | "STARTTLS" | "8BITMIME" | "SIZE";

/** A row of the table. */
export interface Stream {
  /** Unique; what the client does, in few words. */
  name: string;
  family: Family;
  /** What is odd about it, or where it comes from. */
  about: string;
  steps: Step[];
  /**
   * Extensions that decide what this conversation means: servers are compared with those that offer the same of them.
   * Without CHUNKING, BDAT is an unknown word for good reason; that is no other reading of it.
   */
  needs?: Extension[];
  /** Servers that refuse this legitimate conversation on grounds of their own, by the name of the program. */
  refusedBy?: string[];
  /** Where servers that read alike may still differ on grounds of their own. */
  differs?: Difference;
}

/** A difference between servers that no filter takes away. Hidden mail counts in spite of it. */
export interface Difference {
  /** `arrival`: some refuse it. `content`: all take it and some alter it. */
  in: "arrival" | "content";
  /** Only there do they differ; in both profiles by default. */
  under?: "recommended";
  why: string;
}

export type Family =
  "end of data" | "groups" | "after a command" | "long lines" | "BDAT" | "odd bytes" | "legitimate";

/** Waits for the greeting and says EHLO. */
export const ehlo: Step[] = [{ reply: true }, { send: "EHLO client.test\r\n" }, { reply: true }];

/** The sender by which an arrived message is known to be the one that everybody may see. */
export const VISIBLE = "visible-#####@client.test";
/** The sender of a message that is hidden in something else: it must never arrive. */
export const HIDDEN = "hidden-#####@client.test";
/** The sender of a second message that is honestly one. */
export const SECOND = "second-#####@client.test";
/** Recipients. */
export const ALICE = "a-#####@judge.test";
export const BOB = "b-#####@judge.test";

/** The head of every message: without Date and Message-ID a server may add its own. */
export const HEAD =
  "From: <a@client.test>\r\nSubject: judged\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n" +
  "Message-ID: <#####@client.test>\r\n\r\n";

/** The first commands of most conversations. */
export const MAIL = `MAIL FROM:<${VISIBLE}>\r\n`;
export const RCPT = `RCPT TO:<${ALICE}>\r\n`;

/** Every segment followed by a moment's wait. */
export const each = (...segments: string[]): Step[] =>
  segments.flatMap((send): Step[] => [{ send }, { maybe: true }]);

/** Commands that open a transaction, one segment each where the server wants that. */
export function envelope(from = VISIBLE, ...to: string[]): Step {
  const recipients = to.length === 0 ? [ALICE] : to;
  return { group: [`MAIL FROM:<${from}>\r\n`, ...recipients.map((each) => `RCPT TO:<${each}>\r\n`)] };
}

/** Opens a session and a transaction, and asks to send data. */
export const toData: Step[] = [...ehlo, envelope(), { send: "DATA\r\n" }, { reply: true }];

/** A whole message from `from`, from MAIL to its end, as one who waits for replies sends it; then QUIT. */
export function message(from: string, body = "hidden or second\r\n"): Step[] {
  const opening = [`MAIL FROM:<${from}>\r\n`, `RCPT TO:<${ALICE}>\r\n`, "DATA\r\n"];
  // QUIT waits for the last reply: not every server takes commands in groups.
  return [{ group: opening }, { send: `${HEAD}${body}.\r\n` }, { reply: true }, quit];
}

export const quit: Step = { send: "QUIT\r\n" };
