import { DataState } from "../smtp/data";
import { Verb } from "../smtp/verb";

/** What the next bytes of the client are; moved by replies only (modes.ts has the diagram). */
export const enum SessionMode {
  greeting,
  command,
  auth,
  data,
  /** Past an accepted STARTTLS: opaque in both directions. */
  tls,
  /** Cannot be followed any more, in detect only: passed through unread. */
  lost,
  /** Being ended by us: the client's bytes are swallowed, the server gets QUIT. */
  closing,
}

/** The worst thing that happened in a session, as it stands in the access log. */
export const enum Verdict {
  clean,
  detected,
  prevented,
  terminated,
}

/** What happens to the rest of a line that was longer than its limit. */
export const enum Skip {
  none,
  keep,
  drop,
}

/** What has happened in a session, for protections that know an order. */
export const enum Fact {
  /** HELO or EHLO was sent and not refused. */
  helo = 1,
  /** MAIL was sent and not refused, and its transaction still runs. */
  mail = 2,
  /** RCPT was sent in this transaction, whatever became of it. */
  rcpt = 4,
  authenticated = 8,
  /** BDAT chunks are open: LAST has not come. */
  chunks = 16,
  /** BDAT LAST was sent, and no MAIL since. */
  last_chunk = 32,
  /** MAIL carried SMTPUTF8. */
  utf8 = 64,
  /** MAIL carried BODY=BINARYMIME. */
  binarymime = 128,
  /** HELO or EHLO was accepted: what the server offers is known. */
  offered = 256,
  /** Line ends that were seen outside content. */
  client_crlf = 512,
  client_lf = 1024,
  server_crlf = 2048,
  server_lf = 4096,
  /** Told already; once is enough. */
  told_client_mix = 8192,
  told_server_mix = 16384,
  told_pipelining = 32768,
  told_early = 65536,
  told_data_lf = 131072,
  told_data_cr = 262144,
  told_data_nul = 524288,
  told_smuggled = 1048576,
  /** A CR or LF that the client sent in data was made CRLF: a dot right behind it starts a line. */
  made_line = 2097152,
  /** The client cancelled AUTH with "*". */
  cancelled_auth = 4194304,
  /** What is being read was sent behind a DATA that the server refused. */
  behind_refused_data = 8388608,
  /** The client ended its stream within a line, which was sent on: whatever came behind it would be part of it. */
  unended_line = 16777216,
}

/** The facts that end with a transaction. */
export const TRANSACTION_FACTS: u32 =
  Fact.mail | Fact.rcpt | Fact.chunks | Fact.last_chunk | Fact.utf8 | Fact.binarymime;

/** Bytes of the HELO name kept for events; the idle budget of a session is 256 bytes (design law 8). */
export const HELO_MAX: i32 = 48;

/**
 * One connection. It lives in a slab outside the garbage collector, so that an idle connection costs its size and no
 * more, and opening or closing one costs the same however many are open.
 */
@unmanaged
export class Session {
  /** Next in its bucket of the table, or in the free list. */
  chain: usize = 0;
  /** `Policy` and `Statistics` of the root context that the connection began with; its inspector keeps both alive. */
  policy: usize = 0;
  statistics: usize = 0;
  /** Neighbours in the list of sessions that are being ended, oldest first. */
  earlier: usize = 0;
  later: usize = 0;
  /** When the tick closes it, nanoseconds since 1970. */
  deadline: u64 = 0;
  /** Sets of protections, bit `1 << Protection`, with this source's exemptions applied. */
  enabled: u64 = 0;
  prevent: u64 = 0;
  /** Protections that had a hit. */
  hits: u64 = 0;
  /** Octets of a BDAT or XEXCH50 payload still to come. */
  payload: u64 = 0;
  /** Client bytes taken but not read yet: a part of a line, or what waits for a reply. */
  clientRest: usize = 0;
  /** Server bytes taken but not read yet: a part of a reply. */
  serverRest: usize = 0;
  /** Outstanding commands beyond those that fit in `inlineQueue`. */
  queue: usize = 0;
  /** Reverse-path and last forward-path of the transaction, for events; 0 outside one. */
  envelope: usize = 0;
  inlineQueue: u64 = 0;
  context: u32 = 0;
  root: u32 = 0;
  clientRestLength: i32 = 0;
  clientRestCapacity: i32 = 0;
  serverRestLength: i32 = 0;
  serverRestCapacity: i32 = 0;
  capabilities: u32 = 0;
  messages: u32 = 0;
  commands: u32 = 0;
  findings: u32 = 0;
  /** Octets announced by the XEXCH50 that waits for its 354. */
  announced: u32 = 0;
  /** Hash of the mechanism of the last AUTH: after a cancelled one a switch is told (Snort 124:14). */
  mechanism: u32 = 0;
  /** What the transaction holds so far, and other facts: a set of `Fact`. */
  facts: u32 = 0;
  queueHead: u16 = 0;
  queueLength: u16 = 0;
  queueCapacity: u16 = 0;
  /** Commands in the queue that the server will answer. */
  outstanding: u16 = 0;
  /** How many of these are MAIL, and how many the end of a message. */
  mailsOutstanding: u16 = 0;
  endsOutstanding: u16 = 0;
  mode: SessionMode = SessionMode.greeting;
  /** The verb whose reply decides what the next bytes are; `Verb.none` when none is awaited. */
  asked: Verb = Verb.none;
  data: DataState = DataState.start;
  verdict: u8 = 0;
  skip: Skip = Skip.none;
  heloLength: u8 = 0;
  /** Some protection prevents: bytes are edited and held. Otherwise both sides get exactly what was sent. */
  edits: bool = false;
  /** The last client chunk was held, so its buffer can be written to from other callbacks. */
  holding: bool = false;
  clientEnded: bool = false;
  /** A stand-in waits for its reply: nothing may be sent behind it (Postfix hangs up on input behind NOOP). */
  standIn: bool = false;
  quitSent: bool = false;
  /** Everything owed to the client was written. */
  finished: bool = false;
  /** The first bytes behind an accepted STARTTLS were seen to be TLS, from the client and from the server. */
  tlsSeen: bool = false;
  serverTlsSeen: bool = false;
  /** A CR of the data was kept back: the next byte decides what it is. */
  heldCr: bool = false;
  /** Responses in the running AUTH exchange. */
  authRounds: u8 = 0;
  /** A withheld XEXCH50 has its reply outstanding: bytes behind it may be its payload. */
  payloadMayFollow: bool = false;
  /** AUTH was seen and no other known verb since: lines may be credentials. */
  secretMayFollow: bool = false;
  /** The payload being counted is XEXCH50's. */
  payloadHasReply: bool = false;
  toldPending: bool = false;
  toldTls: bool = false;
  summarized: bool = false;
}

/** Address of the kept HELO name: it stands right behind the fields. */
export function heloOf(s: Session): usize {
  return changetype<usize>(s) + offsetof<Session>();
}

/** Bytes that an idle session costs. */
export const SESSION_SIZE: usize = offsetof<Session>() + HELO_MAX;

/** Whether the client can be told nothing more: a reply, or a QUIT to the server, would be read as content or in TLS. */
export function isMute(s: Session): bool {
  const mode = s.mode;
  if (mode == SessionMode.data || mode == SessionMode.auth || mode == SessionMode.tls) return true;
  return s.asked == Verb.starttls || s.asked == Verb.x_anonymoustls;
}
