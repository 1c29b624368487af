/** Whatever is in a file: the documented error or none, and bounded. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Flag } from "../../workbench/ip.js";
import { projectRoot } from "../../cli/front.js";
import type { Judge } from "../../workbench/judge.js";
import { loadJudge, newCounts, replayCapture } from "../../workbench/sessions.js";
import { CaptureError } from "../../workbench/source.js";
import { sessionJson } from "../../workbench/json-lines.js";
import { sessionText } from "../../workbench/view.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { captures, pathOf } from "../support/captures.js";
import { blocks, chunked, ipv4, pcap, RAW, type Sent } from "./streams.js";

let judge: Judge;
beforeAll(() => {
  const wasm = readFileSync(join(projectRoot(), "build/smtp-inspector.wasm"));
  judge = loadJudge(new WebAssembly.Module(wasm), '{"profile":"strict"}');
});

/** Replays and shows everything; the error that ended it, if one did. */
async function survives(file: Uint8Array, size: number): Promise<string | null> {
  let shown = 0;
  try {
    for await (const report of replayCapture(chunked(file, size), judge, newCounts())) {
      const text = sessionText(report) + JSON.stringify(sessionJson(report));
      expect(text).toMatch(/^[\n\x20-\x7e…→]*$/);
      // A message's data is kept at 16 KiB and shown in four lines of 160 bytes, each an escape of four characters.
      expect(report.turns.length).toBeLessThanOrEqual(20_000);
      shown += text.length;
    }
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
  expect(shown).toBeLessThan(1_000_000 + 200 * file.length);
  expect(judge.plugin.trapped).toBeNull();
  return null;
}

const spoken: [Sent["from"], string][] = [
  ["server", "220 mx\r\n"],
  ["client", "EHLO a\r\n"],
  ["server", "250-mx\r\n250 STARTTLS\r\n"],
  ["client", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"],
  ["server", "250 a\r\n250 b\r\n354 c\r\n"],
  ["client", "Subject: x\r\n\r\nbody\n.\r\n\r\n.\r\nQUIT\r\n"],
  ["server", "250 ok\r\n221 bye\r\n"],
];
const at = { client: 1, server: 1 };
const frames = [ipv4({ from: "client", seq: 0, flags: Flag.syn })];
for (const [from, text] of spoken) {
  frames.push(ipv4({ from, seq: at[from], ack: at[from === "client" ? "server" : "client"], text }));
  at[from] += text.length;
}
const newer = ((): Uint8Array => {
  const { section, description, enhanced } = blocks(true);
  return Uint8Array.from([
    ...section(),
    ...description(RAW, 9),
    ...frames.flatMap((frame) => enhanced(frame, [0, 1])),
  ]);
})();

/** Real files that are small enough to be changed hundreds of times, and two made here. */
const seeds = [
  pcap(RAW, frames),
  newer,
  ...captures()
    .map(({ file }) => new Uint8Array(readFileSync(pathOf(file))))
    .filter((bytes) => bytes.length < 10_000),
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.integer({ min: 0, max: 40 }),
  insert: fc.uint8Array({ maxLength: 24 }),
});

describe("hostile files", { timeout: TIMEOUT_MS }, () => {
  test("arbitrary bytes", async () => {
    const start = fc.constantFrom(...seeds.map((seed) => seed.subarray(0, 64)), new Uint8Array(0));
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.uint8Array({ maxLength: 600 }),
        fc.integer({ min: 1, max: 700 }),
        async (head, tail, size) => {
          await survives(Uint8Array.from([...head, ...tail]), size);
        },
      ),
      parameters(200),
    );
  });

  test("captures with bytes taken out, put in and changed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (seed, edits, keepsLength) => {
          let bytes = Buffer.from(seed);
          for (const { at: where, remove, insert } of edits) {
            const from = Math.floor(where * bytes.length);
            const to = from + (keepsLength ? insert.length : remove);
            bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(to)]);
          }
          await survives(new Uint8Array(bytes), 65_536);
        },
      ),
      parameters(200),
    );
  });
});
