/** Real sessions that others captured, and law 1: in `monitor` the filter changes not one byte, however they are cut. */
import { alertsIn } from "../../workbench/events.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { Plugin } from "../../host/plugin.js";
import { chunksOf } from "../../workbench/files.js";
import type { Side } from "../../workbench/model.js";
import { captures, pathOf } from "../support/captures.js";
import { type Streams, streamsOf } from "../workbench/streams.js";

const MONITOR = '{"stat_prefix":"monitor","profile":"monitor","events":{"max_per_second":10000}}';
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let module: WebAssembly.Module;
beforeAll(() => {
  module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));
  console.info(`captures are cut with SEED=${seed}`);
});

describe.each(captures())("$file: $what", ({ file }) => {
  test(`monitor changes nothing, whole or cut (SEED=${seed})`, { timeout: 60_000 }, async () => {
    const random = mulberry32(seed);
    for (const flow of await streamsOf(chunksOf(pathOf(file)))) {
      const expected = { client: hex(flow.sent[flow.client]), server: hex(flow.sent[flow.server]) };
      expect(replay(flow, (bytes) => [bytes]).streams).toEqual(expected);
      const base = replay(
        flow,
        byReply((bytes) => [bytes]),
      );
      expect(base.streams).toEqual(expected);
      for (let round = 0; round < 5; round++) {
        const cut = replay(
          flow,
          byReply((bytes) => randomCuts(bytes, random)),
        );
        expect(cut.streams).toEqual(expected);
        expect(cut.findings).toEqual(base.findings);
        expect(replay(flow, (bytes) => randomCuts(bytes, random)).streams).toEqual(expected);
      }
      const byBytes = replay(flow, (bytes) => Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)));
      expect(byBytes.streams).toEqual(expected);
      expect(byBytes.findings).toEqual(base.findings);
    }
  });
});

/** Cuts the bytes that one side sent in one read into the reads that the filter is given. */
type Cut = (bytes: Uint8Array, from: Side) => Uint8Array[];

/**
 * Cuts what the server sent after every line, then each piece further. Where the filter held bytes of the client
 * until this reply, a server behind it could not have answered them in the same segment, as the one in the capture
 * did: a reply in one read with the one that releases its command counts as unsolicited, and rightly.
 */
function byReply(further: Cut): Cut {
  return (bytes, from) => {
    if (from === "client") return further(bytes, from);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0x0a, at) + 1 || bytes.length;
      pieces.push(...further(bytes.subarray(at, end), from));
      at = end;
    }
    return pieces;
  };
}

/** Sends a flow through the filter in lock-step, each read cut into pieces: what each side received, what was found. */
function replay({ flow, events, client, server }: Streams, cut: Cut) {
  const plugin = Plugin.load(module, { configuration: MONITOR });
  const connection = plugin.connect({
    sourceAddress: flow.ends[client],
    destinationAddress: flow.ends[server],
  });
  for (const { from, bytes } of events) {
    const side = from === client ? "client" : "server";
    for (const piece of cut(bytes, side)) {
      if (side === "client") connection.fromClient(piece);
      else connection.fromServer(piece);
    }
  }
  // Whatever ended the captured session, here both ends close in an orderly way, so that all bytes are due.
  connection.fromClient(new Uint8Array(0), true);
  connection.fromServer(new Uint8Array(0), true);
  expect(plugin.trapped).toBeNull();
  expect(connection.closed).toBe("ended");
  const alerts = alertsIn(plugin.logs) as Record<"protection" | "reason" | "action", string>[];
  const findings = alerts.map(({ protection, reason, action }) => `${protection} ${reason} ${action}`);
  return { streams: { client: hex(connection.toServer), server: hex(connection.toClient) }, findings };
}

function randomCuts(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    // Mostly short pieces, sometimes the whole rest.
    const length = random() < 0.1 ? bytes.length : 1 + Math.floor(random() ** 3 * 1500);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** A small generator of numbers from 0 to 1 that a seed repeats (public domain, by Tommy Ettinger). */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
