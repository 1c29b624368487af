import { DataEvent } from "../smtp/data";
import { Reason } from "./generated-reasons";

/** Some servers take what was just read for the end of data although it is not CRLF "." CRLF. */
export function smuggledEndOfData(events: DataEvent): Reason {
  return (events & DataEvent.smuggled) != 0 ? Reason.smuggled_end_of_data_smuggled : Reason.none;
}
