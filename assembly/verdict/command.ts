import { Policy } from "../policy/policy";
import { mechanismSwitch } from "../protections/auth_exchange_violation";
import { bareNewlineInCommand } from "../protections/bare_newline_in_command";
import { bdatMalformed } from "../protections/bdat_malformed";
import { bdatSequence } from "../protections/bdat_sequence";
import { bdatUnannounced } from "../protections/bdat_unannounced";
import { binaryDataInCommand } from "../protections/binary_data_in_command";
import { commandLineTooLong } from "../protections/command_line_too_long";
import { commandOutOfSequence } from "../protections/command_out_of_sequence";
import { lineBehindRefusedData } from "../protections/data_before_reply";
import { exchangeCommand } from "../protections/exchange_command";
import { unannouncedPipelining } from "../protections/improper_pipelining";
import { Protection } from "../protections/catalogue";
import { laxCommandStyle, laxCommandSyntax, laxReason } from "../protections/lax_command_syntax";
import { mixedLineEndings } from "../protections/mixed_line_endings";
import { nonCompliantSmtp } from "../protections/non_compliant_smtp";
import { nonSmtpCommand } from "../protections/non_smtp_command";
import { privateCommand } from "../protections/private_command";
import { Reason } from "../protections/reason";
import { recipientNoDomain } from "../protections/recipient_no_domain";
import { starttlsCommand } from "../protections/starttls_command";
import { unannouncedExtension } from "../protections/unannounced_extension";
import { Fact, Session } from "../session/session";
import { Command } from "../smtp/command";
import { Capability } from "../smtp/ehlo";
import { Path } from "../smtp/path";
import { hashOf, mentions, skipToken, spells } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { evidence } from "./evidence";
import { hit, isOn, judgement } from "./judge";

/**
 * Judges one command line by all protections, in this order. `path` is RCPT's or MAIL's, already read. Not `whole`:
 * the line is longer than anything and its end is not in sight.
 */
export function judgeCommand(s: Session, command: Command, path: Path, whole: bool): void {
  judgement.clear();
  show(s, command);
  // What follows BDAT is a payload whatever we answer.
  const mayReject = command.verb != Verb.bdat;
  const isOdd = !command.isPlain;
  // No protection is about the verb of RFC 5321 4.1.1 itself.
  const isCore = command.verb >= Verb.helo && command.verb <= Verb.help;
  // Two narrower ids say already that a line is not readable.
  const binary =
    isOdd &&
    isOn(s.enabled, Protection.binary_data_in_command) &&
    hit(s, binaryDataInCommand(command, isUtf8Allowed(s, command)), mayReject);
  const foreign = !isCore && hit(s, nonSmtpCommand(command));
  if (isOdd || has(s, Fact.client_lf)) judgeLine(s, command, whole, mayReject);
  else s.facts |= Fact.client_crlf;
  if (!isCore) judgeVerb(s, command, mayReject);
  hitEach(s, laxCommandSyntax(command), mayReject);
  hit(s, starttlsCommand(command.verb), mayReject);
  judgeArguments(s, command, path, mayReject);
  judgeOrder(s, command, mayReject);
  if (isCore) return;
  // The last net stays silent where they spoke, unless they only watch and the net prevents.
  if ((binary || foreign) && (judgement.action > 0 || !isOn(s.prevent, Protection.non_compliant_smtp)))
    return;
  const reason = nonCompliantSmtp(command, changetype<Policy>(s.policy).emptyLine);
  hit(s, reason, mayReject && reason != Reason.xexch50_size);
}

/** The line as bytes. */
function judgeLine(s: Session, command: Command, whole: bool, mayReject: bool): void {
  hit(s, commandLineTooLong(command.verb, <i32>(command.next - command.start), whole), mayReject);
  if (!whole) return;
  hit(s, bareNewlineInCommand(command), mayReject);
  const bytes = command.next - command.end;
  if (bytes == 1) s.facts |= Fact.client_lf;
  else if (bytes == 2) s.facts |= Fact.client_crlf;
  const mixed = mixedLineEndings(
    has(s, Fact.client_crlf),
    has(s, Fact.client_lf),
    has(s, Fact.told_client_mix),
    Reason.mixed_client,
  );
  if (mixed != Reason.none) s.facts |= Fact.told_client_mix;
  hit(s, mixed);
}

