import { Excess } from "../smtp/message";
import { Reason } from "./generated-reasons";

/** A line, a name or all of a message's header has more octets than its limit; `kind` is one kind of `Excess`. */
export function headerTooLong(kind: Excess): Reason {
  if (kind == Excess.header_line) return Reason.header_too_long_line;
  if (kind == Excess.header_name) return Reason.header_too_long_name;
  return kind == Excess.header_block ? Reason.header_too_long_block : Reason.none;
}
