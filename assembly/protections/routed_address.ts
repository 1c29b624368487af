import { Path } from "../smtp/path";
import { Verb } from "../smtp/verb";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * A path that asks the server to send the mail on by way of others: RFC 5321 appendix C, and for recipients what servers
 * take for the same in a local part, quoted or not. A set of reasons.
 */
export function routedAddress(verb: Verb, path: Path): u32 {
  if (!path.found) return 0;
  let set: u32 = path.hasRoute ? bitOf(Reason.routed_address_source_route, FirstReason.routed_address) : 0;
  // Without a domain it is one for recipient_no_domain.
  if (verb != Verb.rcpt || path.domainStart == path.domainEnd) return set;
  const end = path.localEnd;
  let isQuoted: bool = false;
  for (let at = path.start; at < end; at++) {
    let byte: u32 = load<u8>(at);
    if (byte == 0x22) isQuoted = !isQuoted;
    else if (byte == 0x5c && at + 1 < end) {
      at++;
      byte = load<u8>(at);
    }
    if (byte == 0x25) set |= bitOf(Reason.routed_address_percent, FirstReason.routed_address);
    if (byte == 0x21) set |= bitOf(Reason.routed_address_bang, FirstReason.routed_address);
    if (byte == 0x40 && isQuoted) set |= bitOf(Reason.routed_address_quoted_at, FirstReason.routed_address);
  }
  return set;
}
