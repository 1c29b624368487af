/**
 * The words of JSON (RFC 8259) over bytes in wasm memory: strings, numbers, literals, white space. `json-reader.ts`
 * puts them together. Nothing traps: a fault is `message` and `offset`, and the first one stays.
 */

/** Numbers beyond this are out of every range that a caller may ask for; stops the sum before it wraps. */
const SATURATED: i64 = 1_000_000_000_000_000;

/** A cursor over JSON text; what it read last is in its fields. */
export class JsonScanner {
  /** Byte offset of the current word, or of the fault. */
  offset: i32 = 0;
  /** Why the bytes are not JSON; empty while they are. */
  message: string = "";
  /** The string read last, decoded. */
  text: string = "";
  /** The number read last is an integer, however it is written (`1000`, `1e3`, `10.0`), as JSON Schema has it. */
  integral: bool = false;
  /** Its value, saturated at ±10^15; 0 unless `integral`. */
  integer: i64 = 0;
  /** Offset of the next byte to read. */
  protected at: i32 = 0;

  /** The bytes must stay where they are while the scanner is in use. */
  constructor(
    private readonly ptr: usize,
    private readonly len: i32,
  ) {}

  /** The current word as it stands in the text: at most `most` bytes, what is not printable ASCII as `?`. */
  raw(most: i32): string {
    let out = "";
    const end = min(this.at, this.offset + most);
    for (let i = this.offset; i < end; i++) {
      const c = this.byte(i);
      out += String.fromCharCode(c >= 0x20 && c < 0x7f ? c : 0x3f);
    }
    return out;
  }

  /** Skips white space (RFC 8259 2), starts a word there and gives its first byte, -1 at the end. */
  protected peek(): i32 {
    let c = this.byte(this.at);
    while (c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09) c = this.byte(++this.at);
    this.offset = this.at;
    return c;
  }

  /** Notes a fault at `offset`; false, so that a caller can return it. */
  protected fault(offset: i32, message: string): bool {
    if (this.message.length == 0) {
      this.message = message;
      this.offset = offset;
    }
    return false;
  }

  /** Reads `word` if it stands here. */
  protected readLiteral(word: string): bool {
    for (let i = 0; i < word.length; i++) {
      if (this.byte(this.at + i) != word.charCodeAt(i)) return false;
    }
    this.at += word.length;
    return true;
  }

  /** Reads `-? int frac? exp?` (RFC 8259 6) into `integral` and `integer`, exactly: no detour through floating point. */
  protected readNumber(): bool {
    const negative = this.byte(this.at) == 0x2d;
    if (negative) this.at++;
    const first = this.byte(this.at);
    if (!isDigit(first)) return this.fault(this.at, "expected a digit");
    if (first == 0x30 && isDigit(this.byte(this.at + 1)))
      return this.fault(this.at, "a number with a leading zero");
    let mantissa: i64 = 0;
    // Zeros after the last other digit: they enter the mantissa only if another digit follows.
    let zeros = 0;
    let fraction = 0;
    let inFraction = false;
    while (true) {
      const c = this.byte(this.at);
      if (c == 0x2e && !inFraction) {
        inFraction = true;
        if (!isDigit(this.byte(++this.at))) return this.fault(this.at, "expected a digit");
        continue;
      }
      if (!isDigit(c)) break;
      this.at++;
      if (inFraction) fraction++;
      if (c == 0x30) {
        zeros++;
      } else {
        mantissa = scale(mantissa, zeros + 1) + <i64>(c - 0x30);
        zeros = 0;
      }
    }
    const power = this.readExponent() - fraction + zeros;
    if (isWordByte(this.byte(this.at))) return this.fault(this.at, "not a valid number");
    this.integral = mantissa == 0 || power >= 0;
    this.integer = this.integral ? scale(mantissa, power) : 0;
    if (negative) this.integer = -this.integer;
    return this.message.length == 0;
  }

