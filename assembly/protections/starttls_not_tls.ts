import { tlsHello, tlsRecord, TlsShape } from "../smtp/tls";
import { Reason } from "./generated-reasons";

/** The client's first bytes after an accepted STARTTLS are no ClientHello record (RFC 8446 5.1). */
export function clientIsNotTls(from: usize, to: usize): Reason {
  return tlsHello(from, to) == TlsShape.no ? Reason.starttls_not_tls_client : Reason.none;
}

/** The server's first bytes then are neither a handshake nor an alert record. */
export function serverIsNotTls(from: usize, to: usize): Reason {
  return tlsRecord(from, to) == TlsShape.no ? Reason.starttls_not_tls_server : Reason.none;
}
