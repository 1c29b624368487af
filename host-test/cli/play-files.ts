/** Replays the files given to a command: what replay, diff, rates and from-pcap have in common. */
import { ConfigurationRefused } from "../host/plugin.js";
import { conversationsIn } from "../workbench/conversations.js";
import { begun, chunksOf, type InputFile, readTranscript, textOf } from "../workbench/files.js";
import type { Follower } from "../workbench/follower.js";
import type { Judge } from "../workbench/judge.js";
import {
  type FlowCounts,
  loadJudge,
  newCounts,
  replayCapture,
  replayTranscript,
} from "../workbench/sessions.js";
import { TextError } from "../workbench/lines.js";
import { CaptureError } from "../workbench/source.js";
import { escaped } from "../workbench/view.js";
import { portOf } from "./arguments.js";
import type { Io } from "./command.js";
import { filterModule } from "./front.js";
import { policyNamed } from "./policy-file.js";

/** The result of a file. */
export interface Played {
  counts: FlowCounts;
  /** Why it could not be read, or not completely; null when it was. */
  problem: string | null;
}

/**
 * Plays a capture or a transcript.
 * @param settings the server's port, or undefined for what looks like SMTP; where progress is shown and what can stop it
 * @param tell gets the result of each session when it ends
 * @throws WasmTrap
 */
export async function playFile<T>(
  file: InputFile,
  follower: Follower<T>,
  settings: { port: number | undefined; io: Io },
  tell: (result: T) => void,
): Promise<Played> {
  const { port, io } = settings;
  const counts = newCounts();
  try {
    // Only the first bytes of a pipe say what it has.
    const isPipe = file.kind === "capture" && file.size === 0;
    const input = isPipe ? await begun(chunksOf(file.path, undefined, io.signal)) : null;
    if ((input ?? file).kind === "transcript") {
      const said = input === null ? await readTranscript(file.path) : await textOf(file.path, input.chunks);
      for (const result of replayTranscript(conversationsIn(said, file.path), follower)) {
        tell(result);
        await io.drained?.();
        if (io.signal.aborted) break;
      }
    } else {
      const chunks = input?.chunks ?? chunksOf(file.path, progress(file, io), io.signal);
      const options = { port, signal: io.signal };
      for await (const result of replayCapture(chunks, follower, counts, options)) {
        tell(result);
        await io.drained?.();
        if (io.signal.aborted) break;
      }
    }
  } catch (error) {
    const isKnown = error instanceof CaptureError || error instanceof TextError;
    if (!isKnown && file.kind === "capture") throw error;
    // The user stopped the stream: that says nothing about the file.
    return { counts, problem: io.signal.aborted ? null : problemOf(error as Error) };
  }
  return { counts, problem: null };
}

/**
 * The filter with the policy that an option names.
 * @param json the policy, if it was read already: a pipe can be read only once
 * @throws Error with the filter's own message about the policy
 */
export function judgeOf(policy: string, json = policyNamed(policy).toString("utf8")): Judge {
  const module = filterModule();
  try {
    return loadJudge(module, json);
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new Error(`--policy ${policy}: ${error.message}`, { cause: error });
  }
}

/**
 * Reports that there was no session although no file is damaged: that is not "clean".
 * @returns the exit code
 */
export function tellNoSession(command: string, paths: readonly string[], io: Io): number {
  const names = paths.map(escaped).join(", ");
  io.err(`${command}: no SMTP session in ${names}; if the server is on another port, give it with --port\n`);
  return 1;
}

/** The value of `--port`; undefined if it is absent. @throws Error that names it */
export function portNamed(port: string | undefined): number | undefined {
  return port === undefined ? undefined : portOf("--port", port, 1);
}

/** What is wrong with a file, without its name, which the command adds. */
function problemOf(error: Error): string {
  if (!(error instanceof TextError)) return error.message;
  return error.line === null ? error.what : `line ${error.line}: ${error.what}`;
}

/** Longer input shows progress. */
const PROGRESS_FROM = 10_000_000;

/** Shows how much of a long file was read, on a terminal. */
export function progress(file: InputFile, io: Io): ((bytes: number) => void) | undefined {
  if (file.size < PROGRESS_FROM) return undefined;
  let shown = -1;
  return (bytes) => {
    const percent = Math.floor((100 * bytes) / file.size);
    if (percent !== shown) io.progress?.(`${percent} % of ${escaped(file.path)}`);
    shown = percent;
  };
}
