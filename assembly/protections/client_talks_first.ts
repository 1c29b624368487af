import { Reason } from "./generated-reasons";

/** Client bytes came before the greeting was complete (RFC 5321 4.3.1). */
export function clientTalksFirst(): Reason {
  return Reason.client_talks_first_early_bytes;
}
