/** How long each WebAssembly instruction is: what follows the opcode (core specification 5.4, with SIMD). */
import type { Reader } from "./bytes.js";

export const Op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
} as const;

/** Passes over the immediates of `opcode`, which was read already. @throws Error at one that this build cannot hold */
export function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode >= 0x45 && opcode <= 0xc4) return; // comparisons, arithmetic, conversions
  if (opcode >= 0x28 && opcode <= 0x3e) return skipNumbers(reader, 2); // loads and stores: alignment, offset
  if (NONE.has(opcode)) return;
  if (ONE_NUMBER.has(opcode)) return skipNumbers(reader, 1);
  switch (opcode) {
    case 0x11: // call_indirect: type, table
      return skipNumbers(reader, 2);
    case 0x0e: // br_table: targets, default
      return skipNumbers(reader, reader.u32() + 1);
    case 0x1c: // typed select
      return skipNumbers(reader, reader.u32());
    case 0x43: // f32.const
      reader.at += 4;
      return;
    case 0x44: // f64.const
      reader.at += 8;
      return;
    case 0xfc:
      return skipMiscellaneous(reader, reader.u32());
    case 0xfd:
      return skipVector(reader, reader.u32());
    default:
      throw new Error(`unknown instruction 0x${opcode.toString(16)} at ${reader.at - 1}`);
  }
}

const NONE: ReadonlySet<number> = new Set([
  0x00, // unreachable
  0x01, // nop
  Op.else,
  Op.end,
  0x0f, // return
  0x1a, // drop
  0x1b, // select
]);

const ONE_NUMBER: ReadonlySet<number> = new Set([
  Op.block, // block type, as of the next two
  Op.loop,
  Op.if,
  Op.br,
  Op.br_if,
  0x10, // call
  0x20, // local.get
  0x21, // local.set
  0x22, // local.tee
  0x23, // global.get
  0x24, // global.set
  0x3f, // memory.size
  0x40, // memory.grow
  0x41, // i32.const
  0x42, // i64.const
]);

function skipNumbers(reader: Reader, count: number): void {
  for (let i = 0; i < count; i++) reader.skipNumber();
}

/** Saturating conversions (0 to 7) have nothing after them; of the bulk operations copy has two numbers. */
function skipMiscellaneous(reader: Reader, opcode: number): void {
  if (opcode <= 7) return;
  const counts: Record<number, number> = {
    8: 2,
    9: 1,
    10: 2,
    11: 1,
    12: 2,
    13: 1,
    14: 2,
    15: 1,
    16: 1,
    17: 1,
  };
  const count = counts[opcode];
  if (count === undefined) throw new Error(`unknown instruction 0xfc ${opcode} at ${reader.at}`);
  skipNumbers(reader, count);
}

function skipVector(reader: Reader, opcode: number): void {
  if (opcode <= 11 || opcode === 92 || opcode === 93) return skipNumbers(reader, 2);
  if (opcode === 12 || opcode === 13)
    reader.at += 16; // v128.const, i8x16.shuffle
  else if (opcode >= 21 && opcode <= 34)
    reader.at += 1; // lanes
  else if (opcode >= 84 && opcode <= 91) {
    skipNumbers(reader, 2);
    reader.at += 1; // load and store of one lane
  }
}
