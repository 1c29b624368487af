/** Files and folders as replay takes them: the only part of the workbench that knows Node. */
import { createReadStream } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { stdin } from "node:process";
import { kindOf } from "./capture.js";

/** A file to be replayed. */
export interface InputFile {
  /** "-" for standard input. */
  path: string;
  kind: "capture" | "transcript";
  /** In bytes; 0 where nobody knows. */
  size: number;
}

const CHUNK = 1024 * 1024;
/** A transcript is written by hand. */
const LONGEST_TRANSCRIPT = 16 * 1024 * 1024;

/**
 * The captures and transcripts that the paths name; of a folder, those in it and below, by name. What comes through a
 * pipe is a capture.
 * @throws Error that names the path and what to do
 */
export async function inputFiles(paths: readonly string[]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const path of paths) {
    if (path === "-") {
      found.push({ path, kind: "capture", size: 0 });
      continue;
    }
    const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`${path}: ${error.code === "ENOENT" ? "no such file; check the path" : error.message}`);
    });
    if (!entry.isDirectory()) {
      found.push(entry.isFile() ? await inputFile(path, entry.size) : { path, kind: "capture", size: 0 });
      continue;
    }
    const before = found.length;
    const names = (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter((each) => each.isFile() && /\.(?:pcap|pcapng|cap|md)$/i.test(each.name))
      .map((each) => join(each.parentPath, each.name));
    for (const name of names.sort()) {
      const file = await inputFile(name, (await stat(name)).size);
      if (file.kind === "capture" || (await readTranscript(name)).includes("```smtp\n")) found.push(file);
    }
    if (found.length === before) {
      throw new Error(`${path}: no captures (.pcap, .pcapng, .cap) or transcripts (.md) in this folder`);
    }
  }
  return found;
}

async function inputFile(path: string, size: number): Promise<InputFile> {
  const start = new Uint8Array(4);
  const handle = await open(path);
  try {
    await handle.read(start, 0, 4, 0);
  } finally {
    await handle.close();
  }
  return { path, kind: kindOf(path, start), size };
}

/**
 * A file's bytes, chunk by chunk.
 * @param read is told how many were read so far
 * @param signal ends them, also while nothing comes
 */
export async function* chunksOf(
  path: string,
  read?: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stream = path === "-" ? stdin : createReadStream(path, { highWaterMark: CHUNK });
  const stop = (): void => void stream.destroy();
  signal?.addEventListener("abort", stop);
  let total = 0;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Uint8Array;
      total += bytes.length;
      read?.(total);
      yield bytes;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** @throws Error when it is too long to be one */
export async function readTranscript(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > LONGEST_TRANSCRIPT) throw new Error(`${path}: ${size} bytes are no transcript`);
  return readFile(path, "utf8");
}
