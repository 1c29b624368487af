/** Bytes as text of one character each, and back. */

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
