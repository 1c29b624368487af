/** One command of `smtp-inspector`. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The whole of `--help`; fits a screen of 24 × 80; ends with examples that run as written from the project's folder. */
  help: string;
  /** @returns the exit code: 0 clean, 1 findings or problems, 2 error @throws Error whose message names the argument and the fix: exit code 2 */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** Where a command writes. The optional parts matter only where somebody watches or reads slowly: not in tests. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Aborted when the user wants the command to end. */
  signal: AbortSignal;
  /** Whether `out` shows colours. */
  colour?: boolean;
  /** Shows progress, on a terminal only; the next output replaces it. */
  progress?(text: string): void;
  /**
   * Waits while the reader is slower than the command writes, and lets signals in: to be awaited after each part
   * of a long output, which would otherwise pile up in memory.
   */
  drained?(): Promise<void>;
  /** How many bytes were written that nobody has read yet. */
  unread?(): number;
}
