/** Whether bytes are the start of a TLS connection. */
export const enum TlsShape {
  no,
  /** As far as they go, they are; more are needed. */
  partial,
  yes,
}

/** A record of type handshake, major version 3, minor 0 to 4, not empty, that holds a ClientHello (RFC 8446 5.1, 4). */
export function tlsHello(from: usize, to: usize): TlsShape {
  const length = to - from;
  if (length == 0) return TlsShape.partial;
  if (load<u8>(from) != 0x16) return TlsShape.no;
  if (length > 1 && load<u8>(from + 1) != 3) return TlsShape.no;
  if (length > 2 && load<u8>(from + 2) > 4) return TlsShape.no;
  if (length > 4 && load<u8>(from + 3) == 0 && load<u8>(from + 4) == 0) return TlsShape.no;
  if (length > 5) return load<u8>(from + 5) == 1 ? TlsShape.yes : TlsShape.no;
  return TlsShape.partial;
}

/** A record of type handshake or alert, major version 3. */
export function tlsRecord(from: usize, to: usize): TlsShape {
  const length = to - from;
  if (length == 0) return TlsShape.partial;
  const type: u32 = load<u8>(from);
  if (type != 0x16 && type != 0x15) return TlsShape.no;
  if (length == 1) return TlsShape.partial;
  return load<u8>(from + 1) == 3 ? TlsShape.yes : TlsShape.no;
}
