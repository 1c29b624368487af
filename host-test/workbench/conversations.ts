/** A transcript of any form that people have: Markdown with `smtp` blocks, plain lines with marks, swaks, openssl s_client. */
import { parseLines, TextError } from "./lines.js";
import { isOpenssl, opensslLines } from "./openssl-output.js";
import { isSwaks, swaksLines } from "./swaks-output.js";
import { type Conversation, parseTranscript } from "./transcript.js";

/** Conversations of a transcript. @param name for messages @throws TextError */
export function conversationsIn(text: string, name: string): Conversation[] {
  const lines = text.split(/\r?\n/);
  if (lines.some((line) => line.startsWith("```"))) return parseTranscript(text, name);
  if (isOpenssl(lines)) return [{ title: "", lines: opensslLines(lines, name) }];
  if (isSwaks(lines)) return [{ title: "", lines: swaksLines(lines) }];
  const body = unindented(lines);
  if (!body.some((line) => MARKED.test(line))) throw new TextError(name, null, UNKNOWN);
  return [{ title: "", lines: parseLines(body, name, 1) }];
}

const MARKED = /^[CS][:<>]/;
const UNKNOWN =
  'no conversation: it needs lines that begin with "S: " and "C: ", blocks that begin with ```smtp, or the output of swaks or openssl s_client';

/** Without the spaces that all lines begin with, as in an RFC; a line that has fewer keeps none. */
function unindented(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines.map((line) => (line.trim() === "" ? "" : line.slice(indent)));
}
