/** Builds the twin in C with clang and lld, Debian's packages of these names. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../cli/front.js";

const run = promisify(execFile);

/** The twin cannot be built; the message says what to install, or is the compiler's. */
export class TwinUnavailable extends Error {
  override name = "TwinUnavailable";
}

/**
 * Compiles the twin into `directory`, or the module that does nothing.
 * @returns the module's path
 * @throws TwinUnavailable
 */
export async function buildTwin(directory: string, what: "twin" | "empty"): Promise<string> {
  const source = join(projectRoot(), "host-test/bench/twin/twin.c");
  const target = join(directory, `${what}.wasm`);
  const args = [
    "--target=wasm32",
    "-O3",
    "-msimd128",
    "-nostdlib",
    "-fno-builtin",
    "-Wl,--no-entry",
    "-o",
    target,
    source,
  ];
  if (what === "empty") args.unshift("-DEMPTY");
  try {
    await run("clang", args);
    return target;
  } catch (error) {
    const failed = error as NodeJS.ErrnoException & { stderr?: string };
    const missing = failed.code === "ENOENT" || /wasm-ld/.test(failed.stderr ?? "");
    throw new TwinUnavailable(
      missing ? "the twin in C needs clang and lld: apt-get install clang lld" : `clang: ${failed.stderr}`,
      { cause: error },
    );
  }
}
