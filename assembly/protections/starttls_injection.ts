import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/** Any byte after STARTTLS before its reply, no verb exempt (CVE-2011-0411): a server may run it inside TLS. */
export function starttlsInjection(asked: Verb): Reason {
  return hasTrait(asked, Trait.opens_tls) ? Reason.starttls_injection_pipelined : Reason.none;
}
