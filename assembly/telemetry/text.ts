import { asciiAt, isHarmless } from "../smtp/scan";

/** A text that is built in place: events and summaries are JSON of bounded size, written without allocating. */
@final
export class Text {
  private length: i32 = 0;

  /** A text of at most `capacity` bytes at `start`; what does not fit is cut. */
  constructor(
    readonly start: usize,
    private readonly capacity: i32,
  ) {}

  get size(): i32 {
    return this.length;
  }

  clear(): void {
    this.length = 0;
  }

  /** Takes back what was appended after the first `size` bytes. */
  cut(size: i32): void {
    this.length = size;
  }

  byte(value: u32): void {
    if (this.length < this.capacity) store<u8>(this.start + this.length++, value);
  }

  /** Appends the filter's own ASCII as it is. */
  ascii(text: string): void {
    const length = min(text.length, this.capacity - this.length);
    const to = this.start + this.length;
    // Names and words are most of a record: eight or four letters at once, the last ones once more.
    if (length >= 8) {
      for (let i = 0; i + 8 < length; i += 8) narrowEight(text, i, to);
      narrowEight(text, length - 8, to);
    } else if (length >= 4) {
      narrowFour(text, 0, to);
      narrowFour(text, length - 4, to);
    } else for (let i = 0; i < length; i++) store<u8>(to + i, <u8>asciiAt(text, i));
    this.length += length;
  }

  /** Appends what was put together before: JSON of the filter's own. */
  bytes(text: ArrayBuffer): void {
    const length = min(text.byteLength, this.capacity - this.length);
    memory.copy(this.start + this.length, changetype<usize>(text), length);
    this.length += length;
  }

  number(value: u64): void {
    if (value >= 10) this.number(value / 10);
    this.byte(<u32>(48 + (value % 10)));
  }

  /** Appends 16 hexadecimal digits. */
  hex(value: u64): void {
    for (let shift = 60; shift >= 0; shift -= 4) this.byte(hexDigit((<u32>(value >> (<u64>shift))) & 15));
  }

  /** Appends bytes from the wire so that a JSON string can hold them: all but printable ASCII becomes `\\xHH`. */
  wire(from: usize, length: i32): void {
    // As a rule names and addresses have nothing else.
    if (isHarmless(from, from + <usize>length)) {
      const whole = min(length, this.capacity - this.length);
      memory.copy(this.start + this.length, from, whole);
      this.length += whole;
      return;
    }
    for (let i = 0; i < length; i++) {
      const byte: u32 = load<u8>(from + i);
      if (byte == 0x22) this.ascii('\\"');
      else if (byte == 0x5c) this.ascii("\\\\\\\\");
      else if (byte >= 0x20 && byte < 0x7f) this.byte(byte);
      else {
        this.ascii("\\\\x");
        this.byte(hexDigit(byte >> 4));
        this.byte(hexDigit(byte & 15));
      }
    }
  }

  /** Appends `,"name":` or, right after an opening brace, `"name":`. */
  key(name: string): void {
    if (this.length > 0 && load<u8>(this.start + this.length - 1) != 0x7b) this.byte(0x2c);
    this.byte(0x22);
    this.ascii(name);
    this.ascii('":');
  }

  /** Appends the start of a member, put together before, with the comma that it may need. */
  member(text: ArrayBuffer): void {
    if (this.length > 0 && load<u8>(this.start + this.length - 1) != 0x7b) this.byte(0x2c);
    this.bytes(text);
  }

  /** Appends a member whose value is the filter's own ASCII. */
  word(name: string, value: string): void {
    this.key(name);
    this.byte(0x22);
    this.ascii(value);
    this.byte(0x22);
  }

  /** Appends a member whose value came from the wire, cut to `limit` bytes. */
  wireMember(name: string, from: usize, length: i32, limit: i32): void {
    this.key(name);
    this.wireValue(from, length, limit);
  }

  /** Appends a string that came from the wire, cut to `limit` bytes. */
  wireValue(from: usize, length: i32, limit: i32): void {
    this.byte(0x22);
    this.wire(from, min(length, limit));
    this.byte(0x22);
  }
}

/** Writes eight letters of `text` from `index` on as octets to where they go, `to` being the place of its first. */
function narrowEight(text: string, index: i32, to: usize): void {
  const letters = v128.load(changetype<usize>(text) + ((<usize>index) << 1));
  v128.store_lane<u64>(to + index, i8x16.narrow_i16x8_u(letters, letters), 0);
}

/** The same of four. */
function narrowFour(text: string, index: i32, to: usize): void {
  const letters = v128.load_zero<u64>(changetype<usize>(text) + ((<usize>index) << 1));
  v128.store_lane<u32>(to + index, i8x16.narrow_i16x8_u(letters, letters), 0);
}

function hexDigit(value: u32): u32 {
  return value < 10 ? 48 + value : 87 + value;
}
