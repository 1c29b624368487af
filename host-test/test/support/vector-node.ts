/** Runs vectors in the Node host. */
import { readFileSync } from "node:fs";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import type { Line } from "../../workbench/lines.js";
import type { Script } from "../../workbench/vector-script.js";
import type { Manner } from "../../workbench/vector-schedule.js";
import { type Outcome, runScript, type TracePoint } from "../../workbench/vector-run.js";

const NOTHING = new Uint8Array(0);
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const text = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");

/** One policy in the Node host; connections of many runs follow each other on it. */
export class NodeVectors {
  readonly #clock = new ManualClock();
  readonly #plugin: Plugin;

  /** @throws ConfigurationRefused */
  constructor(policy: string) {
    this.#plugin = Plugin.load(wasmModule(), { configuration: policy, clock: this.#clock });
  }

  /** Ends the plugin as Envoy's exit does. */
  shutdown(): void {
    this.#plugin.shutdown();
  }

  /** Plays a script to its end. @param trace gets a point for each step @throws WasmTrap */
  run(script: Script, manner: Manner = {}, trace?: TracePoint[]): Outcome {
    return runScript(this.#plugin, this.#clock, script, manner, trace);
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
