import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * Why the server cannot be asked for TLS after it accepted the greeting `verb`; `offers` is whether its reply has STARTTLS, which
 * that to HELO cannot have (RFC 3207 2, RFC 5321 4.1.1.1).
 */
export function starttlsUnavailable(verb: Verb, canWrite: bool, hasSwitch: bool, offers: bool): Reason {
  if (!canWrite) return Reason.starttls_unavailable_half_closed;
  if (!hasSwitch) return Reason.starttls_unavailable_no_switch;
  return verb == Verb.helo || offers ? Reason.none : Reason.starttls_unavailable_not_offered;
}

/** RFC 3207 4: anything but 220 to STARTTLS is a refusal. */
export function starttlsRefused(code: i32): Reason {
  return code == 220 ? Reason.none : Reason.starttls_unavailable_refused;
}
