import { DataEvent } from "../smtp/data";
import { Reason } from "./generated-reasons";

/** A NUL in message data, which servers drop, keep or stop at (RFC 5321 4.5.2 allows none). */
export function nulInData(events: DataEvent): Reason {
  return (events & DataEvent.nul) != 0 ? Reason.nul_in_data_nul : Reason.none;
}