function judgeVerb(s: Session, command: Command, mayReject: bool): void {
  const policy = changetype<Policy>(s.policy);
  const length = verbLength(command);
  const exchange = exchangeCommand(command.verb, policy.exchangeExtended);
  if (exchange != Reason.none) {
    if (!policy.exchangeAllow.has(command.verbStart, length)) hit(s, exchange, mayReject);
  } else if (privateCommand(command) != Reason.none) {
    if (!policy.privateAllow.has(command.verbStart, length)) hit(s, Reason.private_verb, mayReject);
  }
}

/** Each spelling of the set is a finding of its own. */
function hitEach(s: Session, spellings: u32, mayReject: bool): void {
  for (let set = spellings; set != 0; set &= set - 1) hit(s, laxReason(set), mayReject);
}

function judgeArguments(s: Session, command: Command, path: Path, mayReject: bool): void {
  if (has(s, Fact.offered)) hit(s, unannouncedExtension(command, path, s.capabilities), mayReject);
  hitEach(s, laxCommandStyle(command, path), mayReject);
  if (command.verb == Verb.rcpt) {
    hit(s, recipientNoDomain(path, changetype<Policy>(s.policy).requireFqdn), mayReject);
  }
  hit(s, bdatMalformed(command), mayReject);
}

/** The line's place in the session. */
function judgeOrder(s: Session, command: Command, mayReject: bool): void {
  const verb = command.verb;
  if (has(s, Fact.behind_refused_data)) hit(s, lineBehindRefusedData(verb));
  // The reply to a message may be outstanding: what follows its end is no pipelining.
  const unanswered = s.outstanding > 1 || (s.outstanding == 1 && s.endsOutstanding == 0);
  const offered = (s.capabilities & Capability.pipelining) != 0;
  const pipelining = unannouncedPipelining(unanswered, offered, has(s, Fact.told_pipelining));
  if (pipelining != Reason.none) s.facts |= Fact.told_pipelining;
  hit(s, pipelining);
  const chunks = has(s, Fact.chunks);
  hit(
    s,
    commandOutOfSequence(
      verb,
      has(s, Fact.helo),
      has(s, Fact.mail),
      has(s, Fact.rcpt),
      chunks,
      has(s, Fact.authenticated),
    ),
    mayReject,
  );
  hit(s, bdatUnannounced(verb, s.capabilities), mayReject);
  hit(s, bdatSequence(verb, chunks, has(s, Fact.last_chunk), has(s, Fact.binarymime)), mayReject);
  if (verb == Verb.auth) judgeMechanism(s, command);
}

function judgeMechanism(s: Session, command: Command): void {
  const length = <i32>(skipToken(command.argument, command.argumentEnd) - command.argument);
  const mechanism = hashOf(command.argument, length);
  const harmless =
    spells(command.argument, length, "PLAIN") ||
    spells(command.argument, length, "LOGIN") ||
    spells(command.argument, length, "ANONYMOUS");
  hit(s, mechanismSwitch(has(s, Fact.cancelled_auth), s.mechanism, mechanism, harmless));
  s.mechanism = mechanism;
}

/** RFC 6531 3.4: MAIL, VRFY and EXPN ask by parameter, RCPT inherits from its MAIL; the server must have offered. */
function isUtf8Allowed(s: Session, command: Command): bool {
  if ((s.capabilities & Capability.smtputf8) == 0) return false;
  if (command.verb == Verb.rcpt) return has(s, Fact.utf8);
  if (command.verb == Verb.mail) return command.asksUtf8;
  return command.hasWord("SMTPUTF8", skipToken(command.argument, command.argumentEnd));
}

/** Makes `command` the evidence of what is found in it. */
function show(s: Session, command: Command): void {
  const unnamed = command.verb <= Verb.x_other;
  evidence.bytes(command.start, command.end - command.start, command.verb);
  evidence.verbStart = command.verbStart;
  evidence.verbLength = command.verb <= Verb.invalid ? 0 : verbLength(command);
  // Snort counts XAUTH among the verbs that start an exchange; a mangled AUTH line has the credentials all the same.
  const auth = unnamed && mentions(command.start, command.end, "AUTH");
  if (auth) evidence.secret = s.secretMayFollow = true;
  // Behind a refused AUTH a client that does not wait sends its user name and password as lines.
  if (s.secretMayFollow && unnamed) evidence.secret = true;
  else if (!unnamed) s.secretMayFollow = evidence.secret;
}

function has(s: Session, fact: Fact): bool {
  return (s.facts & fact) != 0;
}

function verbLength(command: Command): i32 {
  return <i32>(command.verbEnd - command.verbStart);
}
