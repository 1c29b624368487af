/**
 * Puts counters into the module: one byte for each place where control flow splits or joins, incremented each time it
 * is reached; and fuel into its loops.
 * The module is rewritten in its binary form; what is inserted leaves the stack as it was, so it is valid anywhere.
 */
import { concat } from "../host/buffer.js";
import { i32, Reader } from "./bytes.js";
import { Op, skipImmediates } from "./instructions.js";
import { functionNames, rewriteFunctions } from "./wasm-sections.js";

export interface Instrumented {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** How many counters there are, from `base` on. */
  readonly sites: number;
  /** The function of each counter. */
  readonly functionOf: string[];
}

/**
 * @param base address of memory that the module leaves alone (asc `--memoryBase`), one byte per counter
 * @param room bytes there
 * @param wanted whether a function of this name is to be counted
 * @throws Error when there are more places than room
 */
export function instrument(
  wasm: Uint8Array,
  base: number,
  room: number,
  wanted: (name: string) => boolean,
): Instrumented {
  const names = functionNames(wasm);
  const functionOf: string[] = [];
  const counted = rewriteFunctions(wasm, (index, start, end) => {
    const name = names.get(index) ?? `function ${index}`;
    if (!wanted(name)) return wasm.subarray(start, end);
    return rewriteBody(wasm, start, end, () => {
      if (functionOf.length >= room) throw new Error(`more than ${room} places to count`);
      functionOf.push(name);
      return base + functionOf.length - 1;
    });
  });
  return { wasm: counted, sites: functionOf.length, functionOf };
}

function rewriteBody(wasm: Uint8Array, start: number, end: number, address: () => number): Uint8Array {
  const reader = new Reader(wasm, start);
  const groups = reader.u32();
  for (let i = 0; i < groups; i++) {
    reader.u32();
    reader.byte();
  }
  const parts: Uint8Array[] = [];
  let copied = start;
  const count = (): void => {
    parts.push(wasm.subarray(copied, reader.at), counterAt(address()));
    copied = reader.at;
  };
  count();
  while (reader.at < end) {
    const opcode = reader.byte();
    skipImmediates(reader, opcode);
    // The last `end` closes the function: nothing may follow it.
    if (reader.at < end && SPLITS.has(opcode)) count();
    if (opcode === Op.loop) parts.push(BURN);
  }
  parts.push(wasm.subarray(copied, end));
  return concat(parts);
}

/** After these, control comes from one of several places or continues only sometimes. */
const SPLITS: ReadonlySet<number> = new Set([Op.loop, Op.if, Op.else, Op.end, Op.br_if]);

/** `memory[address]++`, one byte. */
function counterAt(address: number): Uint8Array {
  const where = [0x41, ...i32(address)];
  return Uint8Array.from([...where, ...where, 0x2d, 0, 0, 0x41, 1, 0x6a, 0x3a, 0, 0]);
}

/** Where the fuel is: a u32 that every round of a loop decrements; at 0 the module traps, so no loop runs forever. */
export const FUEL = 512;

const BURN = ((): Uint8Array => {
  const where = [0x41, ...i32(FUEL)];
  const load = [...where, 0x28, 2, 0];
  const lower = [...where, ...load, 0x41, 1, 0x6b, 0x36, 2, 0];
  return Uint8Array.from([...lower, ...load, 0x45, 0x04, 0x40, 0x00, 0x0b]);
})();
