import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { clientTalksFirst } from "../protections/client_talks_first";
import { Reason } from "../protections/generated-reasons";
import { bytesAfterLast } from "../protections/improper_pipelining";
import { starttlsInjection } from "../protections/starttls_injection";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { clientRestLength, serverRestLength, serverRestStart } from "../session/rest";
import { Session, SessionMode, Tls, statisticsOf } from "../session/session";
import { isTeaser } from "../session/waiting";
import { Capability } from "../smtp/ehlo";
import { Fact } from "../smtp/facts";
import { asciiAt, upper } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { enforceOnClient, endUnread } from "../verdict/enforce";
import { EXCERPT_MAX } from "../verdict/evidence";
import { judgeClientBytes, markReported } from "../verdict/judge";
import { NOTHING, Outcome } from "../verdict/outcome";

/**
 * Judges client bytes that came before the reply which decides what they are, once a reply: [from, to) is the beginning
 * of `length` of them. Returns whether that ended the session.
 */
export function judgeEarly(s: Session, from: usize, to: usize, length: u32): bool {
  if (from == to || (s.facts & Fact.early_judged) != 0) return false;
  if (isAfterHello(s, from, to)) {
    s.facts |= s.mode == SessionMode.greeting ? Fact.early_hello | Fact.before_greeting : Fact.early_hello;
    return false;
  }
  const reason = reasonOf(s, from, to, length);
  if (reason == Reason.none) return false;
  // What seemed to be the beginning of EHLO was none.
  s.facts = (s.facts & ~(Fact.early_hello | Fact.before_greeting)) | Fact.early_judged;
  // Where we answer STARTTLS, what was sent after it in clear is never read as sent inside TLS.
  if ((s.tls & Tls.asked) != 0) {
    endUnread(s, reason, from, <i32>(to - from));
    return true;
  }
  if (reason == Reason.tls_without_starttls_client_hello) markReported(s, Protection.tls_without_starttls);
  return enforceOnClient(s, judgeOnce(s, reason, from, to - from, <Verb>s.asked));
}

/** That the client pipelines where it must not is one fact, and reported once a session, however often it does. */
function judgeOnce(s: Session, reason: Reason, from: usize, length: usize, verb: Verb): Outcome {
  let fact: u32 = 0;
  if (reason == Reason.improper_pipelining_last) fact = Fact.pipelined;
  else if (reason == Reason.improper_pipelining_last_tolerated) fact = Fact.pipelined_tolerated;
  if ((s.facts & fact) != 0) return NOTHING;
  s.facts |= fact;
  return judgeClientBytes(s, reason, from, length, verb);
}

/**
 * Whether the reply to EHLO will say if these bytes may come early: an Exim that was offered PIPECONNECT before sends
 * EHLO with the greeting still to come, and goes on after it (RFC 2920 3.1 forbids that to all others).
 */
function isAfterHello(s: Session, from: usize, to: usize): bool {
  if (s.mode != SessionMode.greeting) {
    if (s.asked != Verb.ehlo) return false;
    // With the client's end of stream they go on at once, so that nothing can be left to the reply.
    return !s.clientEnded || s.endWaits || assumesOffers(s);
  }
  if (serverRestLength(s) > 0 && isTrap(s, serverRestStart(s), serverRestLength(s))) return false;
  const length = <i32>min<usize>(to - from, 5);
  for (let i = 0; i < length; i++) {
    if (upper(load<u8>(from + <usize>i)) != asciiAt(EHLO, i)) return false;
  }
  return true;
}

/** Goes by what was offered last, as its sender does, until the reply says what is offered; false without PIPECONNECT. */
function assumesOffers(s: Session): bool {
  const offers = statisticsOf(s).lastOffers;
  if ((offers & Capability.pipeconnect) == 0) return false;
  s.capabilities = offers;
  s.facts |= Fact.offered;
  return true;
}

/**
 * Whether the `length` bytes at `from` begin a greeting of several lines, and PIPECONNECT was not offered. Postfix's
 * postscreen would take a client whose EHLO is held for one that waits for the last line, and list it as good.
 */
function isTrap(s: Session, from: usize, length: i32): bool {
  if (!isTeaser(from, length)) return false;
  return (statisticsOf(s).lastOffers & Capability.pipeconnect) == 0;
}

/** Judges the EHLO that came before the greeting, now that [from, to) begins that; returns whether that ended the session. */
export function judgeEarlyAtGreeting(s: Session, from: usize, to: usize): bool {
  if ((s.facts & Fact.before_greeting) == 0 || !isTrap(s, from, <i32>(to - from))) return false;
  s.facts = (s.facts & ~(Fact.early_hello | Fact.before_greeting)) | Fact.early_judged;
  return enforceOnClient(s, judgeClientBytes(s, clientTalksFirst(), windowStart(), 1, <Verb>s.asked));
}

/** Judges what came early around EHLO, now that it is answered or was kept from the server. */
export function judgeEarlyHello(s: Session): void {
  const facts = s.facts;
  if ((facts & Fact.early_hello) == 0) return;
  s.facts &= ~(Fact.early_hello | Fact.before_greeting);
  if ((s.capabilities & Capability.pipeconnect) != 0) return;
  const reason = (facts & Fact.before_greeting) != 0 ? clientTalksFirst() : bytesAfterLast(Verb.ehlo);
  // Unread bytes are never shown, so that it does not matter which stand there.
  enforceOnClient(s, judgeOnce(s, reason, windowStart(), 1, Verb.ehlo));
}

/** The same for the `length` bytes that stay in Envoy's buffer, which count among what is held. */
export function judgeEarlyBuffer(s: Session, length: u32): void {
  const held = <u32>clientRestLength(s) + length;
  const tooMany = held > <u32>changetype<Policy>(s.policy).heldBytes;
  if (!tooMany && (s.facts & Fact.early_judged) != 0) return;
  const got = readBuffer(BufferId.downstream, 0, EXCERPT_MAX, windowStart());
  if (got > 0 && judgeEarly(s, windowStart(), windowStart() + got, held)) return;
  if (tooMany) endUnread(s, Reason.too_many_pending_bytes, windowStart(), got);
}

/** The verb with the blank that ends it: EHLO without an argument is no beginning of a session. */
const EHLO: string = "EHLO ";

function reasonOf(s: Session, from: usize, to: usize, length: u32): Reason {
  if (s.mode == SessionMode.greeting) {
    // One byte of a TLS record is not enough to decide.
    if (to - from == 1 && load<u8>(from) == 0x16) return Reason.none;
    const tls = tlsWithoutStarttls(from, to);
    return tls != Reason.none ? tls : clientTalksFirst();
  }
  const asked = <Verb>s.asked;
  const injection = starttlsInjection(asked);
  if (injection != Reason.none) return injection;
  // Some clients send blank lines, most of them after QUIT; longer than an excerpt is no such habit.
  if (length <= <u32>EXCERPT_MAX && isLineEnds(from, to)) return Reason.none;
  return bytesAfterLast(asked);
}

function isLineEnds(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte != 0x0d && byte != 0x0a) return false;
  }
  return true;
}
