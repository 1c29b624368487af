import { BufferId, readBuffer, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { clientTalksFirst } from "../protections/client_talks_first";
import { bytesAfterLast } from "../protections/improper_pipelining";
import { Reason } from "../protections/generated-reasons";
import { starttlsInjection } from "../protections/starttls_injection";
import { tlsWithoutStarttls } from "../protections/tls_without_starttls";
import { clientRestLength } from "../session/rest";
import { Session, SessionMode } from "../session/session";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { endsForClient, endUnread } from "../verdict/enforce";
import { EXCERPT_MAX } from "../verdict/evidence";
import { judgeClientBytes, markReported } from "../verdict/judge";

/**
 * Judges client bytes that came before the reply which decides what they are, once a reply: [from, to) is the beginning
 * of `length` of them. Returns whether that ended the session.
 */
export function judgeEarly(s: Session, from: usize, to: usize, length: u32): bool {
  if (from == to || (s.facts & Fact.early_judged) != 0) return false;
  const reason = reasonOf(s, from, to, length);
  if (reason == Reason.none) return false;
  s.facts |= Fact.early_judged;
  if (reason == Reason.tls_without_starttls_client_hello) markReported(s, Protection.tls_without_starttls);
  return endsForClient(s, judgeClientBytes(s, reason, from, to - from, <Verb>s.asked));
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

function reasonOf(s: Session, from: usize, to: usize, length: u32): Reason {
  if (s.mode == SessionMode.greeting) {
    // One byte of a TLS record does not tell yet.
    if (to - from == 1 && load<u8>(from) == 0x16) return Reason.none;
    const tls = tlsWithoutStarttls(from, to);
    return tls != Reason.none ? tls : clientTalksFirst();
  }
  const asked = <Verb>s.asked;
  const injection = starttlsInjection(asked);
  if (injection != Reason.none) return injection;
  // Some clients send blank lines after QUIT; longer than an excerpt is no such habit.
  if (asked == Verb.quit && length <= <u32>EXCERPT_MAX && isLineEnds(from, to)) return Reason.none;
  return bytesAfterLast(asked);
}

function isLineEnds(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte != 0x0d && byte != 0x0a) return false;
  }
  return true;
}
