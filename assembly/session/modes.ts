import { addToMetric } from "../envoy/host";
import { DataState } from "../smtp/data";
import { Capability, Offers } from "../smtp/ehlo";
import { Fact } from "../smtp/facts";
import { Reply } from "../smtp/reply";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { endEnvelope } from "./envelope";
import { beginMessage } from "./message";
import { Session, SessionMode, Tls, statisticsOf } from "./session";
import { oneMore } from "./tally";
import { endTransaction, takeMailReply } from "./transaction";

/*
 * Which reply moves which mode (host-test/test/filter/modes.test.ts walks every line). No client line alone moves one, but the
 * end of the data that the server asked for. BDAT's payload follows its line at once and is counted in any mode.
 *
 *   greeting --any reply--> command
 *   command --354 to DATA--> data
 *   command --other to DATA--> command
 *   data --CRLF.CRLF of the client--> command
 *   command --334 to AUTH or X-EXPS--> auth
 *   auth --334 to a response--> auth
 *   auth --other to a response--> command
 *   command --220 to STARTTLS or X-ANONYMOUSTLS--> tls
 *   command --other to STARTTLS or X-ANONYMOUSTLS--> command
 *   command --354 to XEXCH50, and its octets--> command
 *   command --220 to XCLIENT--> command
 *   command --2xx to TURN or ATRN, prevented--> closing
 *   command --too much held or outstanding, only detected--> lost
 */

const offers = new Offers();

/** Moves the session by the reply to `verb`, the oldest outstanding command, as the diagram above says. */
export function takeReply(s: Session, verb: Verb, reply: Reply): void {
  const code = reply.code;
  if (s.asked == verb) {
    s.asked = <u8>Verb.none;
    s.endWaits = false;
  }
  if (s.mode == SessionMode.closing) {
    // What the server now takes for data or for a response must not be our QUIT.
    if (code == 220 || (code >= 300 && code < 400)) s.quitSent = true;
    if (verb == Verb.end_of_data) countMessage(s, code);
    // Whom this reply came too late for may try again.
    if (verb == Verb.ehlo && code == 250) {
      offers.read(reply.start, reply.next);
      noteOffers(s, offers.capabilities);
    }
    return;
  }
  switch (verb) {
    case Verb.ehlo:
    case Verb.helo:
    case Verb.lhlo:
      return takeHello(s, verb, reply);
    case Verb.rcpt:
      if (code < 300) return countRecipient(s);
      return;
    case Verb.rset:
      return forgetRecipients(s);
    case Verb.mail:
      return takeMailReply(s, code);
    case Verb.data:
    case Verb.xexch50:
      return takeDataReply(s, verb, code);
    case Verb.end_of_data:
      return takeMessageReply(s, code);
    case Verb.auth:
    case Verb.x_exps:
    case Verb.auth_response:
      return takeAuthReply(s, code);
    default:
      if (code == 220) takeGoAhead(s, verb);
  }
}

/** 220 to a command: TLS begins, or the session anew. */
function takeGoAhead(s: Session, verb: Verb): void {
  if (hasTrait(verb, Trait.opens_tls)) beginTls(s);
  else if (hasTrait(verb, Trait.restarts)) beginAnew(s);
}

function countRecipient(s: Session): void {
  if (s.recipients < u16.MAX_VALUE) s.recipients++;
}

function forgetRecipients(s: Session): void {
  s.recipients = 0;
}

function takeAuthReply(s: Session, code: i32): void {
  s.mode = <u8>(code == 334 ? SessionMode.auth : SessionMode.command);
  if (code == 235) s.facts |= Fact.authenticated;
}

/**
 * Whether the end of data was answered by a reply with `code`, or more belong to it: one for each recipient that was
 * accepted in LMTP (RFC 2033 4.2), or, after 353, those and a last one (PRDR, draft-hall-prdr; Exim src/receive.c).
 */
export function isLastReply(s: Session, code: i32): bool {
  if (code == 421) return true;
  if (s.repliesLeft > 0) {
    s.repliesLeft--;
    return s.repliesLeft == 0;
  }
  if (code == 353) s.repliesLeft = s.recipients + 1;
  else if ((s.facts & Fact.lmtp) != 0 && s.recipients > 1) s.repliesLeft = s.recipients - 1;
  return s.repliesLeft == 0;
}

function takeMessageReply(s: Session, code: i32): void {
  s.repliesLeft = s.recipients = 0;
  // The server took for the end what the client's data only looked like.
  if (s.mode == SessionMode.data) {
    s.mode = <u8>SessionMode.command;
    s.heldCr = false;
    endTransaction(s);
  }
  countMessage(s, code);
  if ((s.facts & Fact.mail) == 0) endEnvelope(s);
}

/** XCLIENT was accepted: the server forgot the session (Postfix XCLIENT_README). */
function beginAnew(s: Session): void {
  s.capabilities = Capability.none;
  s.announcedSize = 0;
  s.facts &= ~(Fact.helo | Fact.offered);
  endTransaction(s);
}

function beginTls(s: Session): void {
  s.mode = <u8>SessionMode.tls;
  addToMetric(statisticsOf(s).sessionsTls, 1);
}

/** 354 opens the data of DATA, or the counted payload of XEXCH50. */
function takeDataReply(s: Session, verb: Verb, code: i32): void {
  if (verb == Verb.xexch50) {
    s.payload = code == 354 ? s.announced : 0;
    if (s.payload > 0) s.facts |= Fact.payload_has_reply;
    else s.facts &= ~(Fact.payload_has_reply as u32);
  } else if (code == 354) {
    s.mode = <u8>SessionMode.data;
    s.data = <u8>DataState.start;
    beginMessage(s);
    s.dataReported = 0;
    s.facts &= ~(Fact.made_line | Fact.candidate_end);
  }
}

function countMessage(s: Session, code: i32): void {
  if (code != 250) return;
  s.messages = oneMore(s.messages);
  // As Postfix does (smtpd.c, common_post_message_handling): whoever delivers has done no harm by what came before.
  s.errors = s.junkCommands = 0;
  addToMetric(statisticsOf(s).messages, 1);
}

/** A refused EHLO or HELO changes nothing (RFC 5321 4.1.4); an accepted one begins anew. */
function takeHello(s: Session, verb: Verb, reply: Reply): void {
  if (reply.code != 250) {
    if ((s.facts & Fact.offered) == 0) s.facts &= ~(Fact.helo as u32);
    return;
  }
  s.tls &= ~(Tls.hello_first as u32);
  if (verb == Verb.helo) {
    s.capabilities = Capability.none;
    s.announcedSize = 0;
  } else {
    offers.read(reply.start, reply.next);
    s.capabilities = offers.capabilities;
    s.announcedSize = offers.size;
  }
  if (verb == Verb.ehlo) noteOffers(s, s.capabilities);
  s.facts = (s.facts & ~(Fact.lmtp as u32)) | Fact.offered | (verb == Verb.lhlo ? Fact.lmtp : 0);
  s.recipients = 0;
  endTransaction(s);
}

function noteOffers(s: Session, capabilities: u32): void {
  statisticsOf(s).lastOffers = capabilities;
}
