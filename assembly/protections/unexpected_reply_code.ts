import { Capability } from "../smtp/ehlo";
import { Reply } from "../smtp/reply";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/**
 * A code that opens a mode which `verb` cannot open, or leaves one that it must: 354 to other than DATA and XEXCH50,
 * 334 to other than AUTH, 220 to other than STARTTLS and XCLIENT, 2xx to DATA, 3xx to BDAT. A client that obeys the
 * code and an inspector that trusts the verb would then read different things (CVE-2000-1022).
 */
export function unexpectedReplyCode(verb: Verb, reply: Reply, offered: u32): Reason {
  const code = reply.code;
  // Most replies are so.
  if (code == 250 && verb != Verb.data && verb != Verb.quit) return Reason.none;
  // PRDR: the recipients' own replies follow (Exim src/receive.c).
  if (code == 353 && verb == Verb.end_of_data && (offered & Capability.prdr) != 0) return Reason.none;
  if (code >= 300 && code < 400) {
    const opener = code == 334 ? Trait.opens_auth : code == 354 ? Trait.opens_data : Trait.none;
    return hasTrait(verb, opener) ? Reason.none : Reason.unexpected_reply_code_mode;
  }
  if (code == 220) {
    return hasTrait(verb, Trait.opens_tls | Trait.restarts) ? Reason.none : Reason.unexpected_reply_code_mode;
  }
  if (verb == Verb.data && code >= 200 && code < 300) return Reason.unexpected_reply_code_mode;
  return code == 0 || isInTable(verb, code) ? Reason.none : Reason.unexpected_reply_code_table;
}

/** RFC 5321 4.3.2 and the extensions' documents; 500, 501 and 421 are legal for all. */
function isInTable(verb: Verb, code: i32): bool {
  if (code == 500 || code == 501 || code == 421) return true;
  switch (verb) {
    case Verb.ehlo:
    case Verb.helo:
      return code == 250 || code == 502 || code == 504 || code == 550;
    case Verb.mail:
    case Verb.rcpt:
      return (
        code == 250 ||
        code == 251 ||
        (code >= 450 && code <= 455) ||
        code == 503 ||
        (code >= 550 && code <= 555)
      );
    case Verb.rset:
    case Verb.noop:
      return code == 250;
    case Verb.quit:
      return code == 221;
    case Verb.end_of_data:
    case Verb.bdat:
    case Verb.data:
      return code == 250 || (code >= 450 && code <= 452) || code == 503 || (code >= 550 && code <= 554);
    default:
      return true;
  }
}
