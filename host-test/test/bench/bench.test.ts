import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BenchHost, RECOMMENDED, SHADOWED } from "../../bench/module/bench-host.js";
import { lastingRecord } from "../../workbench/events.js";
import { COUNTER, countInstructions } from "../../bench/module/count.js";
import { shippedHeap } from "../../bench/module/heap.js";
import { complaints, counted, measureInstructions, readFigures } from "../../bench/module/instructions.js";
import { play } from "../../bench/module/play.js";
import { OPENING, REJECTED, SESSION } from "../../bench/module/script.js";
import { besideOpen, passSessions } from "../../bench/scale-node.js";

const root = join(import.meta.dirname, "../../..");
const wasm = readFileSync(join(root, "build/smtp-inspector.wasm"));
const module = new WebAssembly.Module(wasm);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** Exports memory "m", and "f" with one i32: the body is given. */
function tiny(body: readonly number[]): Uint8Array {
  const type = [1, 5, 1, 0x60, 1, 0x7f, 0];
  const exports = [7, 9, 2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0];
  const code = [10, body.length + 3, 1, body.length + 1, 0, ...body];
  return Uint8Array.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...type,
    3,
    2,
    1,
    0,
    5,
    3,
    1,
    0,
    1,
    ...exports,
    ...code,
  ]);
}

/** Instructions that "f" executes for each argument. */
function countOf(body: readonly number[], ...args: number[]): number[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(countInstructions(tiny(body))));
  const { m, f } = exports as { m: WebAssembly.Memory; f: (x: number) => void };
  return args.map((argument) => {
    const view = new DataView(m.buffer);
    view.setBigUint64(COUNTER, 0n, true);
    f(argument);
    return Number(view.getBigUint64(COUNTER, true));
  });
}

describe("counting instructions", () => {
  test("a loop of five instructions", () => {
    // loop; local.get 0; i32.const 1; i32.sub; local.tee 0; br_if 0; end
    const body = [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b];
    expect(countOf(body, 1, 7, 1000)).toEqual([5, 35, 5000]);
  });

  test("both ways of an if, and what is after a return", () => {
    // local.get 0; if; i32.const 1; drop; return; else; nop; i32.const 1; drop; i32.const 1; drop; end; i32.const 1; drop
    const one = [0x41, 1, 0x1a];
    const body = [0x20, 0, 0x04, 0x40, ...one, 0x0f, 0x05, 0x01, ...one, ...one, 0x0b, ...one, 0x0b];
    expect(countOf(body, 1, 0)).toEqual([5, 8]);
  });

  test("the module does the same with its counter in", () => {
    const [plain, counting] = [new BenchHost(module), new BenchHost(counted(wasm))];
    const summary = (host: BenchHost, script = SESSION): string => {
      return Buffer.from(play(host, script).filterState.get("wasm.smtp_inspector") ?? []).toString();
    };
    expect(JSON.parse(summary(plain))).toMatchObject({ verdict: "clean" });
    // Each connection has its own number.
    expect(lastingRecord(summary(counting))).toBe(lastingRecord(summary(plain)));
    expect(plain.lines).toEqual([]);
    expect(JSON.parse(summary(plain, REJECTED))).toMatchObject({ verdict: "prevented" });
    expect(lastingRecord(summary(counting, REJECTED))).toBe(lastingRecord(summary(plain, REJECTED)));
  });
});

describe("instructions a command", () => {
  const measured = measureInstructions(wasm);

  test("are at most 10 % above what host-test/bench/instructions.json records", () => {
    const recorded = readFigures(join(root, "host-test/bench/instructions.json"));
    const lines = complaints(recorded, measured);
    expect(lines, "when this is meant, record it: npm run bench -- instructions --write").toEqual([]);
  });

  test("are at most 10 % more with a shadow, in a session without findings", () => {
    const [plain, shadowed] = ["whole session", "whole session, with a shadow"].map((row) => measured[row]);
    expect(shadowed).toBeGreaterThan(plain as number);
    expect(shadowed).toBeLessThanOrEqual((plain as number) * 1.1);
    const host = new BenchHost(module, SHADOWED);
    const summary = Buffer.from(play(host, SESSION).filterState.get("wasm.smtp_inspector") ?? []).toString();
    expect(JSON.parse(summary)).toMatchObject({
      verdict: "clean",
      shadow: { verdict: "clean", findings: 0 },
    });
  });

  test("are the same on every run", () => {
    expect(measureInstructions(wasm)).toEqual(measured);
  });

  test("a rise of more than 10 % is reported with both figures", () => {
    expect(complaints({ RCPT: 1000, MAIL: 500, QUIT: 1 }, { RCPT: 1101, MAIL: 550, NOOP: 7 })).toEqual([
      "RCPT: 1101 instructions, recorded: 1000",
      "NOOP: 7 instructions, none recorded",
      "QUIT: recorded, but no longer measured",
    ]);
  });
});

describe("bounds (law 8)", () => {
  test("100,000 commands leave every block of the heap where it is", () => {
    const host = new BenchHost(module);
    const connection = play(host, OPENING);
    const round = (times: number): void => {
      for (let i = 0; i < times; i++) {
        for (const command of ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "NOOP", "RSET"]) {
          connection.fromClient(bytes(`${command}\r\n`));
          connection.fromServer(bytes("250 2.0.0 Ok\r\n"));
        }
      }
    };
    round(1);
    const before = shippedHeap(host.memory);
    expect(before.blocks).toBeGreaterThan(0);
    for (let i = 0; i < 10; i++) {
      round(2500);
      expect(shippedHeap(host.memory)).toEqual(before);
    }
    expect(host.lines).toEqual([]);
  });

  test("20,000 sessions that come and go leave the memory as large as it was", async () => {
    const { sessions, bytesBefore, bytesAfter } = await passSessions(module, 20_000, () => {});
    expect(sessions).toBe(20_000);
    expect(bytesAfter).toBe(bytesBefore);
  });

  test("a session costs the same beside 10, 1,000 and 20,000 open ones, and so does a tick", () => {
    const counting = counted(wasm);
    const few = besideOpen(counting, 10);
    for (const open of [1000, 20_000]) {
      const many = besideOpen(counting, open);
      // A place in the table of sessions may have a neighbour or two.
      expect(Math.abs(many.session / few.session - 1)).toBeLessThan(0.01);
      expect(many.tick).toBe(few.tick);
    }
  });

  test.each([
    ["256 bytes of the heap", RECOMMENDED, 256],
    ["320 bytes of the heap with a shadow", SHADOWED, 320],
  ])("an open session takes at most %s, of 10,000", (_, policy, most) => {
    const host = new BenchHost(module, policy);
    play(host, OPENING);
    const before = shippedHeap(host.memory).bytes;
    for (let i = 0; i < 10_000; i++) play(host, OPENING);
    const each = (shippedHeap(host.memory).bytes - before) / 10_000;
    expect(each).toBeGreaterThan(100);
    expect(each).toBeLessThanOrEqual(most);
  });
});
