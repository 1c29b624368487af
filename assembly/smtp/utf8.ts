/** Strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF, nothing cut short. */
export function isUtf8(from: usize, to: usize): bool {
  let at = from;
  while (at < to) {
    const lead: u32 = load<u8>(at);
    if (lead < 0x80) {
      at++;
      continue;
    }
    // The second byte carries the tight bounds: RFC 3629 section 4, UTF8-2 to UTF8-4.
    let tail: usize = 1;
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) tail = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      tail = 2;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      tail = 3;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    } else return false;
    if (at + tail >= to) return false;
    for (let i: usize = 1; i <= tail; i++) {
      const byte: u32 = load<u8>(at + i);
      if (byte < low || byte > high) return false;
      low = 0x80;
      high = 0xbf;
    }
    at += tail + 1;
  }
  return true;
}
