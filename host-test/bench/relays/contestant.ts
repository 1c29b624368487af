/** What people put in front of a mail server instead of a filter. */

/** An intermediary that runs, in front of one server. */
export interface Contestant {
  /** For the table, such as "Postfix before-filter". */
  name: string;
  /** Port of 127.0.0.1 that clients connect to. */
  port: number;
  /** CPU nanoseconds of all its processes so far. */
  cpu(): Promise<number>;
  /** Resolves when it has passed on all that it accepted. */
  settled(): Promise<void>;
  /** Ends its processes and removes its files. */
  stop(): Promise<void>;
}

/** Why a contestant does not take part; the message says what to install. */
export class ContestantMissing extends Error {
  override name = "ContestantMissing";
}
