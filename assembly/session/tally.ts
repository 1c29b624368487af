import { callbackMs, elapsedMs } from "../envoy/clock";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { labelOf } from "../smtp/verb-table";
import { count, flushCounts, record } from "../telemetry/counts";
import { Counter, Histogram } from "../telemetry/generated-statistics";
import { Session, SessionMode, countsOf } from "./session";
import { Verdict } from "./verdict";

/** How a session ended. Where several are true, the last one in this order counts. */
export const enum SessionEnd {
  /** The client was first to close, without a QUIT. */
  client_closed,
  /** The server was, or the host: it drains its listener, or could not reach the server. */
  server_closed,
  /** The client's QUIT was sent on. */
  quit,
  /** A finding ended it. */
  terminated,
  /** Something took longer than the policy's "timeouts" allow. */
  timed_out,
  /** Its bytes had no room within limits.memory_bytes. */
  over_memory,
}

/** How `s` ended, once its connection is closed. */
export function endOf(s: Session): SessionEnd {
  if (s.overMemory) return SessionEnd.over_memory;
  if (s.timedOut) return SessionEnd.timed_out;
  if (s.verdict == <u8>Verdict.terminated) return SessionEnd.terminated;
  if (s.quit) return SessionEnd.quit;
  return s.serverClosed ? SessionEnd.server_closed : SessionEnd.client_closed;
}

/** The connection of `s` has begun. */
export function beginTally(s: Session): void {
  s.since = s.replySince = callbackMs();
  count(countsOf(s), Counter.sessions, 1);
}

/** Counts a line of the client whose verb is `verb`. */
export function tallyCommand(s: Session, verb: Verb): void {
  const counts = countsOf(s);
  count(counts, Counter.commands + labelOf(verb), 1);
  if (verb <= Verb.invalid) count(counts, Counter.protocol_errors, 1);
}

/** Counts a reply as the server sent it, `code` or none, to what `label` says. */
export function countReply(s: Session, label: u32, code: i32): void {
  const counts = countsOf(s);
  const above = <u32>(code - 200);
  if (above < 400) count(counts, Counter.replies + (label << 2) + above / 100, 1);
  else count(counts, Counter.protocol_errors + 1, 1);
  const now = callbackMs();
  record(counts, Histogram.reply_time_ms + label, <u32>max(<i32>(now - s.replySince), 0));
  // The next one is awaited from here on, if its command was sent on before.
  s.replySince = now;
}

/**
 * Takes note of what a reply with `code` to `verb` says. Transactions are counted as the server sees them, in the order of its replies, so that
 * nothing depends on how commands were pipelined.
 */
export function tallyReply(s: Session, verb: Verb, code: i32): void {
  switch (verb) {
    case Verb.rcpt:
      if (code < 300) s.recipientsAccepted = oneMore(s.recipientsAccepted);
      else s.recipientsRefused = oneMore(s.recipientsRefused);
      count(countsOf(s), Counter.recipients + (code < 300 ? 0 : 1), 1);
      return;
    case Verb.mail:
      if (code < 300) beginTransaction(s);
      return;
    case Verb.data:
      if (code == 354) beginTransaction(s);
      else tallyRefusal(s);
      return;
    case Verb.bdat:
      if (code >= 400) tallyRefusal(s);
      return;
    case Verb.end_of_data:
      if (code != 250) s.messagesRefused = oneMore(s.messagesRefused);
      count(countsOf(s), Counter.messages + (code == 250 ? ACCEPTED : REFUSED), 1);
      closeTransaction(s);
      return;
    case Verb.auth:
    case Verb.auth_response:
      if (code == 235) count(countsOf(s), Counter.auth, 1);
      else if (code >= 500) count(countsOf(s), Counter.auth + 1, 1);
      return;
    case Verb.rset:
    case Verb.ehlo:
    case Verb.helo:
    case Verb.lhlo:
      if (code < 300) abortTransaction(s);
      return;
    default:
      // TLS, or the session, begins anew.
      if (code == 220) abortTransaction(s);
  }
}

/** The transaction, if there is one, ended without a message, or a refusal of one. */
export function abortTransaction(s: Session): void {
  if (s.transactionSince == 0) return;
  if ((s.facts & Fact.message_refused) == 0) count(countsOf(s), Counter.messages + ABORTED, 1);
  closeTransaction(s);
}

/** The connection of `s` is closed. What became of a message in a session that is not read any more is not known. */
export function endTally(s: Session): void {
  if (s.mode != SessionMode.lost) abortTransaction(s);
  // Of a DATA that did not end.
  if (s.asked != Verb.xexch50) tallyOctets(s, s.announced);
  const counts = countsOf(s);
  count(counts, Counter.sessions_ended + endOf(s), 1);
  record(counts, Histogram.session_length_ms, elapsedMs(s.since));
  flushCounts(counts);
}

/** `count` and one, or its type's highest. */
export function oneMore(count: u16): u16 {
  return count == u16.MAX_VALUE ? count : count + 1;
}

/** `length` octets of a message went by. */
export function tallyOctets(s: Session, length: u64): void {
  if (length == 0) return;
  s.dataOctets = <u32>min<u64>(<u64>s.dataOctets + length, u32.MAX_VALUE);
  count(countsOf(s), Counter.data_octets, <u32>length);
}

/** A message of `octets` has come whole. */
export function tallyMessage(s: Session, octets: u32): void {
  record(countsOf(s), Histogram.message_size_octets, octets);
}

/** `length` octets of DATA were read; `isEnd`: the line that ends it is among them. */
export function tallyData(s: Session, length: u64, isEnd: bool): void {
  s.announced = <u32>min<u64>(<u64>s.announced + length, u32.MAX_VALUE);
  if (!isEnd) return;
  const octets = s.announced - END_OF_DATA;
  s.announced = 0;
  tallyOctets(s, octets);
  tallyMessage(s, octets);
}

function beginTransaction(s: Session): void {
  if (s.transactionSince == 0) s.transactionSince = max<u32>(s.replySince, 1);
}

/** Counted once a transaction, however often its client tries. */
function tallyRefusal(s: Session): void {
  if ((s.facts & Fact.message_refused) != 0) return;
  s.facts |= Fact.message_refused;
  s.messagesRefused = oneMore(s.messagesRefused);
  count(countsOf(s), Counter.messages + REFUSED, 1);
}

function closeTransaction(s: Session): void {
  if (s.transactionSince != 0) {
    record(countsOf(s), Histogram.transaction_length_ms, elapsedMs(s.transactionSince));
  }
  s.transactionSince = 0;
  s.facts &= ~(Fact.message_refused as u32);
}

/** The octets of ".", CR and LF. */
const END_OF_DATA: u32 = 3;

/** The outcomes of messages, in the order of their names. */
const ACCEPTED: u32 = 0;
const REFUSED: u32 = 1;
const ABORTED: u32 = 2;
