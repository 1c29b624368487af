/** Compiles with the project's own compiler, for tools and tests: its output is never shipped. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main as asc } from "assemblyscript/asc";

/** An entry that is not a file of the project. */
export interface Extra {
  readonly source: string;
  /** It is added to the project's own entries and options, instead of replacing them. */
  readonly joins: boolean;
}

/**
 * @param directory the project's
 * @param entry path of the entry file within it
 * @throws Error with the compiler's message
 */
export async function compile(
  directory: string,
  entry: string,
  flags: readonly string[],
  extra?: Extra,
): Promise<Uint8Array<ArrayBuffer>> {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc(
    [entry, "--baseDir", directory, "--outFile", "compiled.wasm", ...flags],
    {
      readFile(name, base) {
        if (name === entry && extra !== undefined) return extra.source;
        if (name.endsWith("asconfig.json") && extra?.joins === false) return null;
        return read(join(base, name)) ?? read(name);
      },
      writeFile(name, contents) {
        if (name.endsWith(".wasm") && typeof contents !== "string") wasm = new Uint8Array(contents);
      },
    },
  );
  if (error !== null || wasm === undefined) {
    throw new Error(`asc ${entry}: ${error?.message ?? ""}\n${stderr.toString()}`);
  }
  return wasm;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The compiler asks for files that need not exist.
    return null;
  }
}
