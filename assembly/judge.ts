import { Policy } from "./policy/policy";
import { binaryDataInCommand } from "./protections/binary_data_in_command";
import { Action, Protection } from "./protections/catalogue";
import { exchangeCommand } from "./protections/exchange_command";
import { nonCompliantSmtp } from "./protections/non_compliant_smtp";
import { privateCommand } from "./protections/private_command";
import { Reason } from "./protections/reason";
import { recipientNoDomain } from "./protections/recipient_no_domain";
import { starttlsCommand } from "./protections/starttls_command";
import { evidence, report } from "./report";
import { Session } from "./sessions";
import { Command } from "./smtp/command";
import { Capability } from "./smtp/ehlo";
import { spells } from "./smtp/scan";
import { Path } from "./smtp/path";
import { Verb } from "./smtp/verb";

/** The outcome for one line or reply: the strongest action of all hits, and whose it is. */
@final
export class Judgement {
  action: Action = Action.detect;
  protection: Protection = Protection.non_compliant_smtp;

  clear(): void {
    this.action = Action.detect;
  }

  /** The line is kept from the server. */
  get isReject(): bool {
    return this.action == Action.reject;
  }

  get isTerminate(): bool {
    return this.action == Action.terminate;
  }
}

export const judgement = new Judgement();

/**
 * Records a hit of `protection` and raises `judgement` to what is to be done. Without
 * `mayReject` it is terminated instead: what came from a server, or has a payload behind it, cannot be rejected.
 */
export function hit(s: Session, protection: Protection, reason: Reason, mayReject: bool): void {
  if (reason == Reason.none || !isOn(s.enabled, protection)) return;
  let action: Action = Action.detect;
  if (isOn(s.prevent, protection)) {
    action = <Action>changetype<Policy>(s.policy).actions[protection];
    // A command that was announced away and still comes is refused.
    if (action == Action.strip) action = Action.reject;
    // Three servers read three commands out of a line with a NUL: no reply would be true for all.
    if (action == Action.reject && (!mayReject || reason == Reason.nul)) action = Action.terminate;
    if (reason == Reason.refused) action = Action.detect;
  }
  report(s, protection, reason, action);
  if (action > judgement.action) {
    judgement.action = action;
    judgement.protection = protection;
  }
}

/** Judges one command line by all protections, in this order. `path` is RCPT's or MAIL's, already read. */
export function judgeCommand(s: Session, command: Command, path: Path, whole: bool): void {
  const policy = changetype<Policy>(s.policy);
  judgement.clear();
  const verb = command.verb;
  const hitsBefore = s.findings;
  // What follows BDAT is a payload whatever we answer.
  const mayReject = verb != Verb.bdat;
  show(command, s);
  if (isOn(s.enabled, Protection.binary_data_in_command)) {
    const reason = binaryDataInCommand(command, isUtf8Allowed(s, command));
    hit(s, Protection.binary_data_in_command, reason, mayReject);
  }
  const exchange = exchangeCommand(verb, policy.exchangeExtended);
  if (exchange != Reason.none) {
    if (!policy.exchangeAllow.has(command.verbStart, verbLength(command))) {
      hit(s, Protection.exchange_command, exchange, true);
    }
  } else if (privateCommand(command) != Reason.none) {
    if (!policy.privateAllow.has(command.verbStart, verbLength(command))) {
      hit(s, Protection.private_command, Reason.private_verb, true);
    }
  }
  if (verb == Verb.rcpt) {
    hit(s, Protection.recipient_no_domain, recipientNoDomain(path, policy.requireFqdn), true);
  }
  hit(s, Protection.starttls_command, starttlsCommand(verb), true);
  // The last net stays silent where a narrower id spoke, unless that one only watches and the net prevents.
  const spoken = s.findings != hitsBefore;
  if (spoken && (judgement.action > Action.detect || !isOn(s.prevent, Protection.non_compliant_smtp))) return;
  const reason = whole ? nonCompliantSmtp(command, policy.emptyLine) : Reason.line_too_long;
  const oneLine = reason == Reason.verb || reason == Reason.leading_blank || reason == Reason.empty;
  hit(s, Protection.non_compliant_smtp, reason, mayReject && oneLine);
}

/** Judges something that only `non_compliant_smtp` knows; `evidence` must have been set. */
export function judgeStream(s: Session, reason: Reason): void {
  judgement.clear();
  hit(s, Protection.non_compliant_smtp, reason, false);
}

function isOn(set: u64, protection: Protection): bool {
  return (set & ((<u64>1) << (<u64>protection))) != 0;
}

/** Whether `protection` prevents in this session, and by `action`. */
export function preventsBy(s: Session, protection: Protection, action: Action): bool {
  return isOn(s.prevent, protection) && <Action>changetype<Policy>(s.policy).actions[protection] == action;
}

/** RFC 6531 3.4: MAIL, VRFY and EXPN ask by parameter, RCPT inherits from its MAIL; the server must have offered. */
function isUtf8Allowed(s: Session, command: Command): bool {
  if ((s.capabilities & Capability.smtputf8) == 0) return false;
  if (command.verb == Verb.rcpt) return s.utf8;
  return command.hasParameter("SMTPUTF8");
}

function verbLength(command: Command): i32 {
  return <i32>(command.verbEnd - command.verbStart);
}

/** Makes `command` the evidence of what is found in it. */
function show(command: Command, s: Session): void {
  evidence.bytes(command.start, command.end - command.start, command.verb);
  evidence.verbStart = command.verbStart;
  evidence.verbLength = command.verb == Verb.invalid || command.verb == Verb.empty ? 0 : verbLength(command);
  // Behind a refused AUTH a client that does not wait sends its user name and password as lines.
  if (spells(command.verbStart, verbLength(command), "XAUTH")) evidence.secret = true;
  if (s.secretMayFollow && isUnnamed(command.verb)) evidence.secret = true;
  else if (!isUnnamed(command.verb)) s.secretMayFollow = evidence.secret;
}

function isUnnamed(verb: Verb): bool {
  return verb <= Verb.x_other;
}
