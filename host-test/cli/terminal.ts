/** Where the program writes: two streams that may be terminals, pipes or files. */
import { once } from "node:events";
import { stderr, stdout } from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WriteStream } from "node:tty";
import type { Io } from "./command.js";

/** @returns also a function that clears the progress line on the terminal */
export function processIo(signal: AbortSignal): Required<Io> & { clear(): void } {
  let stands = false;
  const clear = (): void => {
    if (stands) stderr.write(CLEAR_LINE);
    stands = false;
  };
  return {
    signal,
    colour: takesColours(),
    clear,
    out(text) {
      if (stdout.isTTY) clear();
      stdout.write(text);
    },
    err(text) {
      clear();
      stderr.write(text);
    },
    progress(text) {
      if (!stderr.isTTY) return;
      // A line that wraps could not be cleared.
      stderr.write(`${CLEAR_LINE}${text.slice(0, stderr.columns - 1)}`);
      stands = true;
    },
    async drained() {
      await nextTurn();
      // Node writes to a pipe as it empties, and keeps the rest.
      if (stdout.writableNeedDrain) await once(stdout, "drain", { signal }).catch(() => {});
    },
    unread: () => stdout.writableLength,
  };
}

/** Node's own rule: FORCE_COLOR first, then NO_COLOR, then what the terminal supports. */
function takesColours(): boolean {
  const force = process.env["FORCE_COLOR"];
  if (force === undefined && !stdout.isTTY) return false;
  // If both are set, Node would print on stderr which one it follows.
  const env = force === undefined ? process.env : { FORCE_COLOR: force };
  return WriteStream.prototype.getColorDepth.call(stdout, env) > 2;
}

const CLEAR_LINE = "\r\x1b[K";
