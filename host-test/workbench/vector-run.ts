/** Runs vectors in the Node host. */
import type { ManualClock } from "../host/clock.js";
import type { Connection, Plugin } from "../host/plugin.js";
import { text } from "./bytes.js";
import { alertOf } from "./events.js";
import { bytesOf } from "./transcript.js";
import type { Conversation } from "./vector-conversation.js";
import { type Manner, Schedule, type Step } from "./vector-schedule.js";
import type { Script } from "./vector-script.js";

/** An event of the filter, as far as vectors compare it (README, "Events"). */
export interface FindingEvent {
  event_type: string;
  protection: string;
  reason: string;
  mode: string;
  action: string;
  verb?: string;
  /** What the policy's shadow would do. */
  shadow?: true;
  src_ip?: string;
  dest_port?: number;
}

/** The result of one run. */
export interface Outcome {
  conversation: Conversation;
  findings: FindingEvent[];
  /** Whether the connection was closed by the filter, not by client or server. */
  filterClosed: boolean;
  /** Text of the access log's filter state; empty when none was set. */
  summary: string;
}

/** The event in a line that the filter logged; null when it is something else. */
export function findingIn(message: string): FindingEvent | null {
  return alertOf(message) as FindingEvent | null;
}

/** The state after a step of a run; another host must come to the same. */
export interface TracePoint {
  /** What was sent; null if only time passed, or the client reset the connection. */
  step: Step | null;
  /** Bytes each side has received so far, and whether it has seen the end of the stream. */
  clientTotal: number;
  serverTotal: number;
  clientEnded: boolean;
  serverEnded: boolean;
}

/** Longer than source_abuse remembers or refuses a source, unless a policy says otherwise. */
const FORGIVEN_MS = 7_200_000;

/**
 * Plays a script to its end on a connection of its own.
 * @param clock the plugin's; it is moved on
 * @param trace gets a point for each step
 * @throws WasmTrap
 */
export function runScript(
  plugin: Plugin,
  clock: ManualClock,
  script: Script,
  manner: Manner = {},
  trace?: TracePoint[],
): Outcome {
  const findings: FindingEvent[] = [];
  plugin.logs.length = 0;
  plugin.onLog = (line) => {
    const finding = findingIn(line.message);
    if (finding !== null) findings.push(finding);
  };
  // A new second has a new allowance of events (`events.max_per_second`), and of what other runs did nothing is remembered.
  clock.advance(FORGIVEN_MS);
  const run = new Run(plugin, new Schedule(script, manner), trace);
  run.playOn();
  if (script.filterCloses && run.connection.closed === null) {
    clock.advance(PAST_DEADLINE_MS);
    plugin.tick();
    run.mark(null);
    run.playOn();
  }
  run.end();
  const summary = text(run.connection.filterState.get("wasm.smtp_inspector") ?? NOTHING);
  return { conversation: run.schedule.conversation, findings, filterClosed: run.filterClosed, summary };
}

/** A script on its connection. */
class Run {
  readonly connection: Connection;
  filterClosed = false;

  constructor(
    plugin: Plugin,
    readonly schedule: Schedule,
    private readonly trace: TracePoint[] | undefined,
  ) {
    const { client, server, script } = schedule.conversation;
    this.connection = plugin.connect({
      startTls: script.host.startTls,
      ...(script.host.isTls && { tlsVersion: TLS_VERSION }),
      sink: {
        toServer: (data) => server.receive(text(data)),
        toClient: (data) => client.receive(text(data)),
        startTls: (side, unread) => {
          schedule.startTls(side, text(unread));
          this.connection.secured(side, TLS_VERSION);
        },
        endServer: () => (server.ended = true),
        endClient: () => (client.ended = true),
        close: (reason) => {
          client.ended = server.ended = true;
          this.filterClosed = reason.startsWith("wasm_");
        },
      },
    });
  }

  /** Sends what the script has either side send, as long as it has. */
  playOn(): void {
    for (let step = this.schedule.next(); step !== undefined; step = this.schedule.next())
      this.#deliver(step);
  }

  /** A server's end releases whatever is still kept for the client; a reset adds nothing of its own. */
  end(): void {
    const { server } = this.schedule.conversation;
    if (!server.sentEnd) this.#deliver({ side: "server", text: "", end: true });
    this.connection.clientReset();
    server.settle();
  }

  mark(step: Step | null): void {
    const { client, server } = this.schedule.conversation;
    this.trace?.push({
      step,
      clientTotal: client.total,
      serverTotal: server.total,
      clientEnded: client.ended,
      serverEnded: server.ended,
    });
  }

  #deliver(step: Step): void {
    if (step.side === "client") this.connection.fromClient(bytesOf(step.text), step.end);
    else this.connection.fromServer(bytesOf(step.text), step.end);
    this.mark(step);
  }
}

const NOTHING = new Uint8Array(0);
/** What two peers of today agree on. */
const TLS_VERSION = "TLSv1.3";

/** A close deadline may be up to a minute (`limits.close_deadline_ms`). */
const PAST_DEADLINE_MS = 61_000;
