import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/** Any byte behind STARTTLS before its reply, no verb exempt (CVE-2011-0411): a server may run it inside TLS. */
export function starttlsInjection(asked: Verb): Reason {
  return asked == Verb.starttls || asked == Verb.x_anonymoustls ? Reason.starttls_pipelined : Reason.none;
}
