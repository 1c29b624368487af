import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/** A line of `length` bytes, line end included, is longer than `verb` can need. Not `whole`: its end has not come yet. */
export function commandLineTooLong(verb: Verb, length: i32, whole: bool): Reason {
  if (!whole) return Reason.command_line_too_long_endless;
  return length > longestLine(verb) ? Reason.command_line_too_long_too_long : Reason.none;
}

/** Longest line of a verb in bytes, CRLF included. */
function longestLine(verb: Verb): i32 {
  switch (verb) {
    case Verb.mail:
      // 512, and what SIZE, BODY, DSN, AUTH= and SMTPUTF8 add (RFC 1870, 6152, 3461, 4954, 6531): 1165.
      return 1200;
    case Verb.rcpt:
      // 512, and 500 for NOTIFY and ORCPT (RFC 3461 4).
      return 1100;
    case Verb.auth:
    case Verb.x_exps:
    case Verb.auth_response:
      // RFC 4954 4: 12288 without CRLF; initial responses of Kerberos and OAuth need it in the command as well.
      return 12290;
    case Verb.xclient:
    case Verb.xforward:
      // Postfix XCLIENT_README: eight attributes of at most 255.
      return 2048;
    default:
      // RFC 5321 4.5.3.1.4.
      return 512;
  }
}
