/** The lines of an `smtp` block. Bytes are held as text of one character a byte, since every value can occur. */

/** Who is to send or to receive text. */
export interface TextLine {
  kind: "text";
  /** `C:` client to server, `S:` server to client; `>` and `<`: only the sending, only the receiving half of that. */
  from: "client" | "server";
  sent: boolean;
  received: boolean;
  text: string;
}

/** A boundary of segments, an end of one side's stream, or the filter's own close. */
export interface MarkLine {
  kind: "boundary" | "client_end" | "server_end" | "filter_close";
}

export type Line = TextLine | MarkLine;

const MARKS: Record<string, Omit<TextLine, "kind" | "text">> = {
  "C:": { from: "client", sent: true, received: true },
  "C>": { from: "client", sent: true, received: false },
  "S<": { from: "client", sent: false, received: true },
  "S:": { from: "server", sent: true, received: true },
  "S>": { from: "server", sent: true, received: false },
  "C<": { from: "server", sent: false, received: true },
};

const WORDS: Record<string, MarkLine["kind"]> = {
  "--": "boundary",
  "C.": "client_end",
  "S.": "server_end",
  "X.": "filter_close",
};

/** @param at number of the first line in the file, from 1 @throws Error with file and line */
export function parseLines(body: string[], name: string, at: number): Line[] {
  const lines: Line[] = [];
  body.forEach((line, index) => {
    if (line === "" || line.startsWith("#")) return;
    const kind = WORDS[line];
    if (kind !== undefined) {
      lines.push({ kind });
      return;
    }
    const found = /^([CS][:<>])(:?)(?: (.*))?$/s.exec(line);
    const mark = MARKS[found?.[1] ?? ""];
    if (found === null || mark === undefined) {
      throw new Error(`${name}:${at + index}: "${line}" has no mark such as "C: "`);
    }
    const end = found[2] === ":" ? "" : "\r\n";
    try {
      lines.push({ kind: "text", ...mark, text: unescape(found[3] ?? "") + end });
    } catch (error) {
      throw new Error(`${name}:${at + index}: ${(error as Error).message}`, { cause: error });
    }
  });
  return lines;
}

const LETTERS: Record<string, string> = { r: "\r", n: "\n", "0": "\0", t: "\t", "\\": "\\" };
const UNIT = String.raw`\\x[0-9a-fA-F]{2}|\\[rn0t\\]|[^\\]`;
const TOKEN = new RegExp(String.raw`\{(${UNIT}|(?:(?![{}])(?:${UNIT}))+?)\*(\d+)\}|(${UNIT})|(.)`, "gsu");

/** Text with `\r \n \0 \t \\ \xHH`, `{A*508}` and `{250-a\r\n*9}` as it is on the wire. @throws Error at an unknown escape */
export function unescape(text: string): string {
  return text.replace(TOKEN, (all, repeated?: string, count?: string, single?: string) => {
    if (repeated !== undefined) return unescape(repeated).repeat(Number(count));
    if (single !== undefined) return unit(single);
    throw new Error(`no such escape: ${text.slice(text.indexOf(all), text.indexOf(all) + 4)}`);
  });
}

function unit(escaped: string): string {
  if (escaped.startsWith("\\x")) return String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
  if (escaped.startsWith("\\")) return LETTERS[escaped.slice(1)] as string;
  return String.fromCharCode(...new TextEncoder().encode(escaped));
}

/** The wire's text for people: one line a line, long runs of one byte shortened as in `{A*508}`. */
export function escapeText(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll("\0", "\\0")
    .replaceAll(/[^\r\n\t\0\x20-\x7e]/g, (byte) => `\\x${hex(byte)}`)
    .replaceAll(
      /(\\x[0-9a-f]{2}|\\[r0t\\]|[^\\\n])\1{15,}/g,
      (run, one: string) => `{${one}*${run.length / one.length}}`,
    )
    .replaceAll(/\n(?!$)/g, "\\n\n")
    .replace(/\n$/, "\\n");
}

const hex = (byte: string): string => byte.charCodeAt(0).toString(16).padStart(2, "0");
