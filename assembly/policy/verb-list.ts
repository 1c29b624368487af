/** Verbs or keywords that a policy lists. */

/** A set of verbs, found by exact match without regard to ASCII case (RFC 5321 2.4). */
@final
export class VerbList {
  /** Each verb in upper case, its length before it. */
  private packed: StaticArray<u8> = new StaticArray<u8>(0);

  /** Whether the bytes are one of the verbs; allocates nothing. */
  has(ptr: usize, len: i32): bool {
    return this.find(ptr, len, 0);
  }

  /** The same for one of our own words, which is ASCII; allocates nothing. */
  hasName(word: string): bool {
    return this.find(changetype<usize>(word), word.length, 1);
  }

  /** Whether the `len` characters at `ptr`, each of `1 << shift` bytes with its letter in the first, are one of the verbs. */
  private find(ptr: usize, len: i32, shift: usize): bool {
    const packed = this.packed;
    let at = 0;
    while (at < packed.length) {
      const length = <i32>unchecked(packed[at++]);
      if (length == len) {
        let same = 0;
        while (same < len && upper(load<u8>(ptr + ((<usize>same) << shift))) == unchecked(packed[at + same]))
          same++;
        if (same == len) return true;
      }
      at += length;
    }
    return false;
  }

  /**
   * Adds `verb`, 1 to `most` letters, digits and hyphens (at most 255), and underscores where they are allowed; false, and
   * nothing added, if it is none.
   */
  add(verb: string, most: i32, underscores: bool = false): bool {
    const length = verb.length;
    if (length < 1 || length > most) return false;
    const old = this.packed;
    const grown = new StaticArray<u8>(old.length + 1 + length);
    for (let i = 0; i < old.length; i++) grown[i] = old[i];
    grown[old.length] = <u8>length;
    for (let i = 0; i < length; i++) {
      const c = verb.charCodeAt(i);
      const letter = c | 0x20;
      const isMark = c == 0x2d || (underscores && c == 0x5f);
      if (!((c >= 0x30 && c <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || isMark)) return false;
      grown[old.length + 1 + i] = upper(<u8>c);
    }
    this.packed = grown;
    return true;
  }
}

function upper(c: u8): u8 {
  return c >= 0x61 && c <= 0x7a ? c - 0x20 : c;
}
