import { freeEnvelope } from "./envelope";
import { addToMetric } from "./host";
import { Reason } from "./protections/reason";
import { Session, SessionMode } from "./sessions";
import { DataState } from "./smtp/data";
import { Capability, capabilitiesOf } from "./smtp/ehlo";
import { Reply, ReplyShape } from "./smtp/reply";
import { Verb } from "./smtp/verb";
import { Statistics } from "./statistics";

/*
 * Which reply moves which mode. No line of the client moves one, but the end of data that the server asked for.
 *
 *   greeting --first reply--> command
 *   command  --354 to DATA--> data --CRLF.CRLF of the client--> command
 *   command  --334 to AUTH or X-EXPS--> auth --334 to the response--> auth --any other--> command
 *   command  --220 to STARTTLS or X-ANONYMOUSTLS--> tls
 *   command  --354 to XEXCH50--> command, and so many octets of payload
 *   any      --non_compliant_smtp on a reply in prevent--> closing
 *
 * 220 to XCLIENT starts the session over without leaving `command`; BDAT's payload follows its line at once.
 */

/** Moves the session by the reply to `verb`, the oldest outstanding command. */
export function takeReply(s: Session, verb: Verb, reply: Reply): void {
  const code = reply.code;
  if (s.asked == verb) s.asked = Verb.none;
  if (s.mode == SessionMode.closing) {
    // What the server now takes for data or for a response must not be our QUIT.
    if (code >= 300 && code < 400) s.quitSent = true;
    return;
  }
  switch (verb) {
    case Verb.ehlo:
    case Verb.helo:
      // A refused EHLO changes nothing (RFC 5321 4.1.4).
      if (code != 250) return;
      s.capabilities = verb == Verb.ehlo ? capabilitiesOf(reply.start, reply.next) : Capability.none;
      endTransaction(s);
      return;
    case Verb.xclient:
      if (code != 220) return;
      s.capabilities = Capability.none;
      endTransaction(s);
      return;
    case Verb.data:
      if (code != 354) return;
      s.mode = SessionMode.data;
      s.data = DataState.line_start;
      return;
    case Verb.auth:
    case Verb.x_exps:
    case Verb.auth_response:
      s.mode = code == 334 ? SessionMode.auth : SessionMode.command;
      return;
    case Verb.starttls:
    case Verb.x_anonymoustls:
      if (code != 220) return;
      s.mode = SessionMode.tls;
      addToMetric(changetype<Statistics>(s.statistics).sessionsTls, 1);
      return;
    case Verb.xexch50:
      if (code == 354) s.payload = s.announced;
      return;
    case Verb.end_of_data:
      if (code == 250) {
        s.messages++;
        addToMetric(changetype<Statistics>(s.statistics).messages, 1);
      }
      endTransaction(s);
      return;
    case Verb.rset:
      endTransaction(s);
      return;
  }
}

/**
 * Why a reply leaves the session unreadable, whatever the client does next: data or AUTH that nobody asked for, a role
 * reversal, a reply that does not end. `verb` is what it answers, `Verb.none` if nothing.
 */
export function reasonToDistrust(verb: Verb, reply: Reply, shape: ReplyShape): Reason {
  if (shape == ReplyShape.endless) return Reason.too_long;
  const code = reply.code;
  // RFC 5321 4.2.1 wants one code; where one of two opens another mode, clients differ on which they obey.
  if (reply.mixed && (code == 354 || code == 334 || code == 220)) return Reason.mixed_codes;
  if (code == 354 && verb != Verb.data && verb != Verb.xexch50) return Reason.unexpected_354;
  if (code == 334 && verb != Verb.auth && verb != Verb.x_exps && verb != Verb.auth_response) {
    return Reason.unexpected_334;
  }
  const accepted = code >= 200 && code < 300;
  return accepted && (verb == Verb.turn || verb == Verb.atrn) ? Reason.role_reversal : Reason.none;
}

function endTransaction(s: Session): void {
  s.utf8 = false;
  freeEnvelope(s);
}
