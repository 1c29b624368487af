import { clientEdits, serverEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { CATALOGUE } from "../protections/catalogue";
import { Action, Protection } from "../protections/catalogue";
import { Reason } from "../protections/reason";
import { Entry as CatalogueEntry } from "../protections/catalogue";
import { closeByDeadline } from "../session/deadlines";
import { Entry, forgetQueue, headKind, headValue, popEntry, pushEntry } from "../session/queue";
import { freeClientRest } from "../session/rest";
import { Fact, isMute, Session, SessionMode } from "../session/session";
import { Verb } from "../smtp/verb";
import { evidence } from "./evidence";
import { hit, judgement, protectionOf } from "./judge";
import { report } from "./report";

/**
 * The one place where a verdict becomes bytes.
 *
 * A command that is kept from the server has its reply written in its place in the order of replies: behind the reply
 * to the command before it, or before the reply to the next one. Only when the server owes no reply at all is a NOOP
 * sent in its stead and the answer to that swallowed; nothing follows a NOOP until it is answered, since Postfix hangs
 * up on input behind one (smtpd_forbid_unauth_pipelining).
 */

/** Keeps a command from the server; `protection` answers it. */
export function withhold(s: Session, protection: Protection): void {
  clientEdits.drop();
  pushEntry(s, Entry.withheld, <u8>protection);
}

/**
 * Ends the session because of what the client sent. In command mode the client still gets the replies owed to it and
 * then 421. Inside data, AUTH or TLS, or where STARTTLS is asked, a QUIT would be read as content: nothing more is
 * sent, and the next callback closes. The server has seen no end of data and drops the message (RFC 5321 4.1.1.4).
 * It is not this callback that closes, since that would lose what was let pass in it.
 */
export function terminate(s: Session, protection: Protection): void {
  clientEdits.drop();
  freeClientRest(s);
  const silent = isMute(s);
  s.mode = SessionMode.closing;
  s.payload = 0;
  s.heldCr = false;
  if (silent && s.outstanding > 1) {
    // Replies to what came before STARTTLS are owed: a message behind one of them may be delivered already.
    s.quitSent = true;
    closeByDeadline(s, changetype<Policy>(s.policy).closeDeadlineMs);
  } else if (silent) endNow(s);
  else {
    pushEntry(s, Entry.termination, <u8>protection);
    closeByDeadline(s, changetype<Policy>(s.policy).closeDeadlineMs);
  }
}

/**
 * Ends a session whose bytes cannot be read in order, or the inspection of one that is only watched. Whatever mode the
 * protection has: as long as anything prevents, nothing passes unread (design law 4).
 */
export function endUnread(s: Session, reason: Reason, from: usize, length: i32): void {
  evidence.bytes(from, min(length, 64), s.asked);
  evidence.secret = true;
  if (s.edits) {
    report(s, protectionOf(reason), reason, Action.terminate);
    terminate(s, protectionOf(reason));
    return;
  }
  judgement.clear();
  hit(s, reason);
  freeClientRest(s);
  forgetQueue(s);
  s.mode = SessionMode.lost;
}

/** Ends the session because of what the server sent inside TLS, where no reply can be written. */
export function cutServer(s: Session): void {
  serverEdits.drop();
  freeClientRest(s);
  s.mode = SessionMode.closing;
  endNow(s);
}

/** Nothing more passes either way: a client callback closes as it ends, else the next tick does. */
function endNow(s: Session): void {
  s.finished = s.quitSent = true;
  closeByDeadline(s, 0);
}

/** Ends the session because of what the server sent: `text` takes the place of it and of all that follows. */
export function terminateInstead(s: Session, text: ArrayBuffer): void {
  serverEdits.drop();
  write(text);
  freeClientRest(s);
  while (s.queueLength > 0) popEntry(s);
  s.mode = SessionMode.closing;
  s.asked = Verb.none;
  s.standIn = false;
  s.finished = true;
  s.payload = 0;
  closeByDeadline(s, changetype<Policy>(s.policy).closeDeadlineMs);
}

/** Called when a client chunk was read: the server must have something to answer wherever the client waits for us. */
export function settle(s: Session): void {
  if (s.outstanding > 0) return;
  if (s.mode == SessionMode.closing) {
    if (s.quitSent) s.finished = true;
    else sendStandIn(s, QUIT, Verb.quit);
    s.quitSent = true;
  } else if (s.queueLength > 0 && (s.facts & Fact.unended_line) == 0) {
    s.standIn = true;
    sendStandIn(s, NOOP, Verb.noop);
  }
}

/** Writes the replies to the withheld commands that are next in order. */
export function answerWithheld(s: Session): void {
  // The queue holds more than the server will answer: some of it is ours to answer.
  while (s.queueLength > s.outstanding) {
    const kind = headKind(s);
    if (kind == Entry.withheld) write(REJECTIONS[headValue(s)]);
    else if (kind == Entry.termination) {
      write(TERMINATIONS[headValue(s)]);
      s.finished = true;
    } else return;
    popEntry(s);
    // Nothing is read behind a withheld XEXCH50: its reply is the last of those that are still to be told.
    if (s.queueLength == s.outstanding) s.payloadMayFollow = false;
  }
}

/** The reply that ends a session at `protection`, in command mode. */
export function terminationOf(protection: Protection): ArrayBuffer {
  return TERMINATIONS[protection];
}

/** The reply that takes the place of a bad greeting: RFC 5321 3.1 asks for 554. */
export function greetingOf(protection: Protection): ArrayBuffer {
  return GREETINGS[protection];
}

function sendStandIn(s: Session, text: ArrayBuffer, verb: Verb): void {
  clientEdits.write(changetype<usize>(text), text.byteLength);
  pushEntry(s, Entry.stand_in, <u8>verb);
}

function write(text: ArrayBuffer): void {
  serverEdits.write(changetype<usize>(text), text.byteLength);
}

const NOOP: ArrayBuffer = String.UTF8.encode("NOOP\r\n");
const QUIT: ArrayBuffer = String.UTF8.encode("QUIT\r\n");

// Replies name the protection and nothing that the client sent (design section 1).
const REJECTIONS: ArrayBuffer[] = CATALOGUE.map<ArrayBuffer>((entry: CatalogueEntry) =>
  String.UTF8.encode(`${entry.reply} ${entry.id}: rejected by policy\r\n`),
);
const TERMINATIONS: ArrayBuffer[] = CATALOGUE.map<ArrayBuffer>((entry: CatalogueEntry) =>
  String.UTF8.encode(`421 4.7.0 ${entry.id}: connection closed by policy\r\n`),
);
const GREETINGS: ArrayBuffer[] = CATALOGUE.map<ArrayBuffer>((entry: CatalogueEntry) =>
  String.UTF8.encode(`554 5.3.2 ${entry.id}: no SMTP service here\r\n`),
);
