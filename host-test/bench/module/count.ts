/**
 * Puts a counter of executed instructions into the module. At the start of each basic block it adds how many
 * instructions the block has, so that one run gives the same figure on any machine. The module is rewritten in its
 * binary form; what is inserted leaves the stack as it was, so it is valid anywhere.
 */
import { concat } from "../../host/buffer.js";
import { i32, Reader } from "../../fuzz/bytes.js";
import { Op, skipImmediates } from "../../fuzz/instructions.js";
import { rewriteFunctions } from "../../fuzz/wasm-sections.js";

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
