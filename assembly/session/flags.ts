/** TLS on the two sides of a session whose policy has a "starttls": a set of bits. */
export const enum Tls {
  none = 0,
  /** The client's side is encrypted: the listener's TLS, or a STARTTLS that we answered. */
  client = 1,
  /** The server's side is encrypted because we asked for it. */
  server = 2,
  /** The switch of envoy/starttls can begin TLS with the client. */
  can_client = 4,
  /** The same with the server. */
  can_server = 8,
  /** EHLO must be accepted before anything else passes. */
  hello_first = 16,
  /** TLS with the server was tried, or cannot be had: the session goes on as it is. */
  settled = 32,
  /** The client's STARTTLS waits for our 220. */
  asked = 64,
  /** TLS began in this callback: whatever else it carries was sent in clear. */
  begun = 128,
  /** It began with the client: a reply in clear would be read as one inside TLS. */
  begun_client = 256,
  /** The server is to get what stands at the head of the queue, as soon as its own bytes are done with. */
  speaks = 512,
  /** Without a "starttls" in the policy: Envoy was asked whether the client's side is encrypted. */
  asked_client = 1024,
  /** Nothing came from the client since the connection or its TLS began: whether it is encrypted, and how, is not known. */
  unseen = 2048,
  /** The same with the server's TLS. */
  unseen_server = 4096,
  /** It said that it is not. */
  client_in_clear = 8192,
  /** The first bytes after an accepted STARTTLS were seen to be TLS, from the client and from the server. */
  seen = 16384,
  server_seen = 32768,
}

/** What is only on or off in a session: a set of bits, so that an idle one fits into 256 octets (CONTRIBUTING.md, law 8). */
const enum Flag {
  end_waits = 1,
  quit_sent = 2,
  finished = 4,
  held_cr = 8,
  moved = 16,
  summarized = 32,
  quit = 64,
  server_closed = 128,
  timed_out = 256,
  over_memory = 512,
}

/** Where in the same field the `SourceKind` begins, of three bits, and the `Verdict`, of two. */
const SOURCE_KIND_AT: u32 = 10;
const VERDICT_AT: u32 = 13;

/** The fields that `Session` begins with. */
@unmanaged
export class SessionFlags {
  /** Next in its bucket of the table, or in the free list. */
  chain: usize = 0;
  /** A set of `Flag`, a `SourceKind` and a `Verdict`. */
  flags: u16 = 0;
  /** A set of `Tls`. */
  private tlsBits: u16 = 0;

  /** A set of `Tls`. */
  get tls(): u32 {
    return this.tlsBits;
  }

  set tls(value: u32) {
    this.tlsBits = <u16>value;
  }

  /** It ended while the reply to EHLO was on its way, with bytes held: the reply is still waited for. */
  get endWaits(): bool {
    return has(this, Flag.end_waits);
  }

  set endWaits(value: bool) {
    put(this, Flag.end_waits, value);
  }

  get quitSent(): bool {
    return has(this, Flag.quit_sent);
  }

  set quitSent(value: bool) {
    put(this, Flag.quit_sent, value);
  }

  /** Everything owed to the client was written. */
  get finished(): bool {
    return has(this, Flag.finished);
  }

  set finished(value: bool) {
    put(this, Flag.finished, value);
  }

  /** A CR of the data was kept back: the next byte decides what it is. */
  get heldCr(): bool {
    return has(this, Flag.held_cr);
  }

  set heldCr(value: bool) {
    put(this, Flag.held_cr, value);
  }

  /** Message data came since the last look (patience.ts). */
  get moved(): bool {
    return has(this, Flag.moved);
  }

  set moved(value: bool) {
    put(this, Flag.moved, value);
  }

  get summarized(): bool {
    return has(this, Flag.summarized);
  }

  set summarized(value: bool) {
    put(this, Flag.summarized, value);
  }

  /** The client's QUIT was sent on. */
  get quit(): bool {
    return has(this, Flag.quit);
  }

  set quit(value: bool) {
    put(this, Flag.quit, value);
  }

  /** The server, or the host itself, ended the connection before the client did. */
  get serverClosed(): bool {
    return has(this, Flag.server_closed);
  }

  set serverClosed(value: bool) {
    put(this, Flag.server_closed, value);
  }

  /** We ended it because something took too long. */
  get timedOut(): bool {
    return has(this, Flag.timed_out);
  }

  set timedOut(value: bool) {
    put(this, Flag.timed_out, value);
  }

  /** We ended it because the VM had no room for it. */
  get overMemory(): bool {
    return has(this, Flag.over_memory);
  }

  set overMemory(value: bool) {
    put(this, Flag.over_memory, value);
  }

  /** Why this source is refused: a `SourceKind`. */
  get sourceKind(): u32 {
    return ((<u32>this.flags) >> SOURCE_KIND_AT) & 7;
  }

  set sourceKind(value: u32) {
    this.flags = <u16>(((<u32>this.flags) & ~(7 << SOURCE_KIND_AT)) | (value << SOURCE_KIND_AT));
  }

  /** A `Verdict`. */
  get verdict(): u32 {
    return ((<u32>this.flags) >> VERDICT_AT) & 3;
  }

  set verdict(value: u32) {
    this.flags = <u16>(((<u32>this.flags) & ~(3 << VERDICT_AT)) | (value << VERDICT_AT));
  }

  /** The first bytes after an accepted STARTTLS were seen to be TLS, from the client. */
  get tlsSeen(): bool {
    return (this.tlsBits & Tls.seen) != 0;
  }

  set tlsSeen(value: bool) {
    this.tls = value ? this.tls | Tls.seen : this.tls & ~(Tls.seen as u32);
  }

  /** The same from the server. */
  get serverTlsSeen(): bool {
    return (this.tlsBits & Tls.server_seen) != 0;
  }

  set serverTlsSeen(value: bool) {
    this.tls = value ? this.tls | Tls.server_seen : this.tls & ~(Tls.server_seen as u32);
  }
}

function has(s: SessionFlags, flag: Flag): bool {
  return ((<u32>s.flags) & flag) != 0;
}

function put(s: SessionFlags, flag: Flag, value: bool): void {
  const others = (<u32>s.flags) & ~(flag as u32);
  s.flags = <u16>(value ? others | flag : others);
}
