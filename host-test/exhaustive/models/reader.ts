/** What a model of a server says about message data. */

/** It has found no end: it reads on. */
export const NO_END = -1;
/** It has given up the connection, so that nothing after this is read as commands or as mail. */
export const GONE = -2;

/** How one server finds the end of message data. */
export interface DataReader {
  /** Program, and the versions or the setting. */
  readonly name: string;
  /** Where the rule stands: the server's source file and function, or a paper. */
  readonly source: string;
  /**
   * @param data all bytes after 354, one character a byte
   * @returns the number of bytes up to and including the end of data, NO_END, or GONE
   */
  readonly end: (data: string) => number;
}

/** How one server reads command lines. */
export interface LineReader {
  readonly name: string;
  readonly source: string;
  /** @returns each line as the server's command parser gets it, without its end */
  readonly lines: (bytes: string) => string[];
  /** @returns what the server compares with the names of its commands, in upper case */
  readonly verb: (line: string) => string;
}

export const CR = 0x0d;
export const LF = 0x0a;
export const DOT = 0x2e;
export const NUL = 0;
