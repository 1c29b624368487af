import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/**
 * A command where RFC 5321 4.1.4 has no place for it. The facts are those of commands that were sent on and not
 * refused, so that a pipelined group is judged as the server will.
 */
export function commandOutOfSequence(
  verb: Verb,
  helo: bool,
  mail: bool,
  rcpt: bool,
  chunks: bool,
  authenticated: bool,
): Reason {
  switch (verb) {
    case Verb.mail:
      if (chunks) return Reason.between_chunks;
      if (!helo) return Reason.no_helo;
      return mail ? Reason.nested_mail : Reason.none;
    case Verb.rcpt:
      if (chunks) return Reason.between_chunks;
      return mail ? Reason.none : Reason.no_mail;
    case Verb.data:
      return rcpt || chunks ? Reason.none : Reason.no_rcpt;
    case Verb.bdat:
      return rcpt ? Reason.none : Reason.no_rcpt;
    case Verb.auth:
      if (chunks) return Reason.between_chunks;
      if (mail) return Reason.in_transaction;
      return authenticated ? Reason.second_auth : Reason.none;
    case Verb.starttls:
      if (chunks) return Reason.between_chunks;
      return mail ? Reason.in_transaction : Reason.none;
    default:
      return Reason.none;
  }
}
