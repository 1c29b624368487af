/** All strings over a small alphabet, each made when it is asked for. */

/** Message data: the octets of which servers make a line end or none, a dot, and one letter for everything else. */
export const DATA_ALPHABET = "\r\n.\0x";
/** Command lines: the same octets, blanks of both kinds, a letter, and the colon that makes a header of a word. */
export const LINE_ALPHABET = "\r\n\0 \tA:";

/** How many strings over `letters` letters have `length` octets or fewer. */
export function countUpTo(letters: number, length: number): number {
  let count = 0;
  for (let octets = 0; octets <= length; octets++) count += letters ** octets;
  return count;
}

/** Each string over `alphabet` of `length` octets or fewer, the shortest first. */
export function* stringsUpTo(alphabet: string, length: number): Generator<string, void> {
  for (let octets = 0; octets <= length; octets++) {
    const total = alphabet.length ** octets;
    for (let index = 0; index < total; index++) yield spelled(alphabet, octets, index);
  }
}

function spelled(alphabet: string, octets: number, index: number): string {
  let text = "";
  for (let left = index; text.length < octets; left = Math.floor(left / alphabet.length))
    text += alphabet[left % alphabet.length];
  return text;
}
