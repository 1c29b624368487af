import { DataEvent } from "../smtp/data";
import { Reason } from "./reason";

/** Some server takes what was just read for the end of data although it is not CRLF "." CRLF; told once a message. */
export function smuggledEndOfData(event: DataEvent, told: bool): Reason {
  return (event & DataEvent.smuggled) != 0 && !told ? Reason.smuggled : Reason.none;
}
