/** Mail that flows while something goes wrong, and the account of it at both ends. */
import { setTimeout as pause } from "node:timers/promises";
import { stuffed } from "../../peers/mail.js";
import { within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

/**
 * What a client knows of a mail: "unsent" as long as the end of its data was not sent, "unknown" when the connection
 * ended before the reply to it. Neither an unsent nor a refused mail may be at the server.
 */
export type Fate = "unsent" | "unknown" | "accepted" | "refused";

export interface Account {
  /** Ids that were accepted and are not at the server. */
  lost: string[];
  /** Ids that are there more than once. */
  doubled: string[];
  /** Ids that are there though they were refused, or not sent to the end. */
  unwanted: string[];
  /** Messages at the server that no client sent so. */
  altered: string[];
}

/** What an account is when nothing went wrong. */
export const ALL_WELL: Account = { lost: [], doubled: [], unwanted: [], altered: [] };

export interface TrafficOptions {
  /** Connections at a time, 4 by default. */
  clients?: number;
  /** Opens a connection; to `port` of 127.0.0.1 by default. */
  dial?: (port: number) => Promise<RawClient>;
  /** Milliseconds that a client waits for a reply, 20,000 by default. */
  patienceMs?: number;
}

/** A message that only this id has: some short, some of 90 KB, with lines that begin with dots. */
export function contentOf(id: string): string {
  const size = /(\d+)$/.exec(id)?.[1] ?? "0";
  const lines = Number(size) % 16 === 7 ? 1200 : 4 + (Number(size) % 5);
  const text = Array.from(
    { length: lines },
    (_, line) => `${line % 3 === 0 ? "." : ""}${id} ${line} ${"x".repeat(55)}`,
  );
  return [`Message-ID: <${id}@client.example.org>`, "Subject: test", "", ...text, ""].join("\r\n");
}

let runs = 0;

/** Clients that send mail after mail until they are stopped. */
export class Traffic {
  /** What became of each mail, by its id. */
  readonly fates = new Map<string, Fate>();
  /** Connections that ended before the client was done with them. */
  cut = 0;
  readonly #run = runs++;
  readonly #workers: Promise<void>[];
  #stopped = false;

  constructor(
    private readonly port: number,
    private readonly options: TrafficOptions = {},
  ) {
    const clients = options.clients ?? 4;
    this.#workers = Array.from({ length: clients }, (_, client) => this.#work(client));
  }

  /** How many mails had this fate so far. */
  count(fate: Fate): number {
    return [...this.fates.values()].filter((each) => each === fate).length;
  }

  /** Waits until `count` more mails are accepted. */
  async more(count: number, limitMs = 20_000): Promise<void> {
    const goal = this.count("accepted") + count;
    const reached = async (): Promise<void> => {
      while (this.count("accepted") < goal) await pause(5);
    };
    await within(reached(), `${goal} mails accepted; ${this.count("accepted")} are`, limitMs);
  }

  /** Lets the mails that are under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  /** Compares what the clients saw with what the server kept. */
  account(kept: string[]): Account {
    const arrived = new Map<string, number>();
    const result: Account = { lost: [], doubled: [], unwanted: [], altered: [] };
    for (const content of kept) {
      const id = /^Message-ID: <(t\d+c\d+m\d+)@/.exec(content)?.[1] ?? "";
      if (this.fates.has(id) && content === contentOf(id)) arrived.set(id, (arrived.get(id) ?? 0) + 1);
      else result.altered.push(content.slice(0, 80));
    }
    for (const [id, fate] of this.fates) {
      const times = arrived.get(id) ?? 0;
      if (fate === "accepted" && times === 0) result.lost.push(id);
      if (times > 1) result.doubled.push(id);
      if (times > 0 && (fate === "refused" || fate === "unsent")) result.unwanted.push(id);
    }
    return result;
  }

  async #work(client: number): Promise<void> {
    for (let mail = 0; !this.#stopped;) {
      const before = mail;
      const id = (): string => `t${this.#run}c${client}m${mail++}`;
      if (await this.#connection(client, id)) continue;
      this.cut++;
      // Nothing answers for now: as a client that tries again later.
      if (mail === before) await pause(20);
    }
  }

  /** Three mails on one connection. @returns whether it came to its end */
  async #connection(client: number, nextId: () => string): Promise<boolean> {
    let dialled: RawClient | null = null;
    try {
      const connection = (dialled = await (this.options.dial ?? RawClient.connect)(this.port));
      const reply = (): Promise<string> =>
        within(connection.reply(), "a reply", this.options.patienceMs ?? 20_000);
      if (!(await reply()).startsWith("220")) return false;
      connection.send("EHLO client.example.org\r\n");
      if (!(await reply()).startsWith("250")) return false;
      for (let count = 0; count < 3 && !this.#stopped; count++) {
        await this.#mail(connection, reply, nextId(), client % 2 === 0);
      }
      connection.send("QUIT\r\n");
      return (await reply()).startsWith("221");
    } catch {
      return false;
    } finally {
      dialled?.destroy();
    }
  }

  async #mail(to: RawClient, reply: () => Promise<string>, id: string, pipelined: boolean): Promise<void> {
    this.fates.set(id, "unsent");
    const commands = [`MAIL FROM:<${id}@example.org>\r\n`, "RCPT TO:<bob@example.test>\r\n", "DATA\r\n"];
    let last = "";
    if (pipelined) to.send(commands.join(""));
    for (const command of commands) {
      if (!pipelined) to.send(command);
      last = await reply();
      if (!pipelined && !/^[23]/.test(last)) break;
    }
    if (!last.startsWith("354")) {
      this.fates.set(id, "refused");
      return;
    }
    this.fates.set(id, "unknown");
    to.send(stuffed(contentOf(id)));
    this.fates.set(id, (await reply()).startsWith("250") ? "accepted" : "refused");
  }
}
