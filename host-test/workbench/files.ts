/** Files and folders as replay takes them: the only part of the workbench that depends on Node. */
import { constants, createReadStream, openSync } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { stdin } from "node:process";
import type { Readable } from "node:stream";
import { getSystemErrorMap } from "node:util";
import { kindOf } from "./capture.js";
import { TextError } from "./lines.js";
import { LONGEST_TRANSCRIPT } from "./transcript.js";

/** A file to be replayed. */
export interface InputFile {
  /** "-" for standard input. */
  path: string;
  kind: "capture" | "transcript";
  /** In bytes; 0 if unknown. */
  size: number;
}

const CHUNK = 1024 * 1024;

/**
 * The captures and transcripts that the paths name; of a folder, those in it and below, by name. What input from a
 * pipe is, `begun` finds out.
 * @throws Error that names the path and what to do
 */
export async function inputFiles(paths: readonly string[]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const path of paths) {
    if (path === "-") {
      found.push({ path, kind: "capture", size: 0 });
      continue;
    }
    const entry = await stat(path).catch((error: unknown) => unreadable(path, error));
    if (!entry.isDirectory()) {
      found.push(entry.isFile() ? await inputFile(path, entry.size) : { path, kind: "capture", size: 0 });
      continue;
    }
    const before = found.length;
    const below = { recursive: true, withFileTypes: true } as const;
    const names = (await readdir(path, below).catch((error: unknown) => unreadable(path, error)))
      .filter((each) => each.isFile() && /\.(?:(?:pcap|pcapng|cap)(?:\.gz)?|md)$/i.test(each.name))
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
  const handle = await open(path).catch((error: unknown) => unreadable(path, error));
  try {
    await handle.read(start, 0, 4, 0).catch((error: unknown) => unreadable(path, error));
  } finally {
    await handle.close();
  }
  return { path, kind: kindOf(path, start), size };
}

/**
 * A file's bytes, chunk by chunk.
 * @param read gets the number of bytes read so far
 * @param signal ends them, even while nothing comes
 * @throws Error that names the path and what to do
 */
export async function* chunksOf(
  path: string,
  read?: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stream = path === "-" ? stdin : await opened(path).catch((error: unknown) => unreadable(path, error));
  const stop = (): void => void stream.destroy();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  let total = 0;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Uint8Array;
      total += bytes.length;
      read?.(total);
      yield bytes;
    }
  } catch (error) {
    if (signal?.aborted !== true) unreadable(path, error);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * A named pipe's open() waits for a writer, in a thread that neither an abort nor exit() ends: it is opened without
 * waiting, and polled as a socket is.
 */
async function opened(path: string): Promise<Readable> {
  if (!(await stat(path)).isFIFO()) return createReadStream(path, { highWaterMark: CHUNK });
  return new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
}

/**
 * A whole file, read at once.
 * @param most bytes
 * @param signal ends it, even while nothing comes; what came so far is returned
 * @throws Error that names the path and what to do
 */
export async function contentOf(path: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const tooLong = (read: number): void => {
    if (read > most) throw new Error(`larger than ${most} bytes`);
  };
  for await (const chunk of chunksOf(path, tooLong, signal)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/**
 * What a pipe has: its first bytes say.
 * @returns all its bytes, the first ones again
 */
export async function begun(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<{ kind: InputFile["kind"]; chunks: AsyncGenerator<Uint8Array> }> {
  let start: Uint8Array = new Uint8Array(0);
  let over = false;
  while (start.length < 4 && !over) {
    const { value, done } = await chunks.next();
    over = done === true;
    if (value !== undefined) start = new Uint8Array(Buffer.concat([start, value]));
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield start;
    yield* chunks;
  }
  return { kind: kindOf("", start), chunks: all() };
}

/** Chunks as the text of a transcript. @throws TextError when there are too many */
export async function textOf(path: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    size += chunk.length;
    if (size > LONGEST_TRANSCRIPT)
      throw new TextError(path, null, `more than ${LONGEST_TRANSCRIPT} bytes are too many for a transcript`);
  }
  return Buffer.concat(all).toString("utf8");
}

/** @throws Error when it is too long for a transcript, or cannot be read */
export async function readTranscript(path: string): Promise<string> {
  const fail = (error: unknown): never => {
    throw new TextError(path, null, whyNot(error), { cause: error });
  };
  const { size } = await stat(path).catch(fail);
  if (size > LONGEST_TRANSCRIPT)
    throw new TextError(path, null, `${size} bytes are too many for a transcript`);
  return readFile(path, "utf8").catch(fail);
}

function unreadable(path: string, error: unknown): never {
  throw new Error(`${path}: ${whyNot(error)}`, { cause: error });
}

/** Why a file cannot be read or written, and what to do, in place of Node's own message. */
export function whyNot(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const known = WHY_NOT.get(code ?? "");
  if (known !== undefined) return known;
  const [, words] = getSystemErrorMap().get(errno ?? 0) ?? [];
  return words === undefined ? message : `${words} (${code})`;
}

const WHY_NOT = new Map([
  ["EACCES", "no permission to read it; change its mode or owner, or run this as a user who may"],
  ["EISDIR", "it is a folder; name a file in it"],
  ["ELOOP", "it is a link that leads back to itself; name the file"],
  ["ENOENT", "no such file; check the path"],
  ["ENOTDIR", "something before the last / is not a folder; check the path"],
  ["ENXIO", "it is a socket or device that nobody serves; name a file, or - for standard input"],
]);
