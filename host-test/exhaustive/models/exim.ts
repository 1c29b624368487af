/**
 * Exim reads message data twice over: character by character up to the end of the headers, and from there with a state
 * machine of its own (src/src/receive.c, receive_msg and read_message_data_smtp). Alphabets without blanks only: a
 * header line that is continued is not followed.
 */
import { CR, DOT, LF, NO_END } from "./reader.js";

/** A header line, as far as Exim asks: printing characters up to a colon. */
const HEADER = /^[!-9;-~]+[ \t\n]*:/;

/** What is known of the first line: nothing yet, ended by CRLF, ended by LF. */
type FirstLine = "unset" | "crlf" | "lf";

/**
 * @param strict 4.97.1 and later, and Debian's 4.96: a message whose first line ended with CRLF is read strictly
 * @returns as DataReader.end
 */
export function eximEnd(data: string, strict: boolean): number {
  let first: FirstLine = "unset";
  let text = "";
  let at = 0;
  while (at < data.length) {
    let ch = data.charCodeAt(at++);
    if (text === "" && ch === DOT) {
      const next = data.charCodeAt(at);
      const afterNext = data.charCodeAt(at + 1);
      if (next === LF && !(strict && first === "crlf")) return at + 1;
      if (next === CR && afterNext === LF) return at + 2;
      // The dot is dropped, and what follows it is taken for the first character of the line.
      if (Number.isNaN(next)) return NO_END;
      ch = next === LF ? 0x20 : next;
      at++;
    }
    const crlf = ch === CR && data.charCodeAt(at) === LF;
    if (ch !== LF && !crlf) {
      text += ch === CR ? "\n " : String.fromCharCode(ch);
      continue;
    }
    if (crlf) at++;
    if (first === "unset") first = crlf ? "crlf" : "lf";
    else if (!crlf && first === "crlf") {
      // A blank is put after such a LF: an empty line ends the headers all the same, any other is continued.
      if (text === "") return bodyEnd(data, at, strict, " ");
      text += "\n ";
      continue;
    }
    if (text === "" || !HEADER.test(text)) return bodyEnd(data, at, strict && first === "crlf");
    text = "";
  }
  return NO_END;
}

type State = "line start" | "normal" | "had CR" | "had dot" | "had dot CR";

/** @param pushedBack a character that is read before those at `from` */
function bodyEnd(data: string, from: number, strict: boolean, pushedBack = ""): number {
  let state: State = pushedBack === "" ? "line start" : "normal";
  for (let at = from; at < data.length; at++) {
    const ch = data.charCodeAt(at);
    if (state === "had dot" && ch === LF && !strict) return at + 1;
    if (state === "had dot CR" && ch === LF) return at + 1;
    state = nextState(state, ch, strict);
  }
  return NO_END;
}

function nextState(state: State, ch: number, strict: boolean): State {
  switch (state) {
    case "line start":
    case "normal":
      if (state === "line start" && ch === DOT) return "had dot";
      if (ch === CR) return "had CR";
      return ch === LF && !strict ? "line start" : "normal";
    case "had CR":
      if (ch === LF) return "line start";
      return ch === CR ? "had CR" : "normal";
    case "had dot":
      return ch === CR ? "had dot CR" : "normal";
    case "had dot CR":
      return ch === CR ? "had CR" : "normal";
  }
}
