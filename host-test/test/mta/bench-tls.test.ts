/** `npm run bench -- tls` in its short form, with Postfix's smtp-sink: it runs to its end and has all rows, whatever they say. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { BenchRecord } from "../../bench/record.js";

const MAIN = join(import.meta.dirname, "../../../dist/host-test/bench/main.js");

/** Runs the benchmark to its end. */
async function bench(args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGTERM"));
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, ...said };
}

/** Whatever the machine: a CPU time, and a ratio of two. */
const TIME = { group: "tls", unit: "µs/message", samples: [expect.any(Number)] };
const RATIO = { group: "tls", unit: "× TLS alone", samples: [expect.any(Number)] };
const ROUND_TRIPS = "with one EHLO more, STARTTLS and their round trips";

test("STARTTLS with the filter against TLS alone", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-tls-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "results.json");
  const { code, out, err } = await bench(["tls", "--short", "--pairs", "1", "--json", file]);
  expect(code, err).toBe(0);
  expect(err.match(/^tls: .*, pair 1 of 1/gm)).toEqual([
    "tls: 1 KiB kept, pair 1 of 1",
    "tls: 1 KiB a connection each, pair 1 of 1",
    "tls: 1 MiB, pair 1 of 1",
  ]);
  expect(out).toContain(`1 KiB a connection each, STARTTLS with the filter: CPU (${ROUND_TRIPS})`);
  expect(out).toContain("A short run: the bars do not count.\n");

  const rows = (JSON.parse(await readFile(file, "utf8")) as BenchRecord).tls?.measurements ?? [];
  // A note would name findings: legitimate mail has none.
  expect(rows).toEqual([
    { ...TIME, name: "1 KiB kept, TLS alone: CPU" },
    { ...RATIO, name: "1 KiB kept, TLS alone again: CPU" },
    { ...RATIO, name: "1 KiB kept, STARTTLS with the filter: CPU" },
    { ...TIME, name: "1 KiB a connection each, TLS alone: CPU" },
    { ...RATIO, name: "1 KiB a connection each, TLS alone again: CPU" },
    { ...RATIO, name: "1 KiB a connection each, STARTTLS with the filter: CPU", note: ROUND_TRIPS },
    { ...TIME, name: "1 MiB, TLS alone: CPU" },
    { ...RATIO, name: "1 MiB, TLS alone again: CPU" },
    { ...RATIO, name: "1 MiB, STARTTLS with the filter: CPU" },
  ]);
  for (const { name, samples } of rows) expect(samples[0], name).toBeGreaterThan(0);
});
