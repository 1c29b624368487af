/** What an attacker's octet costs while the filter holds much of what was sent before it. */
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "../../host/connection.js";
import type { BenchOptions, Measurement } from "../result.js";
import { wanted } from "../result.js";
import { BenchHost } from "./bench-host.js";
import { COPIED, countCopies, COUNTER, countInstructions } from "./count.js";
import { cpuNanoseconds } from "./cpu-clock.js";
import { play } from "./play.js";
import { OPENING } from "./script.js";

/** Octets held: one segment, most of a window of 64 KiB, and nearly as much as `limits.held_bytes` may allow here. */
export const HELD = [5, 58, 240].map((kibibytes) => kibibytes * 1024);

/** Something that a client or a server can do after it has had `held` octets held. */
export interface HeldLoad {
  /** Makes the filter hold them. */
  readonly hold: (host: BenchHost, held: number) => Connection;
  readonly side: "client" | "server";
  /** What is sent next. */
  readonly octets: string;
  /** How many of them a callback gets. */
  readonly chunk: number;
}

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const REPLY = "250 o\r\n";
/** The longest reply that is read: lines of 512 octets (RFC 5321 4.5.3.1.5) up to 64 KiB. */
const LONG_REPLY = `250-${"x".repeat(506)}\r\n`.repeat(127);

/** Lines after a NOOP that has no reply yet. */
export function holdLines(host: BenchHost, line: string, held: number): Connection {
  const connection = play(host, OPENING);
  send(connection, "client", `NOOP\r\n${line.repeat(held / line.length)}`, 65_536);
  return connection;
}

/** The server has answered only the first, so that all after the second waits in the module's memory. */
function holdNoops(host: BenchHost, held: number): Connection {
  const connection = holdLines(host, "NOOP\r\n", held);
  send(connection, "server", REPLY, REPLY.length);
  return connection;
}

function holdEarly(host: BenchHost, held: number): Connection {
  const connection = host.connect();
  send(connection, "client", "x".repeat(held), 65_536);
  return connection;
}

const ONE_CHUNK: HeldLoad = { hold: holdNoops, side: "server", octets: REPLY.repeat(800), chunk: 65_536 };
const DRIPPED: HeldLoad = { hold: holdNoops, side: "server", octets: LONG_REPLY, chunk: 1 };

/** Law 8's loads, by the names that the tests print. Each answers no more commands than the least that is held. */
export const LOADS: Readonly<Record<string, HeldLoad>> = {
  "replies in one chunk": ONE_CHUNK,
  "replies one by one": { hold: holdNoops, side: "server", octets: REPLY.repeat(800), chunk: REPLY.length },
  "a reply octet by octet": DRIPPED,
  "a partial line octet by octet": {
    hold: holdNoops,
    side: "client",
    octets: `NOOP ${"x".repeat(2000)}`,
    chunk: 1,
  },
  "octets before the greeting": { hold: holdEarly, side: "client", octets: "x".repeat(2000), chunk: 1 },
};

/** As in README's first steps, and where something prevents but none of it ends these loads. */
const PROFILES = {
  watching: { profile: "monitor" },
  editing: {
    profile: "recommended",
    protections: { improper_pipelining: "detect", client_talks_first: "detect", unsolicited_reply: "detect" },
  },
} as const;
export type Way = keyof typeof PROFILES;
export const WAYS = Object.keys(PROFILES) as Way[];

/** Envoy's default: with less the client's socket is not read any more. */
const BUFFER_LIMIT = 1 << 20;

function hostFor(module: WebAssembly.Module, way: Way): BenchHost {
  const policy = JSON.stringify({ ...PROFILES[way], limits: { held_bytes: 262_144 } });
  return new BenchHost(module, policy, BUFFER_LIMIT);
}

function send(connection: Connection, side: "client" | "server", octets: string, chunk: number): void {
  for (let at = 0; at < octets.length; at += chunk) {
    const bytes = latin1(octets.slice(at, at + chunk));
    if (side === "client") connection.fromClient(bytes);
    else connection.fromServer(bytes);
  }
}

/** The module with both counters. @param wasm the release module, as shipped */
export function countingCopies(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(countCopies(countInstructions(wasm)));
}

/** What an octet of a load costs. */
export interface OctetCost {
  readonly instructions: number;
  /** Octets that `memory.copy` moved. */
  readonly copied: number;
}

/** @param module of `countingCopies` @throws WasmTrap; Error when the load ends the connection, so that it shows nothing */
export function costOfOctet(
  module: WebAssembly.Module,
  load: HeldLoad,
  way: Way,
  held: number,
  octets = load.octets,
): OctetCost {
  const host = hostFor(module, way);
  const connection = load.hold(host, held);
  host.takeCounter(COUNTER);
  host.takeCounter(COPIED);
  send(connection, load.side, octets, load.chunk);
  if (connection.closed !== null) throw new Error(`the load ended the connection: ${connection.closed}`);
  const each = (counter: number): number => host.takeCounter(counter) / octets.length;
  return { instructions: each(COUNTER), copied: each(COPIED) };
}

/** What is timed: all that the server may send in one chunk under envoy/envoy.yaml, and the longest reply. */
const TIMED: Readonly<Record<string, HeldLoad>> = {
  "64 KiB of replies in one chunk": { ...ONE_CHUNK, octets: REPLY.repeat(9362) },
  "a reply of 64 KiB octet by octet": DRIPPED,
};

/** Callbacks that are timed as one: the clock counts microseconds. */
const STRETCH = 4096;

/** Microseconds an octet in the worst stretch of a load, with the Node host; the worse of watching and editing. */
export async function measureHeld(module: WebAssembly.Module, options: BenchOptions): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const [what, load] of Object.entries(TIMED)) {
    for (const held of HELD) {
      const name = `worst of an attacker's octet: ${what}, ${held / 1024} KiB held`;
      if (options.signal.aborted || !wanted(name, options.only)) continue;
      options.progress(`module: ${name}`);
      const worst = (): number => Math.max(...WAYS.map((way) => worstOctet(module, load, way, held)));
      // The first is for the compiler.
      worst();
      rows.push({ group: "module", name, unit: "µs", samples: Array.from({ length: options.pairs }, worst) });
      await turn();
    }
  }
  return rows;
}

function worstOctet(module: WebAssembly.Module, load: HeldLoad, way: Way, held: number): number {
  const connection = load.hold(hostFor(module, way), held);
  let worst = 0;
  for (let at = 0; at < load.octets.length; at += load.chunk * STRETCH) {
    const octets = load.octets.slice(at, at + load.chunk * STRETCH);
    const start = cpuNanoseconds();
    send(connection, load.side, octets, load.chunk);
    worst = Math.max(worst, (cpuNanoseconds() - start) / 1000 / octets.length);
  }
  return worst;
}
