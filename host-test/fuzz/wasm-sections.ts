/** The outer form of a WebAssembly module (core specification 5.5): its sections, and the names of its functions. */
import { concat } from "../host/buffer.js";
import { Reader, u32 } from "./bytes.js";

/** Ids of the sections that are read. */
const SectionId = { custom: 0, import: 2, global: 6, code: 10 } as const;

/** A section's place in the module: `start` is its id, `content` comes after its size. */
interface Section {
  readonly id: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** The sections in their order. @throws RangeError when the module is cut short */
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

/** How many functions the module imports: their indices come before its own. @throws Error at any other import */
function importedFunctions(wasm: Uint8Array): number {
  for (const { id, content } of sections(wasm)) {
    if (id !== SectionId.import) continue;
    const reader = new Reader(wasm, content);
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      reader.name();
      reader.name();
      if (reader.byte() !== 0) throw new Error("the module imports something that is not a function");
      reader.u32();
    }
    return count;
  }
  return 0;
}

/** The functions' names in the section "name", by index; empty if the module was built without `--debug`. */
export function functionNames(wasm: Uint8Array): Map<number, string> {
  const names = new Map<number, string>();
  for (const section of sections(wasm)) {
    const reader = new Reader(wasm, section.content);
    if (section.id !== SectionId.custom || reader.name() !== "name") continue;
    while (reader.at < section.end) {
      const id = reader.byte();
      const end = reader.u32() + reader.at;
      if (id === 1) for (let left = reader.u32(); left > 0; left--) names.set(reader.u32(), reader.name());
      reader.at = end;
    }
  }
  return names;
}

/**
 * The module with other bodies for its functions. @param rewrite gets a function's index, including imports, and the
 * place of its body; it returns the new body
 */
export function rewriteFunctions(
  wasm: Uint8Array,
  rewrite: (index: number, start: number, end: number) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const imported = importedFunctions(wasm);
  const parts: Uint8Array[] = [wasm.subarray(0, 8)];
  for (const { id, start, content, end } of sections(wasm)) {
    if (id !== SectionId.code) {
      parts.push(wasm.subarray(start, end));
      continue;
    }
    const reader = new Reader(wasm, content);
    const count = reader.u32();
    const bodies: Uint8Array[] = [Uint8Array.from(u32(count))];
    for (let index = 0; index < count; index++) {
      const size = reader.u32();
      const body = rewrite(imported + index, reader.at, reader.at + size);
      bodies.push(Uint8Array.from(u32(body.length)), body);
      reader.at += size;
    }
    const code = concat(bodies);
    parts.push(Uint8Array.from([SectionId.code, ...u32(code.length)]), code);
  }
  return new Uint8Array(concat(parts));
}

/** The module with one more global, a mutable i32 that begins as 0, and its index. @throws Error when it has none yet */
export function addGlobal(wasm: Uint8Array): { wasm: Uint8Array<ArrayBuffer>; index: number } {
  for (const { id, start, content, end } of sections(wasm)) {
    if (id !== SectionId.global) continue;
    const reader = new Reader(wasm, content);
    const index = reader.u32();
    const globals = concat([
      Uint8Array.from(u32(index + 1)),
      wasm.subarray(reader.at, end),
      Uint8Array.from([0x7f, 0x01, 0x41, 0x00, 0x0b]),
    ]);
    const section = Uint8Array.from([SectionId.global, ...u32(globals.length)]);
    const parts = [wasm.subarray(0, start), section, globals, wasm.subarray(end)];
    return { wasm: new Uint8Array(concat(parts)), index };
  }
  throw new Error("the module has no globals");
}
