import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/**
 * Bytes behind a command that must be the last of a group (RFC 2920 3.1) and has no reply yet. DATA and STARTTLS have
 * ids of their own; in an AUTH exchange the client may not send ahead either.
 */
export function bytesBehindLast(verb: Verb): Reason {
  switch (verb) {
    case Verb.helo:
    case Verb.ehlo:
    case Verb.vrfy:
    case Verb.expn:
    case Verb.noop:
    case Verb.turn:
    case Verb.etrn:
    case Verb.atrn:
    case Verb.quit:
    case Verb.auth:
    case Verb.auth_response:
    case Verb.x_exps:
      return Reason.behind_last;
    default:
      return Reason.none;
  }
}

/** A command behind an unanswered one although the server did not offer PIPELINING; told once a session. */
export function unannouncedPipelining(unanswered: bool, offered: bool, told: bool): Reason {
  return unanswered && !offered && !told ? Reason.pipelining_unannounced : Reason.none;
}
