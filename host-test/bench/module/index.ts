/** What is measured in the module itself, in the Node host. */
import { setFlagsFromString } from "node:v8";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchOptions, Measurement } from "../result.js";
import { wanted } from "../result.js";
import { compileEmpty, compileScanner } from "./compile.js";
import { measureHeld } from "./held.js";
import { measureInstructions } from "./instructions.js";
import { measureMemory } from "./memory.js";
import { measureThroughput } from "./throughput.js";
import { measureTimes } from "./times.js";

/** The release's limit in KB of 1000 bytes. */
const MOST_KILOBYTES = 120;

/**
 * @param directory the project's, with its `build/`
 * @throws Error when there is no build, or it does not compile; WasmTrap
 */
export async function benchModule(directory: string, options: BenchOptions): Promise<Measurement[]> {
  // Optimised at once, not after some calls: we time the code that runs for weeks.
  setFlagsFromString("--no-liftoff");
  const wasm = readFileSync(join(directory, "build/smtp-inspector.wasm"));
  options.progress("module: compiling the modules to compare with");
  const modules = {
    filter: new WebAssembly.Module(wasm),
    empty: new WebAssembly.Module(await compileEmpty(directory, false)),
    reading: new WebAssembly.Module(await compileEmpty(directory, true)),
  };
  const scanner = new WebAssembly.Module(await compileScanner(directory));
  const rows: Measurement[] = [
    { group: "module", name: "size", unit: "KB", samples: [wasm.length / 1000], most: MOST_KILOBYTES },
    ...measureMemory(modules.filter, options),
    ...instructionRows(wasm, options),
  ];
  const timed = [
    ...(await measureTimes(modules, options)),
    ...(await measureThroughput(scanner, modules, options)),
    ...(await measureHeld(modules.filter, options)),
  ];
  return [...rows, ...timed].filter(({ name, samples }) => samples.length > 0 && wanted(name, options.only));
}

function instructionRows(wasm: Uint8Array, options: BenchOptions): Measurement[] {
  options.progress("module: instructions");
  return Object.entries(measureInstructions(wasm)).map(([name, count]): Measurement => {
    return { group: "module", name: `instructions: ${name}`, unit: "instructions", samples: [count] };
  });
}
