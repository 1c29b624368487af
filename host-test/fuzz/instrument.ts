/**
 * Puts counters into the module: one byte a place where control flow splits or joins, raised each time it is passed;
 * and fuel into its loops.
 * The module is rewritten in its binary form; what is inserted leaves the stack as it was, so it is right anywhere.
 */
import { i32, Reader, u32 } from "./bytes.js";
import { Op, skipImmediates } from "./instructions.js";

export interface Instrumented {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** How many counters there are, from `base` on. */
  readonly sites: number;
  /** The function that each counter stands in. */
  readonly functionOf: string[];
}

const SECTION = { custom: 0, import: 2, code: 10 } as const;

/**
 * @param base address of memory that the module leaves alone (asc `--memoryBase`), one byte a counter
 * @param room bytes there
 * @param wanted by a function's name, whether it is to be counted
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
  const parts: Uint8Array[] = [wasm.subarray(0, 8)];
  for (const section of sections(wasm)) {
    if (section.id !== SECTION.code) {
      parts.push(wasm.subarray(section.start, section.end));
      continue;
    }
    const body = rewriteCode(wasm, section, names, wanted, (name) => {
      if (functionOf.length >= room) throw new Error(`more than ${room} places to count`);
      functionOf.push(name);
      return base + functionOf.length - 1;
    });
    parts.push(Uint8Array.from([SECTION.code, ...u32(body.length)]), body);
  }
  return { wasm: join(parts), sites: functionOf.length, functionOf };
}

interface Section {
  id: number;
  start: number;
  content: number;
  end: number;
}

function* sections(wasm: Uint8Array): Generator<Section> {
  const reader = new Reader(wasm, 8);
  while (reader.at < wasm.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.u32();
    yield { id, start, content: reader.at, end: reader.at + size };
    reader.at += size;
  }
}

function rewriteCode(
  wasm: Uint8Array,
  section: Section,
  names: FunctionNames,
  wanted: (name: string) => boolean,
  addressFor: (name: string) => number,
): Uint8Array {
  const reader = new Reader(wasm, section.content);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count))];
  for (let index = 0; index < count; index++) {
    const size = reader.u32();
    const start = reader.at;
    const end = start + size;
    const name = names.of.get(names.imported + index) ?? `function ${index}`;
    const body = wanted(name)
      ? rewriteBody(wasm, start, end, () => addressFor(name))
      : wasm.subarray(start, end);
    parts.push(Uint8Array.from(u32(body.length)), body);
    reader.at = end;
  }
  return join(parts);
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
  return join(parts);
}

/** Behind these, control comes from one of several places or goes on only sometimes. */
const SPLITS: ReadonlySet<number> = new Set([Op.loop, Op.if, Op.else, Op.end, Op.br_if]);

/** `memory[address]++`, one byte. */
function counterAt(address: number): Uint8Array {
  const where = [0x41, ...i32(address)];
  return Uint8Array.from([...where, ...where, 0x2d, 0, 0, 0x41, 1, 0x6a, 0x3a, 0, 0]);
}

/** Where the fuel is: a u32 that every round of a loop takes one from; at 0 the module traps, so that none runs for ever. */
export const FUEL = 512;

const BURN = ((): Uint8Array => {
  const where = [0x41, ...i32(FUEL)];
  const load = [...where, 0x28, 2, 0];
  const lower = [...where, ...load, 0x41, 1, 0x6b, 0x36, 2, 0];
  return Uint8Array.from([...lower, ...load, 0x45, 0x04, 0x40, 0x00, 0x0b]);
})();

interface FunctionNames {
  /** By function index, imports first. */
  of: Map<number, string>;
  imported: number;
}

/** What the section "name" calls the functions (asc `--debug` writes it). */
function functionNames(wasm: Uint8Array): FunctionNames {
  const of = new Map<number, string>();
  let imported = 0;
  for (const section of sections(wasm)) {
    const reader = new Reader(wasm, section.content);
    if (section.id === SECTION.import) imported = importedFunctions(reader);
    if (section.id !== SECTION.custom || reader.name() !== "name") continue;
    while (reader.at < section.end) {
      const id = reader.byte();
      const end = reader.u32() + reader.at;
      if (id === 1) for (let left = reader.u32(); left > 0; left--) of.set(reader.u32(), reader.name());
      reader.at = end;
    }
  }
  return { of, imported };
}

function importedFunctions(reader: Reader): number {
  const count = reader.u32();
  let functions = 0;
  for (let i = 0; i < count; i++) {
    reader.name();
    reader.name();
    if (reader.byte() !== 0) throw new Error("the module imports something that is no function");
    reader.u32();
    functions++;
  }
  return functions;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
