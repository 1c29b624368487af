import { Reason } from "./generated-reasons";

/**
 * One RCPT more than `most` in a transaction, of which the server was sent `sent`. Where those beyond are sent on too, it
 * is one finding; where they are kept from the server, one each.
 */
export function tooManyRecipients(sent: i32, most: i32): Reason {
  return sent == most ? Reason.too_many_recipients_too_many : Reason.none;
}
