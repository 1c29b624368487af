import { clientEdits, serverEdits } from "../envoy/edits";
import { Reason } from "../protections/reason";
import { clientIsNotTls, serverIsNotTls } from "../protections/starttls_not_tls";
import { starttlsReplyInjection } from "../protections/starttls_reply_injection";
import { Session } from "../session/session";
import { tlsHello, tlsRecord, TlsShape } from "../smtp/tls";
import { Verb } from "../smtp/verb";
import { cutServer, terminate } from "../verdict/enforce";
import { judgeBytes, judgement } from "../verdict/judge";

/** Reads the first bytes behind an accepted STARTTLS; returns `at` when they are too few to tell. */
export function readTls(s: Session, at: usize, to: usize): usize {
  if (!s.tlsSeen && tlsHello(at, to) == TlsShape.partial) return at;
  judgeBytes(s, s.tlsSeen ? Reason.none : clientIsNotTls(at, to), at, to - at, Verb.none);
  if (judgement.isTerminate) {
    terminate(s, judgement.protection);
    return to;
  }
  s.tlsSeen = true;
  clientEdits.keep(at, to - at);
  return to;
}

/** Behind its 220 to STARTTLS the server has nothing to say before the client's hello, and then only TLS. */
export function readServerTls(s: Session, at: usize, to: usize): usize {
  if (!s.serverTlsSeen) {
    let reason = starttlsReplyInjection(s.tlsSeen);
    if (reason == Reason.none) {
      if (tlsRecord(at, to) == TlsShape.partial) return at;
      reason = serverIsNotTls(at, to);
    }
    judgeBytes(s, reason, at, to - at, Verb.none);
    if (judgement.isTerminate) {
      cutServer(s);
      return to;
    }
    s.serverTlsSeen = true;
  }
  serverEdits.keep(at, to - at);
  return to;
}
