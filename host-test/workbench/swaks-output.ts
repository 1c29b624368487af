/** What swaks prints of a session (swaks(1), "TRANSCRIPT HINTS"). */
import { byteText } from "./bytes.js";
import type { Line } from "./lines.js";

/**
 * `<-  ` and `<** ` (an unwanted reply) come from the server, ` -> ` and ` **>` go to it; with a ~ they are inside TLS.
 * `===` and `***` are its own notes.
 */
const HINT = /^(<\*\*|<~\*|<-|<~| \*\*>| \*~>| ->| ~>) {0,2}(.*)$/;
const TLS_STARTED = /^=== TLS started\b/;

/** Whether swaks printed these lines. */
export const isSwaks = (lines: readonly string[]): boolean =>
  lines.some((line) => /^<(?:-|~|\*\*|~\*) {1,2}\d{3}/.test(line)) &&
  lines.some((line) => /^(?:=== | -> )/.test(line));

/** The conversation; each line ends in CRLF, as swaks sends it. */
export function swaksLines(lines: readonly string[]): Line[] {
  const found: Line[] = [];
  for (const line of lines) {
    if (TLS_STARTED.test(line)) found.push({ kind: "client_tls" }, { kind: "server_tls" });
    const [, hint, said] = HINT.exec(line) ?? [];
    if (hint === undefined || said === undefined) continue;
    const from = hint.startsWith("<") ? "server" : "client";
    found.push({ kind: "text", from, sent: true, received: true, text: `${byteText(said)}\r\n` });
  }
  return found;
}
