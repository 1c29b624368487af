import { Excess } from "../smtp/message";
import { Reason } from "./generated-reasons";

/** A line of a message has more octets than its limit (RFC 5321 4.5.3.1.6); `kind` is one kind of `Excess`. */
export function dataLineTooLong(kind: Excess): Reason {
  if (kind == Excess.line) return Reason.data_line_too_long_line;
  return kind == Excess.endless ? Reason.data_line_too_long_endless : Reason.none;
}
