import { addToMetric } from "../envoy/host";
import { DataState } from "../smtp/data";
import { capabilitiesOf, Capability } from "../smtp/ehlo";
import { Fact } from "../smtp/facts";
import { Reply } from "../smtp/reply";
import { Verb } from "../smtp/verb";
import { Statistics } from "../telemetry/statistics";
import { freeEnvelope } from "./envelope";
import { Session, SessionMode } from "./session";
import { endTransaction } from "./transaction";

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

/** Moves the session by the reply to `verb`, the oldest outstanding command, as the diagram above says. */
export function takeReply(s: Session, verb: Verb, reply: Reply): void {
  const code = reply.code;
  if (s.asked == verb) s.asked = <u8>Verb.none;
  if (s.mode == SessionMode.closing) {
    // What the server now takes for data or for a response must not be our QUIT.
    if (code == 220 || (code >= 300 && code < 400)) s.quitSent = true;
    if (verb == Verb.end_of_data) countMessage(s, code);
    return;
  }
  switch (verb) {
    case Verb.ehlo:
    case Verb.helo:
      return takeHello(s, verb, reply);
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
    case Verb.starttls:
    case Verb.x_anonymoustls:
      if (code == 220) beginTls(s);
      return;
    case Verb.xclient:
      if (code == 220) beginAnew(s);
      return;
  }
}

function takeAuthReply(s: Session, code: i32): void {
  s.mode = <u8>(code == 334 ? SessionMode.auth : SessionMode.command);
  if (code == 235) s.facts |= Fact.authenticated;
}

function takeMailReply(s: Session, code: i32): void {
  // A refused MAIL began nothing, unless another was sent meanwhile.
  if (code >= 400 && s.mailsOutstanding == 0) endTransaction(s);
}

function takeMessageReply(s: Session, code: i32): void {
  countMessage(s, code);
  if ((s.facts & Fact.mail) == 0) freeEnvelope(s);
}

/** XCLIENT was accepted: the server forgot the session (Postfix XCLIENT_README). */
function beginAnew(s: Session): void {
  s.capabilities = Capability.none;
  s.facts &= ~(Fact.helo | Fact.offered);
  endTransaction(s);
}

function beginTls(s: Session): void {
  s.mode = <u8>SessionMode.tls;
  addToMetric(changetype<Statistics>(s.statistics).sessionsTls, 1);
}

/** 354 opens the data of DATA, or the counted payload of XEXCH50. */
function takeDataReply(s: Session, verb: Verb, code: i32): void {
  if (verb == Verb.xexch50) {
    s.payload = code == 354 ? s.announced : 0;
    s.payloadHasReply = s.payload > 0;
  } else if (code == 354) {
    s.mode = <u8>SessionMode.data;
    s.data = <u8>DataState.start;
    s.dataReported = 0;
    s.facts &= ~(Fact.made_line as u32);
  }
}

function countMessage(s: Session, code: i32): void {
  if (code != 250) return;
  s.messages++;
  addToMetric(changetype<Statistics>(s.statistics).messages, 1);
}

/** A refused EHLO or HELO changes nothing (RFC 5321 4.1.4); an accepted one begins anew. */
function takeHello(s: Session, verb: Verb, reply: Reply): void {
  if (reply.code != 250) {
    if ((s.facts & Fact.offered) == 0) s.facts &= ~(Fact.helo as u32);
    return;
  }
  s.capabilities = verb == Verb.ehlo ? capabilitiesOf(reply.start, reply.next) : Capability.none;
  s.facts |= Fact.offered;
  endTransaction(s);
}