  private readExponent(): i32 {
    const c = this.byte(this.at);
    if (c != 0x65 && c != 0x45) return 0;
    const sign = this.byte(++this.at);
    if (sign == 0x2b || sign == 0x2d) this.at++;
    if (!isDigit(this.byte(this.at))) this.fault(this.at, "expected a digit");
    let value = 0;
    for (; isDigit(this.byte(this.at)); this.at++) {
      // No text is long enough for its fraction to undo an exponent that has saturated.
      if (value < 100_000_000) value = value * 10 + this.byte(this.at) - 0x30;
    }
    return sign == 0x2d ? -value : value;
  }

  /** Reads a string into `text`: escapes decoded, UTF-8 checked (RFC 3629), control characters refused. */
  protected readString(): bool {
    const start = this.at;
    let end = start + 1;
    while (this.byte(end) != 0x22) {
      end += this.byte(end) == 0x5c ? 2 : 1;
      if (end >= this.len) return this.fault(start, "a string without its closing quote");
    }
    const units = new StaticArray<u16>(end - start);
    let count = 0;
    this.at = start + 1;
    while (this.at < end) {
      const from = this.at;
      const escaped = this.byte(from) == 0x5c;
      const code = escaped ? this.readEscape() : this.readScalar();
      if (code < 0) return this.fault(from, escaped ? "an invalid escape" : badByte(this.byte(from)));
      if (code > 0xffff) units[count++] = <u16>(0xd7c0 + (code >> 10));
      units[count++] = <u16>(code > 0xffff ? 0xdc00 | (code & 0x3ff) : code);
    }
    this.at = end + 1;
    this.text = String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>(count << 1));
    return true;
  }

  /** A code point from an escape (RFC 8259 7), -1 for none such; halves of surrogate pairs are none. */
  private readEscape(): i32 {
    const c = this.byte(this.at + 1);
    this.at += 2;
    if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
    if (c == 0x62) return 0x08;
    if (c == 0x66) return 0x0c;
    if (c == 0x6e) return 0x0a;
    if (c == 0x72) return 0x0d;
    if (c == 0x74) return 0x09;
    if (c != 0x75) return -1;
    const high = this.readHex4();
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || this.byte(this.at) != 0x5c || this.byte(this.at + 1) != 0x75) return -1;
    this.at += 2;
    const low = this.readHex4();
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : -1;
  }

  private readHex4(): i32 {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const c = this.byte(this.at++);
      const letter = c | 0x20;
      if (isDigit(c)) value = (value << 4) | (c - 0x30);
      else if (letter >= 0x61 && letter <= 0x66) value = (value << 4) | (letter - 0x57);
      else return -1;
    }
    return value;
  }

  /** A code point from UTF-8 (RFC 3629 4), -1 for overlong forms, surrogates, what is beyond U+10FFFF, control characters. */
  private readScalar(): i32 {
    const c = this.byte(this.at++);
    if (c < 0x80) return c < 0x20 ? -1 : c;
    const more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    let code = c & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = this.byte(this.at++);
      if ((next & 0xc0) != 0x80) return -1;
      code = (code << 6) | (next & 0x3f);
    }
    if (c < 0xc2 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return -1;
    return code < (more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80) ? -1 : code;
  }

  private byte(i: i32): i32 {
    return i < this.len ? <i32>load<u8>(this.ptr + <usize>i) : -1;
  }
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

/** What makes a number read as a longer word: `0x200`, `1.2.3`, `512kB`. */
function isWordByte(c: i32): bool {
  return isDigit(c) || c == 0x2e || c == 0x2b || c == 0x2d || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a);
}

/** `value * 10^power`, saturated. */
function scale(value: i64, power: i32): i64 {
  if (value == 0) return 0;
  for (let i = 0; i < power && value < SATURATED; i++) value *= 10;
  return min(value, SATURATED);
}

function badByte(c: i32): string {
  return c < 0x20 ? "a control character in a string" : "bytes that are not UTF-8";
}
