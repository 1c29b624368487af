/** Conversations written down in Markdown, as the vectors are: every `smtp` block is a session. */
import { TextError, type Line, type MarkLine, parseLines } from "./lines.js";

/** One conversation of a transcript. */
export interface Conversation {
  /** The heading above it; "" without one. */
  title: string;
  lines: Line[];
}

/** In bytes: a transcript is written by hand. */
export const LONGEST_TRANSCRIPT = 16 * 1024 * 1024;

/** Bytes of all conversations of a transcript, expanded, which are in memory together. */
const MOST_BYTES = 64 * 1024 * 1024;

/** @param name for messages @throws TextError */
export function parseTranscript(text: string, name: string): Conversation[] {
  const found: Conversation[] = [];
  const lines = text.split(/\r?\n/);
  let title = "";
  let room = MOST_BYTES;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^#+ /.test(line)) title = line.replace(/^#+ /, "").trim();
    if (!line.startsWith("```")) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new TextError(name, at + 1, "this block has no end");
    if (line === "```smtp") {
      const own = parseLines(lines.slice(at + 1, end), name, at + 2);
      for (const each of own) if (each.kind === "text") room -= each.text.length;
      if (room < 0)
        throw new TextError(name, at + 1, `the conversations are longer than ${MOST_BYTES} bytes`);
      found.push({ title, lines: own });
    }
    at = end;
  }
  if (found.length === 0) throw new TextError(name, null, "no block begins with ```smtp");
  return found;
}

/** What one side says at once: adjacent lines of one sender are one segment, as in the vectors. */
export interface Spoken {
  from: "client" | "server";
  bytes: Uint8Array;
  end: boolean;
  /** Nothing is said: TLS starts with this side. */
  startsTls?: true;
}

/** The conversation in its order, without lines that nobody sent. */
export function* spokenIn(lines: readonly Line[]): Generator<Spoken> {
  let open: { from: Spoken["from"]; text: string } | null = null;
  const flush = function* (): Generator<Spoken> {
    if (open !== null) yield { from: open.from, bytes: bytesOf(open.text), end: false };
    open = null;
  };
  for (const line of lines) {
    if (line.kind === "text") {
      if (!line.sent) continue;
      if (open !== null && open.from !== line.from) yield* flush();
      open ??= { from: line.from, text: "" };
      open.text += line.text;
      continue;
    }
    yield* flush();
    const from = ENDS[line.kind];
    if (from !== undefined) yield { from, bytes: bytesOf(""), end: true };
    const tls = TLS[line.kind];
    if (tls !== undefined) yield { from: tls, bytes: bytesOf(""), end: false, startsTls: true };
  }
  yield* flush();
}

const ENDS: Partial<Record<MarkLine["kind"], Spoken["from"]>> = {
  client_end: "client",
  server_end: "server",
};

const TLS: typeof ENDS = { client_tls: "client", server_tls: "server" };

/** Text of one character a byte, as bytes. */
export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
