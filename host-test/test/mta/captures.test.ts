/**
 * Real sessions that others captured. The reader of captures against tshark: the same streams, byte for byte. And
 * law 1 on them: in `monitor` the filter changes not one byte, however the streams are cut.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { flowsOf, streamOf, type Flow, type Side } from "../../host/flows.js";
import { readPcap } from "../../host/pcap.js";
import { Plugin } from "../../host/plugin.js";
import { captures, pathOf } from "../support/captures.js";

const run = promisify(execFile);
const MONITOR = '{"stat_prefix":"monitor","profile":"monitor","events":{"max_per_second":10000}}';
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let module: WebAssembly.Module;
beforeAll(() => {
  module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));
  console.info(`captures are cut with SEED=${seed}`);
});

describe.each(captures())("$file: $what", ({ file }) => {
  const flows = async (): Promise<Flow[]> => flowsOf(readPcap(await readFile(pathOf(file))).segments);

  test("the streams equal tshark's", { timeout: 60_000 }, async () => {
    const found = await flows();
    for (const [index, flow] of found.entries()) {
      const shown = await follow(file, index);
      const clientIsNode0 = shown.node0 === flow.client;
      expect(hex(streamOf(flow, "client"))).toBe(clientIsNode0 ? shown.sent0 : shown.sent1);
      expect(hex(streamOf(flow, "server"))).toBe(clientIsNode0 ? shown.sent1 : shown.sent0);
    }
    await expect(streamCount(file)).resolves.toBe(found.length);
  });

  test(`monitor changes nothing, whole or cut (SEED=${seed})`, { timeout: 60_000 }, async () => {
    const random = mulberry32(seed);
    for (const flow of await flows()) {
      const expected = { client: hex(streamOf(flow, "client")), server: hex(streamOf(flow, "server")) };
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
 * Cuts what the server sent behind every line, then each piece further. Where the filter held bytes of the client
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
function replay(flow: Flow, cut: Cut) {
  const plugin = Plugin.load(module, { configuration: MONITOR });
  const connection = plugin.connect({ sourceAddress: flow.client, destinationAddress: flow.server });
  for (const event of flow.events) {
    for (const piece of cut(event.bytes, event.from)) {
      if (event.from === "client") connection.fromClient(piece);
      else connection.fromServer(piece);
    }
  }
  // Whatever ended the captured session, here both ends close in an orderly way, so that all bytes are due.
  connection.fromClient(new Uint8Array(0), true);
  connection.fromServer(new Uint8Array(0), true);
  expect(plugin.trapped).toBeNull();
  expect(connection.closed).toBe("ended");
  const found = plugin.logs.filter((line) => line.message.startsWith("{")).map((line) => line.message);
  const findings = found.map((message) => {
    const { protection, reason, action } = JSON.parse(message) as Record<string, string>;
    return `${protection} ${reason} ${action}`;
  });
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

/** What tshark says that the two ends of one stream sent, in hexadecimal. */
async function follow(file: string, stream: number) {
  const { stdout } = await run("tshark", ["-r", pathOf(file), "-q", "-z", `follow,tcp,raw,${stream}`], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = stdout.split("\n");
  const node0 = lines.find((line) => line.startsWith("Node 0: "))?.slice("Node 0: ".length);
  const payload = lines.filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const sent = (indented: boolean): string =>
    payload
      .filter((line) => line.startsWith("\t") === indented)
      .join("")
      .replaceAll("\t", "");
  return { node0, sent0: sent(false), sent1: sent(true) };
}

async function streamCount(file: string): Promise<number> {
  const { stdout } = await run("tshark", ["-r", pathOf(file), "-T", "fields", "-e", "tcp.stream"]);
  return new Set(stdout.split("\n").filter((line) => line !== "")).size;
}
