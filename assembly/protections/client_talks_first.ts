import { Reason } from "./reason";

/** Client bytes before the greeting is complete (RFC 5321 4.3.1); told once a session. */
export function clientTalksFirst(told: bool): Reason {
  return told ? Reason.none : Reason.early_bytes;
}
