/** What real servers make of recipients: which mailbox each of them takes a line for, and whether it is a local one. */
import { DOMAIN, type MailServer, type Kept } from "../../judges/mail-server.js";
import { markIn } from "./arbitrary-paths.js";
import { RawClient } from "../../peers/smtp-client.js";

/** Lines that one server is given in one transaction; each message that it keeps holds those that it took. */
const GROUP = 200;
/** Lines that are sent before their replies are read. */
const AHEAD = 50;

/** Gives command lines `RCPT …` to one server. */
export class RecipientTrial {
  /** The lines that were accepted, by the sender of their message. */
  readonly #accepted = new Map<string, string[]>();
  #transactions = 0;

  constructor(private readonly judge: MailServer) {}

  /** Lines that the server ends the connection at count as refused. */
  async give(lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; at += GROUP) await this.#giveGroup(lines.slice(at, at + GROUP));
  }

  /**
   * The mailboxes that the server keeps mail for, by the number of the line that each came from. Lines of which the
   * server left no number in the mailbox, and not their order either, are given to it again, each alone.
   */
  async mailboxes(): Promise<Map<number, string[]>> {
    for (const message of await this.judge.kept()) {
      for (const line of this.#attribute(message).doubtful) await this.#giveGroup([line]);
    }
    const all = new Map<number, string[]>();
    for (const message of await this.judge.kept()) {
      for (const [mark, mailbox] of this.#attribute(message).sure) {
        all.set(mark, [...(all.get(mark) ?? []), mailbox]);
      }
    }
    return all;
  }

  #attribute({ from, to }: Kept): { sure: [number, string][]; doubtful: string[] } {
    const lines = this.#accepted.get(from) ?? [];
    const marks = lines.map((line) => markIn(line));
    const found = to.map((mailbox) => markIn(mailbox.replaceAll("\\", "")));
    const inOrder =
      found.length === marks.length && found.every((mark, at) => mark === null || mark === marks[at]);
    const sure = to.flatMap((mailbox, at): [number, string][] => {
      const mark = inOrder || lines.length === 1 ? marks[at] : found[at];
      return typeof mark === "number" ? [[mark, mailbox]] : [];
    });
    const isSure = inOrder || lines.length === 1 || !found.includes(null);
    return { sure, doubtful: isSure ? [] : lines.filter((_, at) => !found.includes(marks[at] ?? null)) };
  }

  async #giveGroup(lines: readonly string[]): Promise<void> {
    const client = await RawClient.connect(this.judge.port);
    try {
      await client.reply();
      const offer = await client.ask("EHLO client.example.org");
      const transaction = this.#transactions++;
      const sender = `t${transaction}@example.org`;
      // Both ways, as UTF-8 is one thing to a server with it and another without.
      const utf8 = transaction % 2 === 0 && /^250[- ]SMTPUTF8\r?$/m.test(offer) ? " SMTPUTF8" : "";
      await this.#expect(client, `MAIL FROM:<${sender}>${utf8}`, "250");
      const accepted = await acceptedOf(client, lines);
      if (accepted !== null) {
        if (accepted.length === 0) return;
        this.#accepted.set(sender, accepted);
        await this.#expect(client, "DATA", "354");
        await this.#expect(client, "Subject: recipients\r\n\r\ntext\r\n.", "250");
        await client.ask("QUIT");
        return;
      }
    } finally {
      client.destroy();
    }
    // The connection ended at one of them: halves, until it is alone.
    if (lines.length === 1) return;
    const half = Math.ceil(lines.length / 2);
    await this.#giveGroup(lines.slice(0, half));
    await this.#giveGroup(lines.slice(half));
  }

  async #expect(client: RawClient, command: string, code: string): Promise<void> {
    const reply = await client.ask(command);
    if (!reply.startsWith(code)) throw new Error(`${this.judge.name} answers ${command}: ${reply}`);
  }
}

/** @returns the lines that were accepted; null when the connection ended */
async function acceptedOf(client: RawClient, lines: readonly string[]): Promise<string[] | null> {
  const accepted: string[] = [];
  for (let at = 0; at < lines.length; at += AHEAD) {
    const some = lines.slice(at, at + AHEAD);
    client.send(some.map((line) => `${line}\r\n`).join(""));
    for (const line of some) {
      const reply = await client.reply().catch(() => null);
      if (reply === null || reply.startsWith("421")) return null;
      if (reply.startsWith("250")) accepted.push(line);
    }
  }
  return accepted;
}

/** Whether mail for this mailbox is for a local user: it has no domain, or the one that a server gave it itself. */
export function isLocal(mailbox: string): boolean {
  const at = mailbox.lastIndexOf("@");
  const domain = mailbox.slice(at + 1);
  if (/^postmaster$/i.test(mailbox.slice(0, at < 0 ? undefined : at))) return false;
  // An "@" inside quotes separates nothing, and quotes cannot stand in a domain. A character here is an octet: 0xA0 alone
  // is no blank, and aiosmtpd and smtp-server keep it as a domain.
  return at < 0 || domain.includes('"') || domain.replace(/[.\t-\r ]/g, "") === "" || domain === DOMAIN;
}

/** A mailbox without quotes, escapes and the domain that a server gave it itself, as two servers can be compared by. */
export function normalized(mailbox: string): string {
  return mailbox.replace(/["\\]/g, "").replace(`@${DOMAIN}`, "").replace(/\.$/, "").toLowerCase();
}
