/** A seeded source of whole numbers (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  /** @returns a whole number from 0 to `most` - 1 */
  below(most: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most);
  }

  /** Whether something happens that does so once in `often` times. */
  once(often: number): boolean {
    return this.below(often) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
