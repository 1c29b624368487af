import { Policy } from "../policy/policy";
import { DataState } from "../smtp/data";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Statistics } from "../telemetry/statistics";
import { SessionFlags, Tls } from "./flags";
import { Shadow } from "./shadow-record";

export { Tls };

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

/** What happens to the rest of a line that was longer than its limit. */
export const enum Skip {
  none,
  pass,
  drop,
}

/** Bytes of the HELO name kept for events; an idle session may cost 256 bytes (CONTRIBUTING.md, law 8). */
export const HELO_MAX: i32 = 48;

/**
 * One connection. It lives in a slab outside the garbage collector, so that an idle connection costs its size and no
 * more, and opening or closing one costs the same however many are open.
 */
@unmanaged
export class Session extends SessionFlags {
  /** The `Policy` of the root context that the connection began with, whose inspector keeps it alive; 0 before that. */
  policy: usize = 0;
  /** Neighbours in the list of sessions that are watched, or in one of those that are being ended, oldest first. */
  earlier: usize = 0;
  later: usize = 0;
  /** Client bytes taken but not read yet: a part of a line, or what waits for a reply. A block of rest.ts, or 0. */
  clientRest: usize = 0;
  /** Server bytes taken but not read yet: a part of a reply. */
  serverRest: usize = 0;
  /** Reverse-path and last forward-path of the transaction, for events; 0 outside one. */
  envelope: usize = 0;
  /**
   * The protections that look at the session, bits `1 << Protection`: without those that this source is exempt from, and with
   * those of the shadow.
   */
  enabled: u64 = 0;
  /** Protections that found something. */
  found: u64 = 0;
  /** Protections that report once a session, and did. */
  reported: u64 = 0;
  /** Octets of a BDAT or XEXCH50 payload still to come. */
  payload: u64 = 0;
  /** Outstanding commands, or the address of a block with them where they are more than fit (queue.ts). */
  queue: u64 = 0;
  context: u32 = 0;
  capabilities: u32 = 0;
  commands: u32 = 0;
  /** The client's EHLO, HELO or LHLO line, kept while TLS with the server is set up. A block of rest.ts, or 0. */
  hello: usize = 0;
  /** When the connection came, in milliseconds since 1970, modulo 2^32; before it did, the address of its inspector. */
  since: u32 = 0;
  /** Octets of all messages that came, with the dots of RFC 5321 4.5.2 and without the line that ends DATA; saturating. */
  dataOctets: u32 = 0;
  /** Octets announced by the XEXCH50 that waits for its 354. */
  announced: u32 = 0;
  /** Octets of the message that is being read, saturating: as RFC 1870 3 counts in DATA (message.ts), all of BDAT's. */
  messageOctets: u32 = 0;
  /** Where in the message the reading is, and what was found in it: message.ts packs and unpacks it. */
  messageState: u32 = 0;
  /** The SIZE that the server announced, at most 2^32 - 1; 0 for none or no limit (RFC 1870 3). */
  announcedSize: u32 = 0;
  /** Octets still to be read that the client sent after a DATA before it was refused. */
  refusedRest: u32 = 0;
  /** What the transaction holds so far, and other facts: a set of `Fact`. */
  facts: u32 = 0;
  /** The `Shadow` of the session, or 0. */
  shadow: usize = 0;
  /** In milliseconds that ticks count: when that look was; of a session that is being ended, when it closes (deadlines.ts); or 0. */
  timer: u32 = 0;
  /** What would have changed since that look had what is awaited come. */
  waitMark: u16 = 0;
  queueHead: u16 = 0;
  queueLength: u16 = 0;
  queueCapacity: u16 = 0;
  /** Commands in the queue that the server will answer. */
  outstanding: u16 = 0;
  /** How many of these are MAIL, how many of those belong to the running transaction, and how many end a message. */
  mailsOutstanding: u16 = 0;
  transactionMails: u16 = 0;
  endsOutstanding: u16 = 0;
  /** Hash of the mechanism of the last AUTH: a switch after a cancelled one is reported (Snort 124:14). */
  mechanism: u16 = 0;
  /** Replies to RCPT in the whole session, and to messages; all these counts stop at their type's highest. */
  recipientsAccepted: u16 = 0;
  recipientsRefused: u16 = 0;
  messages: u16 = 0;
  messagesRefused: u16 = 0;
  findings: u16 = 0;
  /** Recipients of the transaction that the server was sent. */
  recipientsSent: u16 = 0;
  /** Recipients of the transaction that the server accepted. */
  recipients: u16 = 0;
  /** Replies to the end of data that are still to come after the next one. */
  repliesLeft: u16 = 0;
  /** A `SessionMode`. */
  mode: u8 = 0;
  /** The `Verb` whose reply decides what the next bytes are; `Verb.none` when none is awaited. */
  asked: u8 = 0;
  /** A `DataState`. */
  data: u8 = 0;
  /** Kinds of `DataEvent` that were reported in this message. */
  dataReported: u8 = 0;
  /** A `Skip`. */
  skip: u8 = 0;
  heloLength: u8 = 0;
  /** Some protection prevents: bytes are edited and held. Otherwise both sides get exactly what was sent. */
  edits: bool = false;
  /** The second, modulo 256, in which its latest event was written, and how many were in it. */
  eventSecond: u8 = 0;
  eventsWritten: u16 = 0;
  /** Commands that were rejected. */
  rejections: u16 = 0;
  /** Recipients that the server refused for good, to RCPT or VRFY; this and the next counts stop at their type's highest. */
  refusedRecipients: u16 = 0;
  /** 535 replies. */
  authFailures: u8 = 0;
  /** Commands whose verb nobody knows. */
  unknownVerbs: u8 = 0;
  /** Replies that refuse, and commands that move no mail, since the last message that was accepted. */
  errors: u8 = 0;
  junkCommands: u8 = 0;
  /** What it did and has not been recorded for its source yet, in the order of `SourceKind`. */
  unrecordedRecipients: u8 = 0;
  unrecordedFailures: u8 = 0;
  unrecordedErrors: u8 = 0;
  unrecordedFindings: u8 = 0;
  unrecordedMessages: u8 = 0;
  /** Responses in the running AUTH exchange. */
  authRounds: u8 = 0;
  /** An `Awaited`, as the last look found it (patience.ts). */
  awaited: u8 = 0;
  /** The last client chunk was held, so its buffer can be written to from other callbacks. */
  holding: bool = false;
  clientEnded: bool = false;
  /** A stand-in waits for its reply: nothing may be sent after it (Postfix hangs up on input after NOOP). */
  standIn: bool = false;
  /** A withheld XEXCH50 has its reply outstanding: bytes after it may be its payload. */
  payloadMayFollow: bool = false;
  /** The server accepted a MAIL, or asked for data, and no reply has ended that yet (tally.ts). */
  inTransaction: bool = false;
  /** AUTH was seen and no other known verb since: lines may be credentials. */
  secretMayFollow: bool = false;
}

