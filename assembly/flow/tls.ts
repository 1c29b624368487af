import { clientEdits, serverEdits } from "../envoy/edits";
import { Reason } from "../protections/generated-reasons";
import { clientIsNotTls, serverIsNotTls } from "../protections/starttls_not_tls";
import { starttlsReplyInjection } from "../protections/starttls_reply_injection";
import { Session } from "../session/session";
import { tlsHello, tlsRecord, TlsShape } from "../smtp/tls";
import { Verb } from "../smtp/verb";
import { enforceOnClient, enforceOnServer } from "../verdict/enforce";
import { judgeClientBytes, judgeServerBytes } from "../verdict/judge";

/** Reads the client's first bytes after an accepted STARTTLS; returns `at` when they are too few to decide. */
export function readTls(s: Session, at: usize, to: usize): usize {
  if (!s.tlsSeen) {
    if (tlsHello(at, to) == TlsShape.partial) return at;
    const reason = clientIsNotTls(at, to);
    if (enforceOnClient(s, judgeClientBytes(s, reason, at, to - at, Verb.none))) return to;
    s.tlsSeen = true;
  }
  clientEdits.pass(at, to - at);
  return to;
}

/** After its 220 to STARTTLS the server has nothing to say before the client's hello, and then only TLS. */
export function readServerTls(s: Session, at: usize, to: usize): usize {
  if (!s.serverTlsSeen) {
    let reason = starttlsReplyInjection(s.tlsSeen);
    if (reason == Reason.none) {
      if (tlsRecord(at, to) == TlsShape.partial) return at;
      reason = serverIsNotTls(at, to);
    }
    if (enforceOnServer(s, judgeServerBytes(s, reason, at, to - at), false)) return to;
    s.serverTlsSeen = true;
  }
  serverEdits.pass(at, to - at);
  return to;
}
