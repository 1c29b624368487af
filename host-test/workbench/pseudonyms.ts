/**
 * Other names of the same length, always the same one for the same name: those that RFC 2606, 5737 and 6761 reserve
 * for examples, where they fit.
 */
export class Pseudonyms {
  readonly #numbers = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  /** @param kept in upper case: words that stay as they are */
  constructor(readonly kept: ReadonlySet<string>) {}

  /** @param name labels with dots between them, or one label */
  domain(name: string): string {
    const number = this.#numberOf("domain", name.toLowerCase());
    if (!name.includes(".")) return numbered("host", number, name.length);
    const parent = name.length > 8 ? ".example" : name.length > 5 ? ".test" : ".x";
    return numbered("d", number, name.length - parent.length) + parent;
  }

  /** The part of a mailbox before the "@". */
  local(name: string): string {
    return numbered("user", this.#numberOf("local", name.toLowerCase()), name.length);
  }

  /** An unknown AUTH mechanism: it may be the credential itself. */
  mechanism(name: string): string {
    return numbered("M", this.#numberOf("mechanism", name.toUpperCase()), name.length);
  }

  /** @param address four decimal numbers of one to three digits */
  ipv4(address: string): string {
    const number = this.#numberOf("ipv4", address);
    const nets = [
      ["192.0.2.", 9, 11],
      ["203.0.113.", 11, 13],
      ["198.51.100.", 12, 14],
    ] as const;
    for (const [net, least, most] of nets) {
      if (address.length < least || address.length > most) continue;
      const width = address.length - net.length;
      const smallest = width === 1 ? 1 : 10 ** (width - 1);
      const room = (width === 3 ? 255 : 10 ** width) - smallest;
      return `${net}${smallest + (number % room)}`;
    }
    // No example network has addresses this short or long.
    return address.length < 9 ? `0.0.0.${"1".repeat(address.length - 6)}` : "198.051.100.001";
  }

  /** From 1, in the order of appearance. */
  #numberOf(kind: string, name: string): number {
    const key = `${kind} ${name}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    this.#numbers.set(key, number);
    return number;
  }
}

/** `user7` in `length` characters: `u7`, `userrr7`; a letter where there is no room for a number. */
function numbered(stem: string, number: number, length: number): string {
  const digits = String(number);
  if (digits.length >= length) return String.fromCharCode(0x61 + ((number - 1) % 26)).repeat(length);
  return stem.slice(0, length - digits.length).padEnd(length - digits.length, stem.at(-1)) + digits;
}
