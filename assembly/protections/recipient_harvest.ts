import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * Whether a reply of `code` to `verb` says that there is no such mailbox: 550, 551 and 553 to RCPT or VRFY (RFC 5321 4.2.2,
 * 4.3.2). 552 is a full mailbox or too many recipients, 554 mostly a refusal of the client.
 */
export function isRefusedRecipient(verb: Verb, code: i32): bool {
  return (verb == Verb.rcpt || verb == Verb.vrfy) && (code == 550 || code == 551 || code == 553);
}

/** The `most`th refused recipient of the session (Cisco ASA "match invalid-recipients"). */
export function recipientHarvest(refused: i32, most: i32): Reason {
  return refused == most ? Reason.recipient_harvest_refused_recipients : Reason.none;
}
