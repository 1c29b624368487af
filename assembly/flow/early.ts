import { endUnread, terminate } from "../verdict/enforce";
import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { judgeBytes, judgement } from "../verdict/judge";
import { clientTalksFirst } from "../protections/client_talks_first";
import { bytesBehindLast } from "../protections/improper_pipelining";
import { Policy } from "../policy/policy";
import { Reason } from "../protections/reason";
import { starttlsInjection } from "../protections/starttls_injection";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { Fact, Session, SessionMode, Skip } from "../session/session";
import { Verb } from "../smtp/verb";

/**
 * Judges client bytes that came before the reply which decides what they are, once a reply: [from, to) is the beginning
 * of `length` of them.
 */
export function noteEarly(s: Session, from: usize, to: usize, length: u32): void {
  if (from == to || (s.facts & Fact.told_early) != 0) return;
  const reason = reasonOf(s, from, to, length);
  if (reason == Reason.none) return;
  s.facts |= Fact.told_early;
  if (reason == Reason.tls_hello) s.toldTls = true;
  judgeBytes(s, reason, from, to - from, s.asked);
  if (judgement.isTerminate) terminate(s, judgement.protection);
}

/** The same for the `length` bytes that stay in Envoy's buffer, which count among what is held. */
export function noteEarlyBuffer(s: Session, length: u32): void {
  const most = <u32>changetype<Policy>(s.policy).heldBytes;
  const tooMany = <u32>s.clientRestLength + length > most;
  if (!tooMany && (s.facts & Fact.told_early) != 0) return;
  const got = readBuffer(BufferId.downstream, 0, SHOWN, windowStart());
  if (got > 0) noteEarly(s, windowStart(), windowStart() + got, s.clientRestLength + length);
  if (!tooMany || s.mode == SessionMode.closing) return;
  endUnread(s, Reason.pending_bytes, windowStart(), got);
}

/**
 * Behind the client's end of stream most replies are not waited for: what comes before them is early still. Returns
 * whether that ended the session.
 */
export function endsEarly(s: Session, from: usize, to: usize): bool {
  if (s.skip != Skip.none) return false;
  noteEarly(s, from, to, <u32>(to - from));
  return s.mode == SessionMode.closing;
}

function reasonOf(s: Session, from: usize, to: usize, length: u32): Reason {
  if (s.mode == SessionMode.greeting) {
    // One byte of a TLS record does not tell yet.
    if (to - from == 1 && load<u8>(from) == 0x16) return Reason.none;
    const tls = tlsWithoutStarttls(from, to);
    return tls != Reason.none ? tls : clientTalksFirst(false);
  }
  const injection = starttlsInjection(s.asked);
  if (injection != Reason.none) return injection;
  // An empty line behind QUIT is what some clients send for good measure.
  if (s.asked == Verb.quit && length <= SHOWN && isLineEnds(from, to)) return Reason.none;
  return bytesBehindLast(s.asked);
}

function isLineEnds(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte != 0x0d && byte != 0x0a) return false;
  }
  return true;
}

/** As much as an excerpt shows, and more than anybody sends for good measure. */
const SHOWN: u32 = 64;
