import { DataEvent } from "../smtp/data";
import { Reason } from "./reason";

/** NUL in message data, which RFC 5321 4.5.2 has no use for; told once a message. */
export function nulInData(event: DataEvent, told: bool): Reason {
  return (event & DataEvent.nul) != 0 && !told ? Reason.data_nul : Reason.none;
}
