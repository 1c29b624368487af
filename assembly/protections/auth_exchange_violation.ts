import { isAlpha, isDigit } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/** A response in an AUTH exchange [from, to) that is neither base64, nor "*", nor empty (RFC 4954 4); the `round`th. */
export function authResponseViolation(from: usize, to: usize, round: i32): Reason {
  // Once an exchange: what comes after it is still judged by itself.
  if (round == ROUNDS_MAX + 1) return Reason.auth_exchange_violation_rounds;
  if (to - from == 1 && load<u8>(from) == 0x2a) return Reason.none;
  let end = to;
  while (end > from && load<u8>(end - 1) == PADDING) end--;
  for (let at = from; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2b && byte != 0x2f)
      return Reason.auth_exchange_violation_not_base64;
  }
  return Reason.none;
}

/** AUTH with another mechanism after a cancelled one: the attack on Cyrus SASL that Snort 124:14 names. */
export function mechanismSwitch(cancelled: bool, before: u32, now: u32, harmless: bool): Reason {
  return cancelled && before != now && !harmless
    ? Reason.auth_exchange_violation_mechanism_switch
    : Reason.none;
}

/** "=", which stands only at the end (RFC 4648 3.2). */
const PADDING: u32 = 0x3d;
/** SASL mechanisms need one to five rounds (GSSAPI, RFC 4752: three or four); three times that ends the exchange. */
const ROUNDS_MAX: i32 = 16;
