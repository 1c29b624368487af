import { Excess } from "../smtp/message";
import { Reason } from "./generated-reasons";

/** Most octets of a message: what the policy allows, or what the server announced if that is less; 0 announces nothing. */
export function messageLimit(allowed: i32, announced: u32): u32 {
  return announced == 0 ? <u32>allowed : min(<u32>allowed, announced);
}

/** MAIL declares more octets than `most` (RFC 1870 6.1). */
export function declaredTooLarge(declared: u32, most: u32): Reason {
  return declared > most ? Reason.message_too_large_declared : Reason.none;
}

/** A chunk of `size` octets, -1 if that is not known, is more than `most`, alone or after `before` octets of its message. */
export function chunkTooLarge(before: u32, size: i64, most: u32): Reason {
  if (size > <i64>most) return Reason.message_too_large_chunk;
  return size > 0 && <i64>before + size > <i64>most ? Reason.message_too_large_octets : Reason.none;
}

/** The data of DATA have more octets than the limit; `kind` is one kind of `Excess`. */
export function messageTooLarge(kind: Excess): Reason {
  return kind == Excess.octets ? Reason.message_too_large_octets : Reason.none;
}
