import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * A command that RFC 5321 4.1.4 does not allow at this point. `facts` are those of commands that were sent on and not refused,
 * so that a pipelined group is judged as the server will. `requireAuth`: MAIL is for those who authenticated (RFC 6409 4.3).
 */
export function commandOutOfSequence(verb: Verb, facts: u32, requireAuth: bool): Reason {
  switch (verb) {
    case Verb.mail:
      if ((facts & Fact.chunks) != 0) return Reason.command_out_of_sequence_between_chunks;
      if ((facts & Fact.helo) == 0) return Reason.command_out_of_sequence_no_helo;
      if ((facts & Fact.mail) != 0) return Reason.command_out_of_sequence_nested_mail;
      return requireAuth && (facts & Fact.authenticated) == 0
        ? Reason.command_out_of_sequence_unauthenticated
        : Reason.none;
    case Verb.rcpt:
      if ((facts & Fact.chunks) != 0) return Reason.command_out_of_sequence_between_chunks;
      return (facts & Fact.mail) != 0 ? Reason.none : Reason.command_out_of_sequence_no_mail;
    case Verb.data:
      return (facts & (Fact.rcpt | Fact.chunks)) != 0 ? Reason.none : Reason.command_out_of_sequence_no_rcpt;
    case Verb.bdat:
      return (facts & Fact.rcpt) != 0 ? Reason.none : Reason.command_out_of_sequence_no_rcpt;
    case Verb.auth:
    case Verb.starttls:
      if ((facts & Fact.chunks) != 0) return Reason.command_out_of_sequence_between_chunks;
      if ((facts & Fact.mail) != 0) return Reason.command_out_of_sequence_in_transaction;
      return verb == Verb.auth && (facts & Fact.authenticated) != 0
        ? Reason.command_out_of_sequence_second_auth
        : Reason.none;
    default:
      return Reason.none;
  }
}
