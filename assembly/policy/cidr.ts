/**
 * Internet addresses and networks over bytes in wasm memory: what a policy exempts and what Envoy gives as
 * `source.address`. Text forms as RFC 4291 2.2 and RFC 3986 3.2.2 have them; leading zeros of IPv4 are refused, since
 * some readers take them for octal.
 */

/** One address, as 128 bits. IPv4 stands as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so both spellings are one. */
@final
export class Address {
  high: u64 = 0;
  low: u64 = 0;

  /** The address belongs to IPv4, in either spelling. */
  get isIPv4(): bool {
    return this.high == 0 && this.low >> 32 == 0xffff;
  }

  /** Clears all bits after the first `bits` of 128. */
  mask(bits: i32): void {
    this.high &= highMask(bits);
    this.low &= lowMask(bits);
  }

  /** Reads exactly one address, without port, brackets or zone; false if the bytes are none. */
  readBare(ptr: usize, len: i32): bool {
    for (let i = 0; i < len; i++) {
      if (load<u8>(ptr + <usize>i) != 0x3a) continue;
      this.high = 0;
      this.low = 0;
      return this.readIPv6(ptr, len);
    }
    return this.takeIPv4(ptr, len);
  }

  private takeIPv4(ptr: usize, len: i32): bool {
    this.high = 0;
    this.low = 0;
    const value = readIPv4(ptr, len);
    if (value < 0) return false;
    this.low = 0xffff_0000_0000 | (<u64>value);
    return true;
  }

  /** Reads what Envoy gives: `192.0.2.1:40000`, `[2001:db8::1]:40000`, `[fe80::1%2]:25`; false for pipes and the like. */
  read(ptr: usize, len: i32): bool {
    if (len > 0 && load<u8>(ptr) == 0x5b) {
      let end = 1;
      while (end < len && load<u8>(ptr + <usize>end) != 0x5d && load<u8>(ptr + <usize>end) != 0x25) end++;
      return end < len && this.readBare(ptr + 1, end - 1);
    }
    let end = 0;
    while (end < len && load<u8>(ptr + <usize>end) != 0x3a) end++;
    return this.takeIPv4(ptr, end);
  }

  private readIPv6(ptr: usize, len: i32): bool {
    let high: u64 = 0;
    let low: u64 = 0;
    // Groups seen, and how many of them stand before "::" (-1: none seen).
    let groups = 0;
    let gap = -1;
    let i = 0;
    if (len >= 2 && load<u8>(ptr) == 0x3a) {
      if (load<u8>(ptr, 1) != 0x3a) return false;
      gap = 0;
      i = 2;
    }
    while (i < len) {
      let end = i;
      while (end < len && load<u8>(ptr + <usize>end) != 0x3a) end++;
      let width = 1;
      let value = readHex(ptr + <usize>i, end - i);
      if (value < 0 && end == len) {
        width = 2;
        value = readIPv4(ptr + <usize>i, end - i);
      }
      if (value < 0 || groups + width > 8) return false;
      const bits = width == 1 ? 16 : 32;
      high = (high << bits) | (low >> (64 - bits));
      low = (low << bits) | (<u64>value);
      groups += width;
      if (end == len) break;
      i = end + 1;
      // A colon at the very end belongs to "::" or to nothing.
      if (i == len) return false;
      if (load<u8>(ptr + <usize>i) == 0x3a) {
        if (gap >= 0) return false;
        gap = groups;
        i++;
      }
    }
    if (gap < 0 ? groups != 8 : groups > 7) return false;
    this.place(high, low, groups, max(gap, 0));
    return true;
  }

  /** Opens the gap: the first `before` of `groups` groups go to the top, the rest stays at the bottom. */
  private place(high: u64, low: u64, groups: i32, before: i32): void {
    for (let k = 0; k < groups; k++) {
      const from = groups - 1 - k;
      const group = (from < 4 ? low >> bitsOf(from) : high >> bitsOf(from)) & 0xffff;
      const to = k < before ? 7 - k : from;
      if (to < 4) this.low |= group << bitsOf(to);
      else this.high |= group << bitsOf(to);
    }
  }
}

