/** What a run reads: files chunk by chunk, transcripts and typed dialogues in one piece. */
import { kindOf } from "../workbench/capture.js";
import { conversationsIn as conversationsOf } from "../workbench/conversations.js";
import { TextError, parseLines } from "../workbench/lines.js";
import { newCounts, replayCapture, replayTranscript } from "../workbench/sessions.js";
import { type Recording, recorder } from "../workbench/recording.js";
import { type Conversation, LONGEST_TRANSCRIPT, parseTranscript } from "../workbench/transcript.js";
import type { Input, TextProblem } from "./messages.js";

/** An input whose dialogue was read. */
export type Source =
  { kind: "dialogue"; conversations: readonly Conversation[] } | Extract<Input, { kind: "files" }>;

/** What is read of a file at once: short enough to react to "stop" soon. */
const CHUNK_BYTES = 256 * 1024;

/** A typed dialogue is not in the format. */
export class DialogueError extends Error {
  override name = "DialogueError";

  constructor(readonly problem: TextProblem) {
    super(problem.what);
  }
}

/** A file whose name says transcript, but that is not one. */
export class NotReadable extends Error {}

/** Lines with marks are one conversation; what has Markdown's fences is a transcript. @throws DialogueError */
export function conversationsIn(text: string): Conversation[] {
  try {
    if (/^```/m.test(text)) return parseTranscript(text, "dialogue");
    return [{ title: "", lines: parseLines(text.split(/\r?\n/), "dialogue", 1) }];
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const { what } = error;
    const line = error.line ?? 1;
    const offset =
      text
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    throw new DialogueError({ line, column: 1, offset, level: "error", what, fix: "" });
  }
}

/** @throws NotReadable */
export async function transcriptOf(file: File): Promise<Conversation[]> {
  if (file.size > LONGEST_TRANSCRIPT)
    throw new NotReadable(`${file.size} bytes are too many for a transcript`);
  const text = await file.text();
  try {
    return conversationsOf(text, file.name);
  } catch (error) {
    throw new NotReadable((error as Error).message, { cause: error });
  }
}

/** Capture or transcript. */
export async function kindOfFile(file: File): Promise<"capture" | "transcript"> {
  return kindOf(file.name, new Uint8Array(await file.slice(0, 4).arrayBuffer()));
}

/** A file's bytes, chunk by chunk. @param read gets the number of bytes read so far */
export async function* chunksOf(file: File, read?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    const chunk = new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer());
    read?.(at + chunk.length);
    yield chunk;
  }
}

/**
 * All that was said in one session, read again: a report keeps only a part of it.
 * @param file which of the files it is from; 0 for a dialogue
 * @param id the session's number in that file
 * @throws Error when the file has changed since
 */
export async function recordingOf(source: Source, file: number, id: number): Promise<Recording> {
  const follower = recorder(id);
  for await (const session of followed()) if ("said" in session) return session;
  throw new Error("the session is no longer in the file");

  async function* followed() {
    const own = source.kind === "files" ? (source.files[file] as File) : null;
    if (source.kind === "dialogue") yield* replayTranscript(source.conversations, follower);
    else if (own === null) return;
    else if ((await kindOfFile(own)) === "transcript") {
      yield* replayTranscript(await transcriptOf(own), follower);
    } else yield* replayCapture(chunksOf(own), follower, newCounts(), { port: source.port });
  }
}
