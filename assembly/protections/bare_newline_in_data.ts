import { DataEvent } from "../smtp/data";
import { Reason } from "./reason";

/** LF without CR, or CR without LF, in message data (RFC 5321 2.3.8); each told once a message. */
export function bareNewlineInData(event: DataEvent, toldLf: bool, toldCr: bool): Reason {
  if ((event & DataEvent.lf) != 0 && !toldLf) return Reason.data_lf;
  return (event & DataEvent.cr) != 0 && !toldCr ? Reason.data_cr : Reason.none;
}
