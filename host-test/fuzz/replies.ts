/** Counts the replies in a server's stream, by RFC 5321 4.2 and the filter's limits; shares no code with the filter. */
import { latin1 } from "./text.js";

/** A reply of more lines is cut there, as in the filter. */
const LINES_MAX = 128;
const CODE = /^[2-5]\d\d(?:[ -]|$)/;

export class ReplyCounter {
  #rest = "";

  /** @param limit longest reply in bytes; so many bytes of a longer one count as a reply */
  constructor(private readonly limit: number) {}

  /** A part of a reply was sent, the rest was not. */
  get isHalfway(): boolean {
    return this.#rest !== "";
  }

  /** @returns how many replies these bytes complete */
  push(bytes: Uint8Array): number {
    this.#rest += latin1(bytes);
    let count = 0;
    for (let end = this.#end(); end > 0; end = this.#end()) {
      this.#rest = this.#rest.slice(end);
      count++;
    }
    return count;
  }

  /** Where the first reply ends, 0 if it is not complete yet. */
  #end(): number {
    const text = this.#rest;
    let at = 0;
    for (let lines = 1; ; lines++) {
      const lf = text.indexOf("\n", at);
      if (lf < 0 || lf >= this.limit) return text.length > this.limit ? this.limit : 0;
      const line = text.slice(at, lf).replace(/\r$/, "");
      at = lf + 1;
      const coded = CODE.test(line);
      // A first line without a code is a reply by itself; inside a reply such a line does not end it.
      if (lines > LINES_MAX || (lines === 1 && !coded) || (coded && line[3] !== "-")) return at;
    }
  }
}
