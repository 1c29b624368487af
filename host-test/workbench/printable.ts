/** Text from the wire on its way to a terminal: nothing in it may move the cursor, change colours or hide itself. */

/**
 * Makes bytes from others safe to print on one line: control characters, line separators and the characters
 * that reverse or hide text become visible escapes; longer text is cut, with a mark.
 * @param limit longest result in UTF-16 units, not counting the mark of the cut.
 */
export function printable(text: string, limit = 200): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return short.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unitsOf(character);
  });
}

/** `\u202e`, as in the vectors: each UTF-16 unit. */
const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");

/** Unicode categories: control, format (bidirectional marks, zero width), surrogates alone, line and paragraph ends. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
