/** What an oracle reports. */

export interface Fault {
  /** Which oracle: "trap", "law 1" and so on. */
  readonly law: string;
  /** What distinguishes this fault from others of the same law. */
  readonly key: string;
  readonly detail: string;
}

export function fault(law: string, key: string, detail: string): Fault {
  return { law, key, detail };
}
