/** Plays sessions through the shipped module in the Node host. */
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { lastingRecord } from "../../workbench/events.js";
import { bytes, pieces, text, type Cut } from "./arbitrary.js";
import { Server, type Habits } from "./arbitrary-server.js";
import type { Segment } from "./arbitrary-client.js";
import { wasmModule } from "./vector-node.js";

/** One side speaks; `end` is its end of stream. */
export interface Speech {
  side: "client" | "server";
  text: string;
  end: boolean;
}

/** A session with a server that answers. */
export interface Dialogue {
  client: Segment[];
  habits: Habits;
  /** The client ends its stream: with its last segment, after it, or it does not. */
  end: "with" | "after" | "never";
}

/** What a run came to. */
export interface Outcome {
  /** "protection/reason/action", in order. */
  findings: string[];
  /** The same without those of a shadow. */
  live: string[];
  toServer: string;
  toClient: string;
  serverEnded: boolean;
  clientEnded: boolean;
  closed: string | null;
  /** The record of the session, as far as it is the same each time. */
  summary: string;
}

/** A new instance now and then: what one leaves behind must not help or hide. */
const CASES_AN_INSTANCE = 500;
/** Beyond any close deadline (`limits.close_deadline_ms`). */
const PAST_DEADLINE_MS = 61_000;

/** One policy; the connections of many cases follow each other on one instance. */
export class ReusedFilter {
  #clock = new ManualClock();
  #cases = 0;
  #plugin: Plugin | null = null;
  #findings: string[] = [];
  #live: string[] = [];

  constructor(private readonly policy: object) {}

  get plugin(): Plugin {
    // A trap has been thrown already; the next case is not to suffer for it.
    if (this.#plugin?.trapped) this.#plugin = null;
    return this.#plugin ?? this.#load();
  }

  /** Ends the instance that runs. */
  stop(): void {
    this.#plugin?.shutdown();
    this.#plugin = null;
  }

  #load(): Plugin {
    const configuration = JSON.stringify({
      events: { max_per_second: 10_000, excerpt: "full" },
      ...this.policy,
    });
    this.#plugin = Plugin.load(wasmModule(), { configuration, clock: this.#clock });
    this.#plugin.onLog = ({ message }) => {
      const event: unknown = message.startsWith("{") ? JSON.parse(message) : null;
      if (!isFinding(event)) return;
      const finding = `${event.protection}/${event.reason}/${event.action}`;
      this.#findings.push(finding);
      if (event.shadow !== true) this.#live.push(finding);
    };
    return this.#plugin;
  }

  #connect(): ReturnType<Plugin["connect"]> {
    if (this.#cases++ % CASES_AN_INSTANCE === CASES_AN_INSTANCE - 1) this.stop();
    // Each second has its own allowance of events.
    this.#clock.advance(2000);
    this.plugin.logs.length = 0;
    this.#findings = [];
    this.#live = [];
    return this.plugin.connect();
  }

  #finish(connection: ReturnType<Plugin["connect"]>): Outcome {
    const { closed, serverEnded, clientEnded } = connection;
    connection.clientReset();
    const summary = connection.filterState.get("wasm.smtp_inspector");
    return {
      findings: this.#findings,
      live: this.#live,
      toServer: text(connection.toServer),
      toClient: text(connection.toClient),
      serverEnded,
      clientEnded,
      closed,
      summary: summary === undefined ? "none" : lastingRecord(text(summary)),
    };
  }

  /** What both sides say is fixed. @throws WasmTrap */
  script(speeches: Speech[], cut: Cut): Outcome {
    const connection = this.#connect();
    for (const speech of speeches) {
      const parts = pieces(speech.text, cut);
      parts.forEach((part, index) => {
        const end = speech.end && index + 1 === parts.length;
        if (speech.side === "client") connection.fromClient(bytes(part), end);
        else connection.fromServer(bytes(part), end);
      });
    }
    return this.#finish(connection);
  }

  /** The server answers what reaches it. @returns also the server @throws WasmTrap */
  dialogue({ client, habits, end }: Dialogue, cut: Cut): Outcome & { server: Server } {
    const connection = this.#connect();
    const server = new Server(habits);
    let seen = 0;
    const answer = (): void => {
      for (let told = false; !told;) {
        const all = text(connection.toServer);
        const reply = server.receive(all.slice(seen));
        seen = all.length;
        pieces(reply, cut).forEach((part) => connection.fromServer(bytes(part)));
        told = reply === "" && connection.toServer.length === seen;
      }
      if (server.ended) connection.fromServer(bytes(""), true);
    };
    pieces(habits.greeting, cut).forEach((part) => connection.fromServer(bytes(part)));
    client.forEach((segment, nth) => {
      // Who goes on speaking to a server that has left is not heard.
      if (server.ended) return;
      const parts = pieces(segment.text, cut);
      const ends = end === "with" && nth + 1 === client.length;
      parts.forEach((part, at) => connection.fromClient(bytes(part), ends && at + 1 === parts.length));
      if (segment.answered) answer();
    });
    answer();
    if (end === "after") connection.fromClient(bytes(""), true);
    answer();
    // What is to be closed by the timer is closed by it.
    this.#clock.advance(PAST_DEADLINE_MS);
    this.plugin.tick();
    answer();
    // What waits for a server that says no more is said when it ends.
    connection.fromServer(bytes(""), true);
    return { ...this.#finish(connection), server };
  }
}

function isFinding(
  event: unknown,
): event is { protection: string; reason: string; action: string; shadow?: unknown } {
  return typeof event === "object" && event !== null && "protection" in event && "reason" in event;
}
