/** A rule of the operator's own: which words may be used, or which may not. */
import { VerbList } from "./verb-list";

/** What the list of a rule means. */
export const enum Ruling {
  /** The policy has no such rule. */
  none,
  /** All but the listed words are forbidden. */
  allow,
  /** The listed words are forbidden. */
  deny,
}

@final
export class WordRule {
  ruling: Ruling = Ruling.none;
  readonly words: VerbList = new VerbList();

  get isSet(): bool {
    return this.ruling != Ruling.none;
  }

  /**
   * Whether the word [from, from + length) is forbidden. Not `whole`: something else stands at it, so that it is not the
   * allowed word, but some reader may take it for the denied one.
   */
  forbids(from: usize, length: usize, whole: bool): bool {
    if (this.ruling == Ruling.none) return false;
    const listed = this.words.has(from, <i32>length);
    return this.ruling == Ruling.deny ? listed : !(listed && whole);
  }

  /** The same for one of our own words, which is ASCII in upper case. */
  forbidsName(word: string): bool {
    if (this.ruling == Ruling.none) return false;
    return this.words.hasName(word) == (this.ruling == Ruling.deny);
  }
}
