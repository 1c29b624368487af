import { Reason } from "./generated-reasons";

/** Server bytes after its 220 to STARTTLS before the client's hello: a client may take them as sent inside TLS. */
export function starttlsReplyInjection(clientHelloSeen: bool): Reason {
  return clientHelloSeen ? Reason.none : Reason.starttls_reply_injection_reply;
}
