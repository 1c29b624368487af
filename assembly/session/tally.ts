import { now } from "../envoy/host";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { Session, SessionMode } from "./session";
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
  s.since = <u32>(now() / 1_000_000);
}

/**
 * Counts a reply with `code` to `verb`. Transactions are counted as the server sees them, in the order of its replies, so that
 * nothing depends on how commands were pipelined. To be called before the command leaves the queue.
 */
export function tallyReply(s: Session, verb: Verb, code: i32): void {
  switch (verb) {
    case Verb.rcpt:
      if (code < 300) s.recipientsAccepted = oneMore(s.recipientsAccepted);
      else s.recipientsRefused = oneMore(s.recipientsRefused);
      return;
    case Verb.mail:
      if (code < 300) s.inTransaction = true;
      return;
    case Verb.data:
      if (code == 354) s.inTransaction = true;
      else tallyRefusal(s);
      return;
    case Verb.bdat:
      if (code >= 400) tallyRefusal(s);
      return;
    case Verb.end_of_data:
      if (code != 250) s.messagesRefused = oneMore(s.messagesRefused);
      closeTransaction(s);
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
  if (s.inTransaction) closeTransaction(s);
}

/** The connection of `s` is closed. What became of a message in a session that is not read any more is not known. */
export function endTally(s: Session): void {
  if (s.mode != SessionMode.lost) abortTransaction(s);
}

/** `count` and one, or its type's highest. */
export function oneMore(count: u16): u16 {
  return count == u16.MAX_VALUE ? count : count + 1;
}

/** `length` octets of a message went by. */
export function tallyOctets(s: Session, length: u64): void {
  s.dataOctets = <u32>min<u64>(<u64>s.dataOctets + length, u32.MAX_VALUE);
}

/** `length` octets of DATA were read; `isEnd`: the line that ends it is among them. */
export function tallyData(s: Session, length: u64, isEnd: bool): void {
  tallyOctets(s, isEnd ? length - END_OF_DATA : length);
}

/** Counted once a transaction, however often its client tries. */
function tallyRefusal(s: Session): void {
  if ((s.facts & Fact.message_refused) != 0) return;
  s.facts |= Fact.message_refused;
  s.messagesRefused = oneMore(s.messagesRefused);
}

function closeTransaction(s: Session): void {
  s.inTransaction = false;
  s.facts &= ~(Fact.message_refused as u32);
}

/** The octets of ".", CR and LF. */
const END_OF_DATA: u64 = 3;
