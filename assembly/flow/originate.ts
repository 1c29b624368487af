import { clientEdits, serverEdits } from "../envoy/edits";
import { Originate, Policy } from "../policy/policy";
import { Reason } from "../protections/generated-reasons";
import { starttlsRefused, starttlsUnavailable } from "../protections/starttls_unavailable";
import { headKind, headValue, Outstanding, popEntry, pushEntry } from "../session/queue";
import { freeHello, lengthOf, startOf } from "../session/rest";
import { Session, SessionMode, Tls, statisticsOf } from "../session/session";
import { beginServerTls, mayOriginate } from "../session/starttls";
import { Capability, Offers } from "../smtp/ehlo";
import { Reply } from "../smtp/reply";
import { skipBlanks } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { answerWithheld, endByServer, enforceOnServer } from "../verdict/enforce";
import { judgeServerBytes } from "../verdict/judge";
import { EHLO, STARTTLS } from "../verdict/wording";
import { Counter } from "../telemetry/generated-statistics";

/*
 * TLS with the server. The reply to the client's greeting is kept, STARTTLS is asked, and after its 220 the client's
 * greeting is said once more, inside TLS; the client gets the reply to that. What it sends meanwhile is held: for it the
 * greeting is not answered yet.
 */

const offers = new Offers();

/** Takes the 250 to the client's greeting `verb`; true when it is kept from the client, or the session was ended. */
export function takeHelloReply(s: Session, verb: Verb, reply: Reply): bool {
  if (!mayOriginate(s) || s.mode == SessionMode.closing) return false;
  // After the client's end of stream nothing can be sent in two steps; else its last chunk was held (flow/chunks.ts).
  const canWrite = !s.clientEnded && s.holding && s.hello != 0;
  const hasSwitch = (s.tls & Tls.can_server) != 0;
  const reason = starttlsUnavailable(verb, canWrite, hasSwitch, serverOffersStarttls(reply));
  if (reason != Reason.none) return goOnInClear(s, reason, reply);
  ask(s, verb == Verb.helo ? Verb.ehlo : Verb.starttls);
  return true;
}

function serverOffersStarttls(reply: Reply): bool {
  offers.read(reply.start, reply.next);
  return (offers.capabilities & Capability.starttls) != 0;
}

/** Takes the reply to a command of ours. */
export function takeOwnReply(s: Session, reply: Reply): void {
  const verb = <Verb>headValue(s);
  serverEdits.drop();
  if (s.mode == SessionMode.closing) {
    popEntry(s);
    // A server that was told to begin TLS gets no QUIT.
    if (verb == Verb.starttls && reply.code == 220) s.quitSent = true;
    answerWithheld(s);
    return;
  }
  const reason =
    verb == Verb.starttls
      ? starttlsRefused(reply.code)
      : starttlsUnavailable(verb, true, true, reply.code == 250 && serverOffersStarttls(reply));
  if (reason != Reason.none) {
    if (!goOnInClear(s, reason, reply)) greetAgain(s);
  } else if (verb == Verb.starttls) {
    beginServerTls(s);
    greetAgain(s);
  } else ask(s, Verb.starttls);
}

/** Writes what the server is to get now before all that the client has still to say. */
export function writeOwnCommand(s: Session): void {
  s.tls &= ~(Tls.speaks as u32);
  const hello = startOf(s.hello);
  const length = <u32>lengthOf(s.hello);
  if (headKind(s) == Outstanding.forwarded) {
    clientEdits.write(hello, length);
    freeHello(s);
  } else if (headValue(s) == <u8>Verb.starttls) {
    clientEdits.write(changetype<usize>(STARTTLS), STARTTLS.byteLength);
  } else {
    const name = skipBlanks(hello, hello + length) + 4;
    clientEdits.write(changetype<usize>(EHLO), EHLO.byteLength);
    clientEdits.write(name, <u32>(hello + length - name));
  }
}

/** What follows a 220 that began TLS, in the same bytes, was sent in clear and may be meant to be read as sent inside. */
export function endInjection(s: Session, at: usize, to: usize): void {
  // Nothing is said to a server that has been told to begin TLS.
  s.quitSent = true;
  endByServer(s, Reason.starttls_reply_injection_reply, at, to - at);
}

/** A reply to a command that we have not said yet: who sent it does not speak for the server ("NO STARTTLS" 4.2). */
export function endEarlyReply(s: Session, reply: Reply): void {
  endByServer(s, Reason.starttls_reply_injection_reply, reply.start, reply.next - reply.start);
}

/** Puts `verb` in the place of the oldest entry, as a command of ours. */
function ask(s: Session, verb: Verb): void {
  serverEdits.drop();
  popEntry(s);
  pushEntry(s, Outstanding.own_command, <u8>verb);
  s.tls |= Tls.speaks;
}

/** The client's greeting, to which the client still awaits the reply, in the place of a command of ours. */
function greetAgain(s: Session): void {
  popEntry(s);
  pushEntry(s, Outstanding.forwarded, s.asked);
  s.tls |= Tls.speaks;
}

/** TLS cannot be had. True when that ends the session. */
function goOnInClear(s: Session, reason: Reason, reply: Reply): bool {
  s.tls |= Tls.settled;
  statisticsOf(s).add(Counter.starttls_unavailable);
  const length = reply.next - reply.start;
  if (changetype<Policy>(s.policy).originate == Originate.always) {
    endByServer(s, reason, reply.start, length);
    return true;
  }
  return enforceOnServer(s, judgeServerBytes(s, reason, reply.start, length), false);
}
