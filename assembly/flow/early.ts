import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { clientTalksFirst } from "../protections/client_talks_first";
import { Reason } from "../protections/generated-reasons";
import { bytesAfterLast } from "../protections/improper_pipelining";
import { starttlsInjection } from "../protections/starttls_injection";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { clientRestLength } from "../session/rest";
import { Session, SessionMode, Tls } from "../session/session";
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
  // With the client's end of stream they go on at once, so that nothing can be left to the reply.
  if (s.mode != SessionMode.greeting) return s.asked == Verb.ehlo && (!s.clientEnded || s.endWaits);
  const length = <i32>min<usize>(to - from, 5);
  for (let i = 0; i < length; i++) {
    if (upper(load<u8>(from + <usize>i)) != asciiAt(EHLO, i)) return false;
  }
  return true;
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
