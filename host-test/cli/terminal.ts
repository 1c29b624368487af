/** Where the program itself speaks: two streams that may be terminals, pipes or files. */
import { once } from "node:events";
import { stderr, stdout } from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WriteStream } from "node:tty";
import type { Io } from "./command.js";

/** @returns also what takes away the progress that stands on the terminal */
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
      // A line that wraps could not be taken away.
      stderr.write(`${CLEAR_LINE}${text.slice(0, stderr.columns - 1)}`);
      stands = true;
    },
    async drained() {
      await nextTurn();
      // Node writes to a pipe when it can take more, and keeps the rest.
      if (stdout.writableNeedDrain) await once(stdout, "drain", { signal }).catch(() => {});
    },
    unread: () => stdout.writableLength,
  };
}

/** Node's own rule: FORCE_COLOR first, then NO_COLOR and what the terminal can. */
function takesColours(): boolean {
  const force = process.env["FORCE_COLOR"];
  if (force === undefined && !stdout.isTTY) return false;
  // Of both Node would say on stderr which it follows.
  const env = force === undefined ? process.env : { FORCE_COLOR: force };
  return WriteStream.prototype.getColorDepth.call(stdout, env) > 2;
}

const CLEAR_LINE = "\r\x1b[K";
