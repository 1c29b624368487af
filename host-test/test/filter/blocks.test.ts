/**
 * Parsing that looks at 16 bytes together sees nothing of what lies after its text, reads nothing after the memory,
 * and comes to what a byte at a time comes to. At the end of the memory no block can be loaded, so there each function
 * goes a byte at a time: what it says there is compared with what it says amid other bytes.
 */
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../fuzz/compile.js";
import { bytes, parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { line, mailbox, noise, smtpAlphabet } from "../support/grammar.js";

const ROOT = join(import.meta.dirname, "../../..");
const ENTRY = `
import { Command } from "./assembly/smtp/command";
import { findByte, findEither, isPrintable } from "./assembly/smtp/scan";
import { verbOf } from "./assembly/smtp/verb-spelling";
import { DataScan } from "./assembly/smtp/data";
import { Path, PathKeyword } from "./assembly/smtp/path";
const scan = new DataScan();
const path = new Path();
const command = new Command();
export function find(from: usize, to: usize, byte: u8): usize { return findByte(from, to, byte); }
export function either(from: usize, to: usize, a: u8, b: u8): usize { return findEither(from, to, a, b); }
export function printable(from: usize, to: usize): bool { return isPrintable(from, to); }
export function run(from: usize, to: usize, state: u32): u32 { scan.state = state; return scan.run(from, to); }
export function stoppedAt(): usize { return scan.at; }
export function state(): u32 { return scan.state; }
export function read(from: usize, to: usize): void { path.read(from, to, PathKeyword.to); }
export function pathField(nth: i32): usize {
  if (nth == 0) return path.start;
  if (nth == 1) return path.end;
  if (nth == 2) return path.next;
  if (nth == 3) return path.domainStart;
  return path.domainEnd;
}
export function pathFlags(): u32 {
  return (<u32>path.found) | (<u32>path.isNull << 1) | (<u32>path.hasInnerBracket << 2) |
    (<u32>path.isBracketed << 3) | (<u32>path.isPostmaster << 4) | (<u32>path.hasDomain << 5);
}
export function readCommand(from: usize, end: usize, next: usize): void { command.read(from, end, next); }
export function commandField(nth: i32): usize {
  if (nth == 0) return command.verbStart;
  if (nth == 1) return command.verbEnd;
  return nth == 2 ? command.argument : command.argumentEnd;
}
export function isPlain(): bool { return command.isPlain; }
export function isLeading(): bool { return command.leadingBlank; }
/** Whether the verb is that of its whole word, however it was found. */
export function isVerbOfWord(): bool {
  return command.verb == verbOf(command.verbStart, <i32>(command.verbEnd - command.verbStart));
}
`;

interface Parsing {
  memory: WebAssembly.Memory;
  find(from: number, to: number, byte: number): number;
  either(from: number, to: number, one: number, other: number): number;
  printable(from: number, to: number): number;
  run(from: number, to: number, state: number): number;
  stoppedAt(): number;
  state(): number;
  read(from: number, to: number): void;
  pathField(nth: number): number;
  pathFlags(): number;
  readCommand(from: number, end: number, next: number): void;
  commandField(nth: number): number;
  isPlain(): number;
  isLeading(): number;
  isVerbOfWord(): number;
}

let parsing: Parsing;
let memory: Uint8Array;

beforeAll(async () => {
  const flags = ["--runtime", "stub", "--use", "abort=", "--enable", "simd", "-O3", "--initialMemory", "2"];
  const wasm = await compile(ROOT, "blocks.ts", flags, { source: ENTRY, joins: false });
  parsing = (await WebAssembly.instantiate(wasm)).instance.exports as unknown as Parsing;
  memory = new Uint8Array(parsing.memory.buffer);
}, TIMEOUT_MS);

/** What stands before and after a text, in turn: what would mislead most. */
const OTHERS = bytes('\r\n.\r\n>@<"\\(\0\xff x');
/** Free of the module's own data. */
const MIDDLE = 100_000;

/** Puts `text` between other bytes, or at the very end of the memory; returns where it begins. */
function place(text: Uint8Array, atEnd: boolean): number {
  const from = atEnd ? memory.length - text.length : MIDDLE;
  for (let at = from - 40; at < Math.min(from + text.length + 40, memory.length); at++) {
    memory[at] = OTHERS[at % OTHERS.length] as number;
  }
  memory.set(text, from);
  return from;
}

/** The text in the middle and at the end, as offsets within it. */
function both<T>(text: Uint8Array, look: (from: number, to: number) => T): [T, T] {
  return [false, true].map((atEnd) => {
    const from = place(text, atEnd);
    return look(from, from + text.length);
  }) as [T, T];
}

const texts = fc
  .oneof(smtpAlphabet, line, noise, fc.string({ unit: "binary-ascii", maxLength: 80 }))
  .map((text) => bytes(text));
/** Short ones leave less than a block: at the end of the memory they are read a byte at a time. */
const paths = fc.oneof(
  line,
  fc
    .tuple(
      fc.array(fc.oneof(mailbox, fc.constantFrom(...'@<>()\\" ,:;[]ab.'.split("")), noise), { maxLength: 6 }),
    )
    .map(([parts]) => `<${parts.join("").slice(0, 14)}>`),
);

describe("blocks of 16 bytes", () => {
  test(
    "find the first byte of a kind",
    () => {
      const check = (text: Uint8Array, byte: number): void => {
        const index = text.indexOf(byte);
        const expected = index < 0 ? text.length : index;
        expect(both(text, (from, to) => parsing.find(from, to, byte) - from)).toEqual([expected, expected]);
        const nearer = text.findIndex((each) => each === byte || each === 0x20);
        const first = nearer < 0 ? text.length : nearer;
        expect(both(text, (from, to) => parsing.either(from, to, byte, 0x20) - from)).toEqual([first, first]);
      };
      const wanted = fc.constantFrom(0x0a, 0x0d, 0, 0x3d, 0x61);
      fc.assert(fc.property(texts, wanted, check), parameters(2000));
    },
    TIMEOUT_MS,
  );

  test(
    "tell printable text",
    () => {
      const check = (text: Uint8Array): void => {
        const expected = text.every((byte) => byte >= 0x20 && byte <= 0x7e);
        expect(both(text, (from, to) => parsing.printable(from, to) !== 0)).toEqual([expected, expected]);
      };
      fc.assert(fc.property(texts, check), parameters(2000));
    },
    TIMEOUT_MS,
  );

  test(
    "read data as a byte at a time does",
    () => {
      /** Every event with its place, and the last state; in steps of at most `step` bytes. */
      const eventsOf = (from: number, to: number, begin: number, step: number): string[] => {
        const events: string[] = [];
        let state = begin;
        for (let at = from; at < to;) {
          const event = parsing.run(at, Math.min(at + step, to), state);
          at = parsing.stoppedAt();
          state = parsing.state();
          if (event !== 0) events.push(`${event} at ${at - from}`);
        }
        return [...events, `state ${state}`];
      };
      const check = (text: Uint8Array, begin: number): void => {
        const bytewise = both(text, (from, to) => eventsOf(from, to, begin, 1));
        expect(both(text, (from, to) => eventsOf(from, to, begin, Infinity))).toEqual(bytewise);
        expect(bytewise[0]).toEqual(bytewise[1]);
      };
      fc.assert(fc.property(texts, fc.nat({ max: 9 }), check), parameters(2000));
    },
    TIMEOUT_MS,
  );

  test(
    "read commands as their grammar says",
    () => {
      const check = (content: string): void => {
        const found = /^([ \t]*)([^ \t]*)([ \t]*)(.*?)[ \t]*$/s.exec(content);
        const [, before = "", word = "", blanks = "", argument = ""] = found ?? [];
        const verbEnd = before.length + word.length;
        const from = verbEnd + blanks.length;
        const isUsual = /^(?! )[\x20-\x7e]{0,510}$/.test(content) && !/^\S+ {2}| $/.test(content);
        const line = bytes(`${content}\r\n`);
        const seen = both(line, (start, next) => {
          parsing.readCommand(start, next - 2, next);
          const fields = [0, 1, 2, 3].map((nth) => parsing.commandField(nth) - start);
          const isNamed = content === "" || parsing.isVerbOfWord() !== 0;
          return [...fields, parsing.isPlain() !== 0, parsing.isLeading() !== 0, isNamed];
        });
        const fields = [before.length, verbEnd, from, from + argument.length];
        const expected = [...fields, isUsual, before !== "", true];
        expect(seen).toEqual([expected, expected]);
      };
      const words = fc.constantFrom(
        "RCPT",
        "mail",
        "DATA",
        "QuiT",
        "NOOP",
        "STARTTLS",
        "XADR",
        "RCPTX",
        "TO:<a@b.c>",
      );
      const pieces = fc.oneof(words, fc.constantFrom(" ", "  ", "\t", "\0", "\xe9", "x".repeat(505)));
      const built = fc.array(pieces, { maxLength: 5 }).map((all) => all.join(""));
      fc.assert(
        fc.property(
          fc.oneof(
            built,
            line.map((each) => each.replace(/\r?\n$/, "")),
          ),
          check,
        ),
        parameters(4000),
      );
    },
    TIMEOUT_MS,
  );

  test(
    "read paths as a byte at a time does",
    () => {
      const check = (text: string): void => {
        const seen = both(bytes(`TO:${text}`), (from, to) => {
          parsing.read(from, to);
          const fields = [0, 1, 2, 3, 4].map((nth) => parsing.pathField(nth));
          return [...fields.map((at) => (at === 0 ? -1 : at - from)), parsing.pathFlags()];
        });
        expect(seen[0]).toEqual(seen[1]);
      };
      fc.assert(fc.property(paths, check), parameters(4000));
    },
    TIMEOUT_MS,
  );
});