/** The protections that prevent in this session; for a trusted client none does. */
export function preventedIn(s: Session): u64 {
  return isTrusted(s) ? 0 : changetype<Policy>(s.policy).prevent & liveIn(s);
}

/** The protections that the live policy judges this session by: `enabled` without those that only the shadow asks for. */
export function liveIn(s: Session): u64 {
  return s.shadow == 0 ? s.enabled : changetype<Shadow>(s.shadow).live;
}

/** Notes that the policy's `trusted_sources` name the client. */
export function trust(s: Session): void {
  s.facts |= Fact.trusted;
}

/** Whether they do. */
export function isTrusted(s: Session): bool {
  return (s.facts & Fact.trusted) != 0;
}

/** Address of the kept HELO name: it stands right after the fields. */
export function heloOf(s: Session): usize {
  return changetype<usize>(s) + offsetof<Session>();
}

/** Bytes that an idle session costs. */
export const SESSION_SIZE: usize = (offsetof<Session>() + HELO_MAX + 7) & ~7;

/** The statistics of a session that has begun. */
export function statisticsOf(s: Session): Statistics {
  return changetype<Statistics>(changetype<Policy>(s.policy).statistics);
}

/** The address of the inspector that the connection came to. */
export function inspectorOf(s: Session): usize {
  return s.policy == 0 ? <usize>s.since : changetype<Policy>(s.policy).inspector;
}

/** Whether nothing more can be said to the client: a reply, or a QUIT to the server, would be read as content or in TLS. */
export function isMute(s: Session): bool {
  const mode = s.mode;
  // The STARTTLS that we answer ourselves never reached the server.
  if ((s.tls & Tls.asked) != 0) return false;
  if (mode == SessionMode.data || mode == SessionMode.auth || mode == SessionMode.tls) return true;
  return hasTrait(<Verb>s.asked, Trait.opens_tls);
}

/** The state of the message data that is being read. */
export function dataStateOf(s: Session): DataState {
  return <DataState>s.data;
}
