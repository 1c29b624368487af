import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/** Whether a reply of `code` to `verb` says that the credentials are wrong (RFC 4954 6). */
export function isAuthFailure(verb: Verb, code: i32): bool {
  return code == 535 && hasTrait(verb, Trait.opens_auth);
}

/** The `most`th wrong credentials of the session. */
export function authFailures(failures: i32, most: i32): Reason {
  return failures == most ? Reason.auth_failures_refused : Reason.none;
}
