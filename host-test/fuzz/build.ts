/** Builds the filter for fuzzing: the shipped sources and optimisation, plus counters. */
import { main as asc } from "assemblyscript/asc";
import { instrument } from "./instrument.js";

/** The module's own data begins here; what is below is the counters'. */
export const MEMORY_BASE = 65_536;
/** Above the null page that AssemblyScript keeps free. */
export const COUNTERS = 1024;

export interface FuzzModule {
  readonly module: WebAssembly.Module;
  /** Counters from `COUNTERS` on. */
  readonly sites: number;
  /** The function that each counter stands in. */
  readonly functionOf: readonly string[];
}

/** @param directory the project's, where `asconfig.json` is @throws Error with what the compiler said */
export async function buildForFuzzing(directory: string): Promise<FuzzModule> {
  let wasm: Uint8Array | undefined;
  const place = ["--baseDir", directory, "--outFile", "fuzz.wasm", "--memoryBase", String(MEMORY_BASE)];
  // Names tell counters apart; the runtime's exports let the fuzzer collect garbage before it counts blocks.
  const extra = ["--debug", "--exportRuntime"];
  const { error, stderr } = await asc(["assembly/index.ts", "--target", "release", ...place, ...extra], {
    writeFile(name, contents) {
      if (name.endsWith(".wasm") && typeof contents !== "string") wasm = contents;
    },
  });
  if (error !== null || wasm === undefined) {
    throw new Error(`asc: ${error?.message ?? ""}\n${stderr.toString()}`);
  }
  const own = (name: string): boolean => name.startsWith("assembly/");
  const { wasm: counted, ...places } = instrument(wasm, COUNTERS, MEMORY_BASE - COUNTERS, own);
  return { module: new WebAssembly.Module(counted), ...places };
}
