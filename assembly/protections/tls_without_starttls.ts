import { Reason } from "./generated-reasons";

/** A line, or the first bytes of all, starts like a TLS record (RFC 8446 5.1): type handshake, major version 3. */
export function tlsWithoutStarttls(from: usize, to: usize): Reason {
  return to - from >= 2 && load<u8>(from) == 0x16 && load<u8>(from + 1) == 0x03
    ? Reason.tls_without_starttls_client_hello
    : Reason.none;
}