/** Where group `index`, counted from the end, stands in its half. */
function bitsOf(index: i32): i32 {
  return (index & 3) << 4;
}

/** Networks. IPv4 and IPv6 are kept apart: `::/0` holds no IPv4 address, `0.0.0.0/0` holds the mapped ones. */
@final
export class CidrList {
  /** high, low, prefix length of each, the address masked. */
  private readonly nets: u64[] = [];

  /** How many networks are in it. */
  get length(): i32 {
    return this.nets.length / 3;
  }

  /** Adds `address` or `address/prefix`; bits after the prefix are dropped. False, and nothing added, if it is none. */
  add(ptr: usize, len: i32): bool {
    let slash = 0;
    while (slash < len && load<u8>(ptr + <usize>slash) != 0x2f) slash++;
    const address = new Address();
    if (!address.readBare(ptr, slash)) return false;
    let dotted = true;
    for (let i = 0; i < slash; i++) dotted = dotted && load<u8>(ptr + <usize>i) != 0x3a;
    let prefix = 128;
    if (slash < len) {
      prefix = readDecimal(ptr + <usize>(slash + 1), len - slash - 1, dotted ? 32 : 128);
      if (prefix < 0) return false;
      if (dotted) prefix += 96;
    }
    this.nets.push(address.high & highMask(prefix));
    this.nets.push(address.low & lowMask(prefix));
    this.nets.push(<u64>prefix);
    return true;
  }

  /** Whether one of the networks holds `address`. */
  has(address: Address): bool {
    const isIPv4 = address.isIPv4;
    for (let i = 0, n = this.nets.length; i < n; i += 3) {
      const high = unchecked(this.nets[i]);
      const low = unchecked(this.nets[i + 1]);
      const prefix = <i32>unchecked(this.nets[i + 2]);
      if (isIPv4 != (prefix >= 96 && high == 0 && low >> 32 == 0xffff)) continue;
      if ((address.high & highMask(prefix)) == high && (address.low & lowMask(prefix)) == low) return true;
    }
    return false;
  }
}

function highMask(prefix: i32): u64 {
  return prefix >= 64 ? u64.MAX_VALUE : prefix == 0 ? 0 : u64.MAX_VALUE << (64 - prefix);
}

function lowMask(prefix: i32): u64 {
  return prefix <= 64 ? 0 : u64.MAX_VALUE << (128 - prefix);
}

/** `d.d.d.d` as 32 bits, -1 if it is none: numbers up to 255 without a leading zero. */
function readIPv4(ptr: usize, len: i32): i64 {
  let value: u32 = 0;
  let dots = 0;
  let octet = -1;
  for (let i = 0; i < len; i++) {
    const c = <i32>load<u8>(ptr + <usize>i);
    if (c == 0x2e) {
      if (octet < 0 || dots == 3) return -1;
      value = (value << 8) | (<u32>octet);
      octet = -1;
      dots++;
      continue;
    }
    const digit = c - 0x30;
    if (digit < 0 || digit > 9 || octet == 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots == 3 && octet >= 0 ? <i64>((value << 8) | (<u32>octet)) : -1;
}

/** One to three digits, no leading zero, at most `most`; -1 if it is none. */
function readDecimal(ptr: usize, len: i32, most: i32): i32 {
  if (len < 1 || len > 3 || (len > 1 && load<u8>(ptr) == 0x30)) return -1;
  let value = 0;
  for (let i = 0; i < len; i++) {
    const digit = <i32>load<u8>(ptr + <usize>i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= most ? value : -1;
}

/** One to four hexadecimal digits; -1 if it is none. */
function readHex(ptr: usize, len: i32): i64 {
  if (len < 1 || len > 4) return -1;
  let value: i64 = 0;
  for (let i = 0; i < len; i++) {
    const c = <i32>load<u8>(ptr + <usize>i);
    const letter = (c | 0x20) - 0x57;
    const digit = c >= 0x30 && c <= 0x39 ? c - 0x30 : letter >= 10 && letter <= 15 ? letter : -1;
    if (digit < 0) return -1;
    value = (value << 4) | (<i64>digit);
  }
  return value;
}
