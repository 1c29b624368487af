import { Command } from "../smtp/command";
import { Fact, TRANSACTION_FACTS } from "../smtp/facts";
import { Path } from "../smtp/path";
import { Verb } from "../smtp/verb";
import { endEnvelope, freeEnvelope, keepHelo, keepMailFrom, keepRcptTo } from "./envelope";
import { beginChunk } from "./message";
import { Session } from "./session";
import { tallyCommand, tallyMessage } from "./tally";

/** Notes a line that was judged, whatever became of it. */
export function noteJudged(s: Session, command: Command): void {
  if (command.verb == Verb.auth_response) return;
  s.commands++;
  tallyCommand(s, command.verb);
  // Sent is sent: DATA after refused recipients is in order (RFC 5321 4.1.4).
  if (command.verb == Verb.rcpt && (s.facts & Fact.mail) != 0) s.facts |= Fact.rcpt;
}

/** Notes what a command that was sent on does to the session; the names it gives are those of later events. */
export function noteForwarded(s: Session, command: Command, path: Path): void {
  switch (command.verb) {
    case Verb.helo:
    case Verb.ehlo:
    case Verb.lhlo:
      s.facts |= Fact.helo;
      if (!command.mayHoldSecret) keepHelo(s, command.argument, command.nameEnd - command.argument);
      return;
    case Verb.mail:
      noteMail(s, command, path);
      return;
    case Verb.rcpt:
      if ((s.facts & Fact.mail) != 0 && s.recipientsSent < u16.MAX_VALUE) s.recipientsSent++;
      if (!command.mayHoldSecret) keepRcptTo(s, path.start, path.end - path.start);
      return;
    case Verb.rset:
      endTransaction(s);
      return;
    case Verb.bdat:
      beginChunk(s);
      if (command.size > 0) s.payload = <u64>command.size;
      if (command.last) s.facts = (s.facts & ~TRANSACTION_FACTS) | Fact.last_chunk;
      else s.facts |= Fact.chunks;
      if (command.last && command.size == 0) tallyMessage(s, s.messageOctets);
      return;
    case Verb.quit:
      s.quit = true;
      return;
    case Verb.auth:
    case Verb.x_exps:
      s.authRounds = 0;
      return;
    case Verb.x_link2state:
      if (command.isFirstChunk) s.facts |= Fact.link_state;
      return;
    case Verb.xexch50:
      s.announced = <u32>min<i64>(max<i64>(command.size, 0), <i64>u32.MAX_VALUE);
      return;
  }
}

/** A second MAIL begins nothing unless the server accepts it: RFC 5321 4.1.4 has it refused. */
function noteMail(s: Session, command: Command, path: Path): void {
  if ((s.facts & Fact.mail) == 0) {
    s.facts = (s.facts & ~TRANSACTION_FACTS) | Fact.mail;
    if (command.parameters.asksUtf8) s.facts |= Fact.utf8;
    if (command.parameters.asksBinarymime) s.facts |= Fact.binarymime;
    s.transactionMails = 0;
    s.recipientsSent = 0;
    // Without a name of its own it must not go by the last one.
    freeEnvelope(s);
    if (!command.mayHoldSecret) keepMailFrom(s, path.start, path.end - path.start);
  }
  if (s.transactionMails < u16.MAX_VALUE) s.transactionMails++;
}

/**
 * Takes the reply to the oldest MAIL. Transactions follow what the server accepted: one that runs there goes on whatever
 * a further MAIL gets, and one that it refused never began.
 */
export function takeMailReply(s: Session, code: i32): void {
  // The outstanding MAILs of the running transaction are the latest ones; the reply is to an older one.
  if ((s.facts & Fact.mail) == 0 || s.mailsOutstanding >= s.transactionMails) return;
  s.transactionMails--;
  if (code < 300) {
    s.facts |= Fact.mail_accepted;
    s.recipients = 0;
  } else if (code >= 400 && s.transactionMails == 0 && (s.facts & Fact.mail_accepted) == 0) endTransaction(s);
}

/** The transaction is over: an idle session costs its slot only. */
export function endTransaction(s: Session): void {
  s.facts &= ~TRANSACTION_FACTS;
  endEnvelope(s);
}
