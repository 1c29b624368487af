/** TLS on the two sides of a connection, as far as a filter knows of it (README.md, "TLS"). */

/** Who is at the other end: the client (downstream) or the server (upstream). */
export type Side = "client" | "server";

/** The properties by which the filter asks for TLS: their presence counts, not their value. */
const ASKED: ReadonlyMap<string, Side> = new Map([
  ["smtp_inspector.starttls_downstream", "client"],
  ["smtp_inspector.starttls_upstream", "server"],
]);

/** The filter state by which the switch says what it can do, as a path of `proxy_get_property`. */
export const STARTTLS_SWITCH = "filter_state\0smtp_inspector.starttls_switch";

/** Envoy's names of the sides, in the order in which a switch announces them. */
const NAMES: readonly (readonly [string, Side])[] = [
  ["downstream", "client"],
  ["upstream", "server"],
];

/** Which side can start TLS, which has, and which version was agreed on. */
export class TlsState {
  /** Value of the switch's filter state; null without a switch. */
  readonly announced: string | null;
  readonly #versions: Record<Side, string | null>;
  readonly #left: Set<Side>;

  /**
   * @param startTls the sides that begin in clear and can start TLS
   * @param version of a connection whose client speaks TLS from the start, such as "TLSv1.3"; null in clear
   */
  constructor(startTls: readonly Side[], version: string | null) {
    this.#versions = { client: version, server: null };
    this.#left = new Set(startTls.filter((side) => this.#versions[side] === null));
    const names = NAMES.filter(([, side]) => startTls.includes(side)).map(([name]) => name);
    this.announced = names.length === 0 ? null : names.join(",");
  }

  /** Such as "TLSv1.3"; null as long as the handshake is not over. */
  version(side: Side): string | null {
    return this.#versions[side];
  }

  secured(side: Side, version: string): void {
    this.#versions[side] = version;
  }

  /** @param key of a property that the filter sets @returns the side that starts TLS now, each once; null for none */
  asked(key: string): Side | null {
    const side = ASKED.get(key);
    return side !== undefined && this.#left.delete(side) ? side : null;
  }
}
