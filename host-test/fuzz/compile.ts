/** Compiles with the project's own compiler, for tools and tests: nothing of it is ever shipped. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main as asc } from "assemblyscript/asc";

/** An entry that is no file of the project. */
export interface Extra {
  readonly source: string;
  /** It joins the project's own entries and options, rather than standing alone. */
  readonly joins: boolean;
}

/**
 * @param directory the project's
 * @param entry path of the entry file within it
 * @throws Error with what the compiler said
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
    // The compiler asks for files that need not be there.
    return null;
  }
}
