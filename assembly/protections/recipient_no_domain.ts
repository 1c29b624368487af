import { Path } from "../smtp/path";
import { PathShape } from "../smtp/path-scanner";
import { Reason } from "./generated-reasons";

/**
 * The mailbox of RCPT has no domain. Postmaster needs none (RFC 5321 2.3.5); every other spelling that servers reduce
 * to a local name matches: `<user>`, `<user@>`, `<"a@b">`, `<@route:user>`, `<h!user>`, `<u%h>`, `<user(@x.org)>`.
 * With `requireQualified` a domain without a dot matches as well, unless it is an address literal.
 */
export function recipientNoDomain(path: Path, requireQualified: bool): Reason {
  if (!path.found) return Reason.none;
  if (path.hasDomain) {
    if (path.shape == PathShape.ambiguous) return Reason.recipient_no_domain_ambiguous;
    return requireQualified && !path.isQualified ? Reason.recipient_no_domain_not_qualified : Reason.none;
  }
  // A name that only some read as this one is none that needs no domain.
  if (path.isPostmaster)
    return path.shape == PathShape.regular ? Reason.none : Reason.recipient_no_domain_ambiguous;
  return path.isNull ? Reason.recipient_no_domain_no_mailbox : Reason.recipient_no_domain_no_domain;
}
