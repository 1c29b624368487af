/** Plays sessions under a policy with a shadow, and says what either found. */
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { alertOf } from "../../workbench/events.js";
import { wasmModule } from "./vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

/** What came of a session. */
export interface Played {
  /** `protection/reason mode/action`, and what marks the shadow's. */
  events: string[];
  toServer: string;
  closed: string | null;
  summary: { verdict: string; shadow?: Record<string, unknown> };
  /** What was counted of findings and of the shadow, without the prefix. */
  counted: Record<string, number>;
}

/** Plays what the server (S) and the client (C) say in turn. */
export function play(policy: object, speeches: readonly string[], sourceAddress = "192.0.2.1:4000"): Played {
  const clock = new ManualClock();
  const configuration = JSON.stringify({ stat_prefix: "in", ...policy });
  const plugin = Plugin.load(wasmModule(), { configuration, clock });
  plugin.tick();
  const connection = plugin.connect({ sourceAddress });
  for (const speech of speeches) {
    if (speech.startsWith("C: ")) connection.fromClient(bytes(speech.slice(3)));
    else if (speech.startsWith("S: ")) connection.fromServer(bytes(speech.slice(3)));
    else {
      clock.advance(Number(speech));
      plugin.tick();
    }
  }
  const toServer = text(connection.toServer);
  const { closed } = connection;
  connection.clientReset();
  const events = plugin.logs.flatMap(({ level, message }) => {
    const event = alertOf(message);
    if (event === null) return [];
    const mark = event.shadow === true ? ` shadow ${level}` : "";
    return `${event.protection}/${event.reason} ${event.mode}/${event.action}${mark}`;
  });
  const summary = JSON.parse(
    text(connection.filterState.get("wasm.smtp_inspector") as Uint8Array),
  ) as Played["summary"];
  const counted = Object.fromEntries(
    [...plugin.metrics]
      .filter(([name, { value }]) => /findings|shadow/.test(name) && value > 0)
      .map(([name, { value }]) => [name.replace(/^.*smtp\.in\./, ""), Number(value)]),
  );
  plugin.shutdown();
  return { events, toServer, closed, summary, counted };
}

/** Up to where commands are read. */
export const GREETED = ["S: 220 mx\r\n", "C: EHLO c.example\r\n", "S: 250 mx\r\n"];
