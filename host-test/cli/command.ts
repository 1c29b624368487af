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

/** Where a command speaks. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  signal: AbortSignal;
}
