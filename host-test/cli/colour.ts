/** Colours by the marks at the start of a conversation's lines, which no byte from the wire can write. */
import type { Io } from "./command.js";

/** `text` as `io` shows it: with colours, findings and what did not pass stand out. */
export function inColour(io: Io, text: string): string {
  if (io.colour !== true) return text;
  return text.replace(LINE, (line) => {
    const style = STYLES.find(([begins]) => begins.test(line))?.[1];
    return style === undefined ? line : `\x1b[${style}m${line}\x1b[0m`;
  });
}

/** After the number of a live session, or indented. */
const LINE = /(?<=^(?:\[\d+\])? *)(?!\[\d+\] )[^ \n][^\n]*/gm;

/** SGR (ECMA-48 8.3.117): bold, faint, red, yellow, magenta, cyan. */
const STYLES: [RegExp, number][] = [
  [/^\^ [\w/]+: detected/, 33],
  [/^\^ /, 31],
  [/^[CS]>/, 35],
  [/^[CS]</, 36],
  [/^# /, 2],
  [/^== /, 1],
];
