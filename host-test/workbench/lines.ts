/** The lines of an `smtp` block. Bytes are kept as text of one character per byte, since every value can occur. */

import { escaped } from "./view.js";

/** Who is to send or to receive text. */
export interface TextLine {
  kind: "text";
  /** `C:` client to server, `S:` server to client; `>` and `<`: only the sending, only the receiving half of that. */
  from: "client" | "server";
  sent: boolean;
  received: boolean;
  text: string;
}

/** A boundary of segments, an end of one side's stream, the filter's own close, or the place where a side's TLS starts. */
export interface MarkLine {
  kind: "boundary" | "client_end" | "server_end" | "filter_close" | "client_tls" | "server_tls";
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
  "== TLS client": "client_tls",
  "== TLS server": "server_tls",
};

/** The most bytes of one conversation when expanded: `{A*999999999}` is quickly written. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A file or a typed dialogue cannot be read. */
export class TextError extends Error {
  override name = "TextError";

  /**
   * @param file as the message names it
   * @param line of the file, from 1; null when it is about the whole file
   * @param what is wrong
   */
  constructor(
    file: string,
    readonly line: number | null,
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(line === null ? `${file}: ${what}` : `${file}:${line}: ${what}`, options);
  }
}

/** @param at number of the first line in the file, from 1 @throws TextError */
export function parseLines(body: string[], name: string, at: number): Line[] {
  const lines: Line[] = [];
  let room = MOST_BYTES;
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
      const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
      throw new TextError(name, at + index, `"${shown}" has no mark such as "C: "`);
    }
    const end = found[2] === ":" ? "" : "\r\n";
    try {
      const text = unescape(found[3] ?? "", room) + end;
      room -= text.length;
      lines.push({ kind: "text", ...mark, text });
    } catch (error) {
      throw new TextError(name, at + index, (error as Error).message, { cause: error });
    }
  });
  return lines;
}

const LETTERS: Record<string, string> = { r: "\r", n: "\n", "0": "\0", t: "\t", "\\": "\\" };
/** Printable ASCII without the characters that begin an escape or a run. */
const PLAIN = /^[ -[\]-z|}~]*$/;
const UNIT = String.raw`\\x[0-9a-fA-F]{2}|\\[rn0t\\]|[^\\]`;
const TOKEN = new RegExp(String.raw`\{(${UNIT}|(?:(?![{}])(?:${UNIT}))+?)\*(\d+)\}|(${UNIT})|(.)`, "gsu");

/** Text with `\r \n \0 \t \\ \xHH`, `{A*508}` and `{250-a\r\n*9}` as it is on the wire. @param room most bytes of it @throws Error at an unknown escape */
export function unescape(text: string, room = MOST_BYTES): string {
  // Most lines have no escapes.
  if (text.length <= room && PLAIN.test(text)) return text;
  let left = room;
  return text.replace(TOKEN, (all, repeated?: string, count?: string, single?: string) => {
    const one =
      repeated === undefined ? (single === undefined ? null : unit(single)) : unescape(repeated, left);
    if (one !== null) {
      const times = Number(count ?? 1);
      left -= one.length * times;
      if (left < 0) throw new Error(`the conversation is longer than ${MOST_BYTES} bytes`);
      return one.repeat(times);
    }
    throw new Error(`unknown escape:  ${text.slice(text.indexOf(all), text.indexOf(all) + 4)}`);
  });
}

function unit(escaped: string): string {
  if (escaped.startsWith("\\x")) return String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
  if (escaped.startsWith("\\")) return LETTERS[escaped.slice(1)] as string;
  return String.fromCharCode(...new TextEncoder().encode(escaped));
}

/** The wire's text for people: line by line, long runs of one byte shortened as in `{A*508}`. */
export function escapeText(text: string): string {
  const lines = escaped(text).replace(/(\\x[0-9a-f]{2}|\\.|[^\\])\1*/g, (run, one: string) => {
    const count = run.length / one.length;
    if (one === "\\n") return "\\n\n".repeat(count);
    return count < SHORTENED_FROM ? run : `{${one}*${count}}`;
  });
  return lines.replace(/\n$/, "");
}

const SHORTENED_FROM = 16;
