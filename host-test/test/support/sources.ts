/** Clients that do harm, by the connection, in the Node host. */
import { ManualClock } from "../../host/clock.js";
import { type Connection, Plugin } from "../../host/plugin.js";
import { wasmModule } from "./vector-node.js";

const NOTHING = new Uint8Array(0);
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** What a client got before it said anything. */
export const GREETING = "220 mx.example ESMTP\r\n";
export const REFUSAL = "421 4.7.0 source_abuse: connection closed by policy\r\n";

/** What a client does in one session, and what the server says to it; each pair is a command and its reply. */
export type Deeds = readonly (readonly [string, string])[];

export const harvest = (names: number): Deeds =>
  Array.from({ length: names }, (_, i) => [`RCPT TO:<name${i}@mx.example>`, "550 5.1.1 unknown"] as const);

/** One Envoy's workers with a policy of source_abuse. */
export class SourceLab {
  readonly clock = new ManualClock();
  readonly plugin: Plugin;
  readonly events: string[] = [];

  /** @param options of source_abuse */
  constructor(options: object, { workers = 1, profile = "monitor", more = {}, root = {} } = {}) {
    const protections = { source_abuse: { mode: "prevent", ...options }, ...more };
    const configuration = JSON.stringify({ stat_prefix: "lab", profile, protections, ...root });
    this.plugin = Plugin.load(wasmModule(), { configuration, clock: this.clock, workers });
    this.plugin.onLog = ({ message }) => {
      const found = /"protection":"(source_abuse)","reason":"(\w+)","mode":"(\w+)","action":"(\w+)"/.exec(
        message,
      );
      if (found !== null) this.events.push(found.slice(1).join(" "));
    };
  }

  /** A connection that the server has greeted. */
  open(address: string, worker = 0): Connection {
    const connection = this.plugin.connect({ sourceAddress: address, worker });
    connection.fromServer(bytes(GREETING));
    return connection;
  }

  /** Does `deeds` on a connection. */
  act(connection: Connection, deeds: Deeds): void {
    for (const [command, reply] of deeds) {
      connection.fromClient(bytes(`${command}\r\n`));
      connection.fromServer(bytes(`${reply}\r\n`));
    }
  }

  /** A whole session; returns what the client got in the place of the greeting. */
  visit(address: string, deeds: Deeds = [], worker = 0): string {
    const connection = this.open(address, worker);
    const first = text(connection);
    if (first === GREETING) this.act(connection, deeds);
    connection.fromClient(NOTHING, true);
    connection.fromServer(NOTHING, true);
    return first;
  }

  /** What a counter of the filter has. */
  count(name: string): number {
    return this.plugin.metric(`smtp.lab.${name}`) ?? 0;
  }
}

/** All that the client has got so far. */
export function text({ toClient }: Connection): string {
  return Buffer.from(toClient.buffer, toClient.byteOffset, toClient.length).toString("latin1");
}
