import { DataState } from "./smtp/data";
import { Verb } from "./smtp/verb";

/** What the next bytes of the client are; moved by replies only (session.ts has the diagram). */
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
  queueHead: u16 = 0;
  queueLength: u16 = 0;
  queueCapacity: u16 = 0;
  /** Commands in the queue that the server will answer. */
  outstanding: u16 = 0;
  mode: SessionMode = SessionMode.greeting;
  /** The verb whose reply decides what the next bytes are; `Verb.none` when none is awaited. */
  asked: Verb = Verb.none;
  data: DataState = DataState.line_start;
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
  /** MAIL of this transaction carried SMTPUTF8. */
  utf8: bool = false;
  /** The first bytes behind an accepted STARTTLS were seen to be TLS. */
  tlsSeen: bool = false;
  /** A withheld XEXCH50 has its reply outstanding: bytes behind it may be its payload. */
  payloadMayFollow: bool = false;
  /** AUTH was seen and no other known verb since: lines may be credentials. */
  secretMayFollow: bool = false;
  summarized: bool = false;
}

/** Address of the kept HELO name: it stands right behind the fields. */
export function heloOf(s: Session): usize {
  return changetype<usize>(s) + offsetof<Session>();
}

/** Bytes that an idle session costs. */
export const SESSION_SIZE: usize = offsetof<Session>() + HELO_MAX;

/** More open connections than this in one VM are refused: they would take 64 MiB of the module's 256. */
export const SESSIONS_MAX: i32 = 262144;

const PER_BLOCK: usize = 64;

let free: usize = 0;
let open: i32 = 0;
let buckets: usize = 0;
let bucketCount: u32 = 0;

/** Makes the session of stream `context`; null when too many are open. A context that is known keeps its session. */
export function openSession(context: u32): Session | null {
  const known = findSession(context);
  if (known) return known;
  if (open >= SESSIONS_MAX) return null;
  if (<u32>open >= bucketCount) grow();
  if (free == 0) addBlock();
  const address = free;
  const s = changetype<Session>(address);
  free = s.chain;
  memory.fill(address, 0, SESSION_SIZE);
  s.context = context;
  const bucket = bucketOf(context);
  s.chain = load<usize>(bucket);
  store<usize>(bucket, address);
  open++;
  return s;
}

/** Whether no more connections can be taken. */
export function isFull(): bool {
  return open >= SESSIONS_MAX;
}

/** The session of stream `context`, or null. */
export function findSession(context: u32): Session | null {
  if (bucketCount == 0) return null;
  let at = load<usize>(bucketOf(context));
  while (at != 0) {
    const s = changetype<Session>(at);
    if (s.context == context) return s;
    at = s.chain;
  }
  return null;
}

/** Gives the slot of `s` back; whatever it points to must have been freed. */
export function closeSession(s: Session): void {
  const address = changetype<usize>(s);
  let link = bucketOf(s.context);
  while (load<usize>(link) != 0) {
    const at = load<usize>(link);
    if (at == address) {
      store<usize>(link, s.chain);
      s.chain = free;
      free = address;
      open--;
      return;
    }
    // `chain` is the first field, so a session's address is the address of its link.
    link = at;
  }
}

function bucketOf(context: u32): usize {
  return buckets + ((<usize>(context & (bucketCount - 1))) << 2);
}

function addBlock(): void {
  let at = heap.alloc(SESSION_SIZE * PER_BLOCK);
  for (let i: usize = 0; i < PER_BLOCK; i++) {
    store<usize>(at, free);
    free = at;
    at += SESSION_SIZE;
  }
}

/** Doubles the table. Context ids only grow, so their low bits spread evenly. */
function grow(): void {
  const old = buckets;
  const oldCount = bucketCount;
  bucketCount = max(oldCount << 1, 64);
  buckets = heap.alloc((<usize>bucketCount) << 2);
  memory.fill(buckets, 0, (<usize>bucketCount) << 2);
  for (let i: u32 = 0; i < oldCount; i++) {
    let at = load<usize>(old + ((<usize>i) << 2));
    while (at != 0) {
      const s = changetype<Session>(at);
      const next = s.chain;
      const bucket = bucketOf(s.context);
      s.chain = load<usize>(bucket);
      store<usize>(bucket, at);
      at = next;
    }
  }
  if (old != 0) heap.free(old);
}
