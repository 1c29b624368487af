import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/**
 * Bytes after a command that must be the last of a group (RFC 2920 3.1) and has no reply yet. DATA and STARTTLS have
 * ids of their own; in an AUTH exchange the client may not send ahead either.
 */
export function bytesAfterLast(verb: Verb): Reason {
  if (!hasTrait(verb, Trait.last)) return Reason.none;
  // Exim's smtp_enforce_sync and Postfix's smtpd_forbid_unauth_pipelining leave these alone.
  const isTolerated = hasTrait(verb, Trait.secret) || verb == Verb.quit;
  return isTolerated ? Reason.improper_pipelining_last_tolerated : Reason.improper_pipelining_last;
}

/** A command after an unanswered one although the server did not offer PIPELINING. */
export function unannouncedPipelining(unanswered: bool, offered: bool): Reason {
  return unanswered && !offered ? Reason.improper_pipelining_unannounced : Reason.none;
}
