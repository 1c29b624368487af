/** The key of hashed addresses. */
import { ADDRESS_KEY } from "./fields";
import { PolicyReader } from "./read";
import { Policy } from "./settings";

/** Reads the 32 hexadecimal digits of a key of SipHash. A refusal does not repeat them: it goes to the log. */
export function readAddressKey(reader: PolicyReader, policy: Policy): void {
  if (!reader.next()) return;
  const text = reader.text;
  let good = reader.isString && text.length == ADDRESS_KEY.length;
  let first: u64 = 0;
  let second: u64 = 0;
  for (let i = 0; good && i < text.length; i++) {
    const digit = hexValue(text.charCodeAt(i));
    good = digit >= 0;
    // Of a half the first byte is the lowest, of a byte the first digit is the upper one.
    const shift = <u64>(((i & 14) << 2) | ((i & 1) == 0 ? 4 : 0));
    if (i < text.length >> 1) first |= (<u64>digit) << shift;
    else second |= (<u64>digit) << shift;
  }
  if (!good) {
    reader.refuse(`expected ${ADDRESS_KEY.length.toString()} hexadecimal digits`);
    return;
  }
  policy.addressKey0 = first;
  policy.addressKey1 = second;
}

/** The value of a hexadecimal digit, -1 for any other character. */
function hexValue(c: i32): i32 {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
