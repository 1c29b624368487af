/** What `tune` reads: recordings, which it plays, and logs, which it only reads. */
import { open } from "node:fs/promises";
import { isCapture } from "../workbench/capture.js";
import { chunksOf, type InputFile, inputFiles } from "../workbench/files.js";

export interface Inputs {
  /** Captures and transcripts. */
  recordings: InputFile[];
  logs: InputFile[];
}

/**
 * Sorts the files by their content.
 * @throws Error that names the path and what to do
 */
export async function inputsOf(paths: readonly string[]): Promise<Inputs> {
  const inputs: Inputs = { recordings: [], logs: [] };
  for (const file of await inputFiles(paths)) {
    inputs[(await isLog(file)) ? "logs" : "recordings"].push(file);
  }
  return inputs;
}

/** The bytes of a log. @throws Error for a capture that comes through a pipe: it is needed more than once */
export async function* logBytes(
  file: InputFile,
  read: ((bytes: number) => void) | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let start = new Uint8Array(0);
  for await (const chunk of chunksOf(file.path, read, signal)) {
    if (start.length < 4) {
      start = Uint8Array.from([...start, ...chunk.subarray(0, 4)]);
      if (isCapture(start)) {
        throw new Error(
          `${file.path}: a capture is played more than once, and a pipe cannot be: save it to a file`,
        );
      }
    }
    yield chunk;
  }
}

/** A line of a transcript, of what swaks or `openssl s_client` printed; a log has none. */
const CONVERSATION = /^(?:```smtp|[ \t]*[CS]: |=== |<[-~*]|[ \t]*[-~]> |CONNECTED\()/m;
const START_BYTES = 65_536;

async function startOf(path: string): Promise<Uint8Array> {
  const start = new Uint8Array(START_BYTES);
  const handle = await open(path);
  try {
    const { bytesRead } = await handle.read(start, 0, START_BYTES, 0);
    return start.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function isLog({ path, kind, size }: InputFile): Promise<boolean> {
  // A pipe: it can be read only once, and nothing of it here.
  if (path === "-" || (kind === "capture" && size === 0)) return true;
  if (/\.(?:pcap|pcapng|cap|md|markdown)$/i.test(path)) return false;
  const start = await startOf(path);
  if (kind === "transcript") return !CONVERSATION.test(Buffer.from(start).toString("latin1"));
  const isCompressed = start[0] === 0x1f && start[1] === 0x8b;
  return !isCompressed && !isCapture(start);
}
