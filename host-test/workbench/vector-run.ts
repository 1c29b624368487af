/** Runs vectors in the Node host. */
import type { ManualClock } from "../host/clock.js";
import type { Plugin } from "../host/plugin.js";
import { text } from "./bytes.js";
import { bytesOf } from "./transcript.js";
import type { Conversation, Script } from "./vector-conversation.js";
import { type Manner, Play, type Step } from "./vector-play.js";

/** An event of the filter, as far as vectors compare it (README, "Events"). */
export interface FindingEvent {
  event_type: string;
  protection: string;
  reason: string;
  mode: string;
  action: string;
  verb?: string;
  src_ip?: string;
  dest_port?: number;
}

/** What came of one run. */
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
  if (!message.startsWith('{"event_type":"alert"')) return null;
  return JSON.parse(message) as FindingEvent;
}

/** What is there once a step of a run has had its effect; another host must come to the same. */
export interface TracePoint {
  /** What was sent; null where only time went by, or the client reset the connection. */
  step: Step | null;
  /** Bytes each side has received so far, and whether it has seen the end of the stream. */
  clientTotal: number;
  serverTotal: number;
  clientEnded: boolean;
  serverEnded: boolean;
}

/**
 * Plays a script to its end on a connection of its own.
 * @param clock the plugin's; it goes on
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
  // A new second has a new allowance of events (`events.max_per_second`).
  clock.advance(2000);
  plugin.logs.length = 0;
  const findings: FindingEvent[] = [];
  plugin.onLog = (line) => {
    const finding = findingIn(line.message);
    if (finding !== null) findings.push(finding);
  };
  const play = new Play(script, manner);
  const { client, server } = play.conversation;
  let filterClosed = false;
  const connection = plugin.connect({
    sink: {
      toServer: (data) => server.receive(text(data)),
      toClient: (data) => client.receive(text(data)),
      endServer: () => (server.ended = true),
      endClient: () => (client.ended = true),
      close: (reason) => {
        client.ended = server.ended = true;
        filterClosed = reason.startsWith("wasm_");
      },
    },
  });
  const mark = (step: Step | null): void => {
    trace?.push({
      step,
      clientTotal: client.total,
      serverTotal: server.total,
      clientEnded: client.ended,
      serverEnded: server.ended,
    });
  };
  const deliver = (step: Step): void => {
    if (step.side === "client") connection.fromClient(bytesOf(step.text), step.end);
    else connection.fromServer(bytesOf(step.text), step.end);
    mark(step);
  };
  const playOn = (): void => {
    for (let step = play.next(); step !== undefined; step = play.next()) deliver(step);
  };
  playOn();
  if (script.filterCloses && connection.closed === null) {
    clock.advance(PAST_DEADLINE_MS);
    plugin.tick();
    mark(null);
    playOn();
  }
  // A server's end releases whatever is still kept for the client; a reset adds nothing of its own.
  if (!server.sentEnd) deliver({ side: "server", text: "", end: true });
  connection.clientReset();
  server.settle();
  const summary = text(connection.filterState.get("wasm.smtp_inspector") ?? NOTHING);
  return { conversation: play.conversation, findings, filterClosed, summary };
}

const NOTHING = new Uint8Array(0);

/** A close deadline may be up to a minute (`limits.close_deadline_ms`). */
const PAST_DEADLINE_MS = 61_000;
