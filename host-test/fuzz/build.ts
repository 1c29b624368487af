/** Builds the filter for fuzzing: the shipped sources and optimisation, plus counters. */
import { compile } from "./compile.js";
import { instrument } from "./instrument.js";

/** The module's own data begins here; the counters are below. */
export const MEMORY_BASE = 65_536;
/** Above the null page that AssemblyScript leaves free. */
export const COUNTERS = 1024;

export interface FuzzModule {
  readonly module: WebAssembly.Module;
  /** Counters from `COUNTERS` on. */
  readonly sites: number;
  /** The function of each counter. */
  readonly functionOf: readonly string[];
}

/** @param directory the project's, where `asconfig.json` is @throws Error with the compiler's message */
export async function buildForFuzzing(directory: string): Promise<FuzzModule> {
  // Names identify counters; the runtime's exports let the fuzzer collect garbage before it counts blocks.
  const flags = ["--target", "release", "--memoryBase", String(MEMORY_BASE), "--debug", "--exportRuntime"];
  const wasm = await compile(directory, "assembly/index.ts", flags);
  const own = (name: string): boolean => name.startsWith("assembly/");
  const { wasm: counted, ...places } = instrument(wasm, COUNTERS, MEMORY_BASE - COUNTERS, own);
  return { module: new WebAssembly.Module(counted), ...places };
}
