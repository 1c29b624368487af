/** What a command adds to a transaction: a recipient, octets. */
import { chunkTooLarge, declaredTooLarge, messageLimit } from "../protections/message_too_large";
import { Reason } from "../protections/generated-reasons";
import { recipientNoDomain } from "../protections/recipient_no_domain";
import { tooManyRecipients } from "../protections/too_many_recipients";
import { excessFound, noteExcess, octetsBefore } from "../session/message";
import { Session } from "../session/session";
import { Command } from "../smtp/command";
import { Fact } from "../smtp/facts";
import { Excess } from "../smtp/message";
import { Path } from "../smtp/path";
import { Verb } from "../smtp/verb";
import { Findings } from "./findings";
import { firstSide, nextSide, policyOf, Side } from "./side";

/** The recipient that RCPT names, and how many there are. */
export function judgeRecipient(s: Session, path: Path, side: Side, findings: Findings): void {
  const policy = policyOf(s, side);
  const fqdn = policy.recipient_no_domain_require_fqdn;
  if (!path.isUsual || fqdn) findings.addFor(s, side, recipientNoDomain(path, fqdn));
  if ((s.facts & Fact.mail) == 0) return;
  findings.addFor(s, side, tooManyRecipients(s.recipientsSent, policy.too_many_recipients_recipients));
}

/** What MAIL or BDAT says about the size of the message. */
export function judgeSize(s: Session, command: Command, path: Path, findings: Findings): void {
  const verb = command.verb;
  if (verb == Verb.mail && !path.found) return;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const most = messageLimit(policyOf(s, side).message_too_large_bytes, s.announcedSize);
    if (verb == Verb.bdat) judgeChunk(s, command.size, most, side, findings);
    else findings.addFor(s, side, declaredTooLarge(command.declaredSize(path.next), most));
  }
}

function judgeChunk(s: Session, size: i64, most: u32, side: Side, findings: Findings): void {
  const reason = chunkTooLarge(octetsBefore(s), size, most);
  // Once a message. Of a chunk that begins one it is never found.
  if (reason == Reason.message_too_large_octets) {
    const shadow = side == Side.shadow;
    if ((excessFound(s, shadow) & Excess.octets) != 0) return;
    noteExcess(s, Excess.octets, shadow);
  }
  findings.addFor(s, side, reason);
}
