/**
 * Puts a counter of executed instructions into the module. At the start of each basic block it adds how many
 * instructions the block has, so that one run gives the same figure on any machine. The module is rewritten in its
 * binary form; what is inserted leaves the stack as it was, so it is valid anywhere.
 */
import { concat } from "../../host/buffer.js";
import { i32, Reader, u32 } from "../../fuzz/bytes.js";
import { Op, skipImmediates } from "../../fuzz/instructions.js";
import { addGlobal, rewriteFunctions } from "../../fuzz/wasm-sections.js";

/** Where the one counter is: a u64 in the page that AssemblyScript keeps free below 1024. */
export const COUNTER = 512;

/** The address of the u64 that the instructions of a function are added to; `index` counts the imports too. */
export type Place = (index: number) => number;

/**
 * @param place by default one counter for all
 * @returns the module with counters
 * @throws Error at an instruction that `asc` does not emit
 */
export function countInstructions(wasm: Uint8Array, place: Place = () => COUNTER): Uint8Array<ArrayBuffer> {
  return rewriteFunctions(wasm, (index, start, end) => rewriteBody(wasm, start, end, place(index)));
}

function rewriteBody(wasm: Uint8Array, start: number, end: number, address: number): Uint8Array {
  const reader = new Reader(wasm, start);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    reader.byte();
  }
  const parts: Uint8Array[] = [wasm.subarray(start, reader.at)];
  while (reader.at < end) {
    const from = reader.at;
    let instructions = 0;
    for (let inside = true; inside && reader.at < end;) {
      const opcode = reader.byte();
      skipImmediates(reader, opcode);
      if (!MARKS.has(opcode)) instructions++;
      inside = !SPLITS.has(opcode);
    }
    if (instructions > 0) parts.push(add(address, instructions));
    parts.push(wasm.subarray(from, reader.at));
  }
  return concat(parts);
}

/** These only mark a place: they execute nothing. */
const MARKS: ReadonlySet<number> = new Set([0x01 /* nop */, Op.block, Op.loop, Op.else, Op.end]);

/** After these, control comes from one of several places or does not always continue. */
const SPLITS: ReadonlySet<number> = new Set([
  0x00, // unreachable
  Op.loop,
  Op.if,
  Op.else,
  Op.end,
  Op.br,
  Op.br_if,
  0x0e, // br_table
  0x0f, // return
]);

/** `memory[address] += instructions`, 64 bits. */
function add(address: number, instructions: number): Uint8Array {
  const where = [0x41, ...i32(address)];
  const load = [...where, 0x29, 3, 0];
  return Uint8Array.from([...where, ...load, 0x42, ...i32(instructions), 0x7c, 0x37, 3, 0]);
}

/** Where `countCopies` counts: a u64 after that of `COUNTER`. */
export const COPIED = 520;

/**
 * Puts a counter of octets into the module that `memory.copy` copies, each call of which is one instruction however many
 * they are. @throws Error when the module has no globals: the length is kept in one more of them
 */
export function countCopies(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const { wasm: wider, index } = addGlobal(wasm);
  const length = u32(index);
  // The length is on top of the stack: it is taken off, added to the counter, and put back.
  const where = [0x41, ...i32(COPIED)];
  const sum = [...where, 0x29, 3, 0, 0x23, ...length, 0xad, 0x7c];
  const counting = Uint8Array.from([0x24, ...length, ...where, ...sum, 0x37, 3, 0, 0x23, ...length]);
  return rewriteFunctions(wider, (_, start, end) => {
    const reader = new Reader(wider, start);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.byte();
    }
    const parts: Uint8Array[] = [wider.subarray(start, reader.at)];
    while (reader.at < end) {
      const from = reader.at;
      const opcode = reader.byte();
      if (opcode === 0xfc && new Reader(wider, reader.at).u32() === MEMORY_COPY) parts.push(counting);
      skipImmediates(reader, opcode);
      parts.push(wider.subarray(from, reader.at));
    }
    return concat(parts);
  });
}

/** After the prefix 0xfc. */
const MEMORY_COPY = 10;
