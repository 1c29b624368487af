import { Path } from "../smtp/path";
import { Reason } from "./generated-reasons";

/**
 * The mailbox of RCPT has no domain. Postmaster needs none (RFC 5321 2.3.5); every other spelling that servers reduce
 * to a local name hits: `<user>`, `<user@>`, `<"a@b">`, `<@route:user>`, `<h!user>`, `<u%h>`, `<user(@x.org)>`.
 * With `requireQualified` a domain without a dot hits as well, unless it is an address literal.
 */
export function recipientNoDomain(path: Path, requireQualified: bool): Reason {
  if (!path.found || path.isPostmaster) return Reason.none;
  if (path.isNull && !path.hasDomain) return Reason.recipient_no_domain_no_mailbox;
  if (!path.hasDomain) return Reason.recipient_no_domain_no_domain;
  return requireQualified && !path.isQualified ? Reason.recipient_no_domain_not_qualified : Reason.none;
}
