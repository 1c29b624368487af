/** Runs vectors in the Node host. */
import { readFileSync } from "node:fs";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { findingIn, type FindingEvent, type Outcome } from "./vector-check.js";
import type { Script } from "./vector-conversation.js";
import type { Line } from "../../workbench/lines.js";
import { type Manner, Play, type Step } from "./vector-play.js";

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

const NOTHING = new Uint8Array(0);
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const text = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");

/** A close deadline may be up to a minute (`limits.close_deadline_ms`). */
const PAST_DEADLINE_MS = 61_000;

/** One policy in the Node host; connections of many runs follow each other on it. */
export class NodeVectors {
  readonly #clock = new ManualClock();
  readonly #plugin: Plugin;
  #findings: FindingEvent[] = [];

  /** @throws ConfigurationRefused */
  constructor(policy: string) {
    this.#plugin = Plugin.load(wasmModule(), { configuration: policy, clock: this.#clock });
    this.#plugin.onLog = (line) => {
      const finding = findingIn(line.message);
      if (finding !== null) this.#findings.push(finding);
    };
  }

  /** Ends the plugin as Envoy's exit does. */
  shutdown(): void {
    this.#plugin.shutdown();
  }

  /** Plays a script to its end. @param trace gets a point for each step @throws WasmTrap */
  run(script: Script, manner: Manner = {}, trace?: TracePoint[]): Outcome {
    // A new second has a new allowance of events (`events.max_per_second`).
    this.#clock.advance(2000);
    this.#plugin.logs.length = 0;
    this.#findings = [];
    const play = new Play(script, manner);
    const { client, server } = play.conversation;
    let filterClosed = false;
    const connection = this.#plugin.connect({
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
      if (step.side === "client") connection.fromClient(bytes(step.text), step.end);
      else connection.fromServer(bytes(step.text), step.end);
      mark(step);
    };
    const playOn = (): void => {
      for (let step = play.next(); step !== undefined; step = play.next()) deliver(step);
    };
    playOn();
    if (script.filterCloses && connection.closed === null) {
      this.#clock.advance(PAST_DEADLINE_MS);
      this.#plugin.tick();
      mark(null);
      playOn();
    }
    // A server's end releases whatever is still kept for the client; a reset adds nothing of its own.
    if (!server.sentEnd) deliver({ side: "server", text: "", end: true });
    connection.clientReset();
    server.settle();
    const summary = text(connection.filterState.get("wasm.smtp_inspector") ?? NOTHING);
    return { conversation: play.conversation, findings: this.#findings, filterClosed, summary };
  }
}

/** What each side sent and what the other one received, whatever the script says of it. */
export interface Passed {
  toServer: { sent: string; received: string; ended: boolean };
  toClient: { sent: string; received: string; ended: boolean };
}

/**
 * Sends what both sides of a script send, in its order and without waiting, under a policy that only watches.
 * @param cut cuts each line into the pieces that arrive one by one
 */
export function passThrough(plugin: Plugin, lines: Line[], cut: (text: string) => string[]): Passed {
  const connection = plugin.connect();
  const sent = { client: "", server: "" };
  for (const line of lines) {
    if (line.kind === "client_end") connection.fromClient(NOTHING, true);
    else if (line.kind === "server_end") connection.fromServer(NOTHING, true);
    else if (line.kind === "text" && line.sent) {
      sent[line.from] += line.text;
      for (const piece of cut(line.text)) {
        if (line.from === "client") connection.fromClient(bytes(piece));
        else connection.fromServer(bytes(piece));
      }
    }
  }
  connection.fromClient(NOTHING, true);
  connection.fromServer(NOTHING, true);
  const { toServer, toClient, serverEnded, clientEnded } = connection;
  return {
    toServer: { sent: sent.client, received: text(toServer), ended: serverEnded },
    toClient: { sent: sent.server, received: text(toClient), ended: clientEnded },
  };
}

let wasm: WebAssembly.Module | undefined;

/** The module as it ships; `npm run build` makes it. */
export function wasmModule(): WebAssembly.Module {
  const path = new URL("../../../build/smtp-inspector.wasm", import.meta.url);
  wasm ??= new WebAssembly.Module(readFileSync(path));
  return wasm;
}
