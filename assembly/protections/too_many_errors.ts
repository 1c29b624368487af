import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * Whether a reply of `code` to `verb` is an error of the client's: 4xx or 5xx. Not 4xx to RCPT, which is how greylisting asks to
 * come back, and not 421, by which the server ends the session anyway.
 */
export function isError(verb: Verb, code: i32): bool {
  return code >= 500 || (code >= 400 && code != 421 && verb != Verb.rcpt);
}

/** The `most`th error since the last accepted message (Postfix smtpd_hard_error_limit). */
export function tooManyErrors(errors: i32, most: i32): Reason {
  return errors == most ? Reason.too_many_errors_replies : Reason.none;
}

/** The `most`th command of the session with a verb that nobody knows (Exim smtp_max_unknown_commands). */
export function tooManyUnknownVerbs(unknown: i32, most: i32): Reason {
  return unknown == most ? Reason.too_many_errors_unknown_verbs : Reason.none;
}
