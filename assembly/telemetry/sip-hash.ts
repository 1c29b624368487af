/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a short hash under a secret key. Without the key nobody can tell which
 * address a hash stands for by trying addresses, as anybody can with a plain hash such as SHA-256.
 */
let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

/** The hash of [from, from + length), ASCII letters in lower case, under the key whose bytes are `k0` and `k1` (little-endian). */
export function sipHash(from: usize, length: i32, k0: u64, k1: u64): u64 {
  begin(k0, k1);
  let word: u64 = 0;
  for (let i = 0; i < length; i++) {
    const byte: u64 = lower(load<u8>(from + <usize>i));
    const shift: u64 = (i & 7) << 3;
    word |= byte << shift;
    if ((i & 7) == 7) {
      compress(word);
      word = 0;
    }
  }
  compress(word | ((<u64>length) << 56));
  return finish();
}

/** The hash of three numbers, 24 bytes little-endian, as they are. */
export function sipHashOf(first: u64, second: u64, third: u64, k0: u64, k1: u64): u64 {
  begin(k0, k1);
  compress(first);
  compress(second);
  compress(third);
  compress((<u64>24) << 56);
  return finish();
}

function begin(k0: u64, k1: u64): void {
  v0 = k0 ^ (((<u64>0x736f6d65) << 32) | 0x70736575);
  v1 = k1 ^ (((<u64>0x646f7261) << 32) | 0x6e646f6d);
  v2 = k0 ^ (((<u64>0x6c796765) << 32) | 0x6e657261);
  v3 = k1 ^ (((<u64>0x74656462) << 32) | 0x79746573);
}

function finish(): u64 {
  v2 ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

function compress(word: u64): void {
  v3 ^= word;
  round();
  round();
  v0 ^= word;
}

function round(): void {
  v0 += v1;
  v1 = rotl(v1, 13) ^ v0;
  v0 = rotl(v0, 32);
  v2 += v3;
  v3 = rotl(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v2 = rotl(v2, 32);
}

function lower(byte: u32): u32 {
  return byte - 65 < 26 ? byte + 32 : byte;
}
