import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/**
 * Bytes after a command that must be the last of a group (RFC 2920 3.1) and has no reply yet. DATA and STARTTLS have
 * ids of their own; in an AUTH exchange the client may not send ahead either.
 */
export function bytesAfterLast(verb: Verb): Reason {
  return hasTrait(verb, Trait.last) ? Reason.improper_pipelining_last : Reason.none;
}

/** A command after an unanswered one although the server did not offer PIPELINING. */
export function unannouncedPipelining(unanswered: bool, offered: bool): Reason {
  return unanswered && !offered ? Reason.improper_pipelining_unannounced : Reason.none;
}
