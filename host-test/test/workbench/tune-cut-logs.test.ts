/** `smtp-inspector tune` on logs of which something is missing: that cannot pass for a log that has all. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tune } from "../../cli/tune.js";
import { runCommand } from "../support/run-command.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "tune-cut-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const EVENT = JSON.stringify({
  event_type: "alert",
  src_ip: "192.0.2.1",
  protection: "recon_command",
  reason: "vrfy",
  mode: "detect",
  action: "detect",
});
const LINE = `[2026-11-28 03:00:00.123][12][info][wasm] [context.cc:1164] wasm log smtp smtp: ${EVENT}`;
const NOTE = "1 event cut off: what was found is not known";

async function tuned(content: string): Promise<{ code: number; broken: unknown; notes: unknown }> {
  const path = join(folder, "envoy.log");
  writeFileSync(path, content);
  const { code, out } = await runCommand(tune, [path, "--json"]);
  const report = JSON.parse(out) as { log: { broken: unknown }; notes: unknown };
  return { code, broken: report.log.broken, notes: report.notes };
}

test("a whole log is not in doubt", async () => {
  expect(await tuned(`${LINE}\n${LINE}\n`)).toMatchObject({ code: 0, broken: 0 });
});

test.each([
  ["at its last line", `${LINE}\n${LINE.slice(0, -20)}`],
  ["where it was rotated", `${LINE.slice(0, -20)}\n${LINE}\n`],
  ["in an event alone", `${EVENT}\n${EVENT.slice(0, 40)}\n`],
  ["in a collector's JSON", `${EVENT}\n${JSON.stringify({ log: LINE }).slice(0, -9)}\n`],
  ["by another line in its middle", `${LINE}\n${LINE.slice(0, -20)}[info] other\n`],
])("a log that is cut %s is", async (_, content) => {
  expect(await tuned(content)).toEqual({ code: 1, broken: 1, notes: expect.arrayContaining([NOTE]) });
});

test("what is no event of ours is not one that is cut", async () => {
  const other = `[info] "GET /{"event_type":"alert" HTTP/1.1"\n{"event_type":"stats"\n{"event_type":"dns","x":1}\n`;
  expect(await tuned(`${LINE}\n${other}`)).toMatchObject({ code: 0, broken: 0 });
});
