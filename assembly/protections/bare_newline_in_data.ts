import { DataEvent } from "../smtp/data";
import { Reason } from "./generated-reasons";

/** LF without CR, or CR without LF, in message data (RFC 5321 2.3.8); `events` are those not yet reported. */
export function bareNewlineInData(events: DataEvent): Reason {
  if ((events & DataEvent.lf) != 0) return Reason.bare_newline_in_data_lf;
  return (events & DataEvent.cr) != 0 ? Reason.bare_newline_in_data_cr : Reason.none;
}
