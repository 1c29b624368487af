import { Policy } from "../policy/policy";
import { authResponseViolation, mechanismSwitch } from "../protections/auth_exchange_violation";
import { bareNewlineInCommand } from "../protections/bare_newline_in_command";
import { bdatSequence } from "../protections/bdat_sequence";
import { bdatUnannounced } from "../protections/bdat_unannounced";
import { binaryDataInCommand } from "../protections/binary_data_in_command";
import { Protection } from "../protections/catalogue";
import { cleartextAuth } from "../protections/cleartext_auth";
import { commandLineTooLong } from "../protections/command_line_too_long";
import { commandOutOfSequence } from "../protections/command_out_of_sequence";
import { lineAfterRefusedData } from "../protections/data_before_reply";
import { unannouncedPipelining } from "../protections/improper_pipelining";
import { isJunk } from "../protections/junk_command_flood";
import { laxCommandSyntax } from "../protections/lax_command_syntax";
import { mixedLineEndings } from "../protections/mixed_line_endings";
import { nonCompliantSmtp } from "../protections/non_compliant_smtp";
import { nonSmtpCommand } from "../protections/non_smtp_command";
import { FirstReason, Reason } from "../protections/generated-reasons";
import { reconCommand } from "../protections/recon_command";
import { starttlsCommand } from "../protections/starttls_command";
import { xlink2stateOverflow } from "../protections/xlink2state_overflow";
import { Session } from "../session/session";
import { isClientInClear } from "../session/starttls";
import { Command } from "../smtp/command";
import { Capability } from "../smtp/ehlo";
import { Fact } from "../smtp/facts";
import { Path } from "../smtp/path";
import { hashOf, mentions, skipToken, spells } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { countJunk, countUnknownVerb } from "./abuse";
import { judgeArguments } from "./arguments";
import { Evidence } from "./evidence";
import { Findings, LIST_BYTES } from "./findings";
import { find, isOn, markReported, preventedBy, wanting } from "./judge";
import { NOTHING, Outcome, stronger } from "./outcome";
import { judgeOwnRules } from "./own-rules";
import { firstSide, nextSide, policyOf, Side } from "./side";
import { namedVerbReason, otherVerbReason } from "./verb";

const evidence = new Evidence();
const findings = new Findings(memory.data(LIST_BYTES));

/**
 * Judges one command line by all protections, in this order. `path` is RCPT's or MAIL's, already read. Not `whole`:
 * the line is longer than anything and its end is not in sight.
 */
export function judgeCommand(s: Session, command: Command, path: Path, whole: bool): Outcome {
  findings.clear();
  const isOdd = !command.isPlain;
  const isCore = hasTrait(command.verb, Trait.core);
  if (isOdd && isOn(s.enabled, Protection.binary_data_in_command)) {
    findings.add(s, binaryDataInCommand(command, isUtf8Allowed(s, command)));
  }
  const foreign = isCore ? Reason.none : nonSmtpCommand(command);
  findings.add(s, foreign);
  // Narrower ids may say already that a line is not readable.
  let explained = findings.found;
  if (isOdd || has(s, Fact.client_lf)) {
    findings.add(s, commandLineTooLong(command.verb, lengthOf(command), whole));
    if (whole) explained |= judgeNewline(s, command);
  } else s.facts |= Fact.client_crlf;
  if (changetype<Policy>(s.policy).hasOwnRules) judgeOwnRules(s, command, path, isUnanswered(s), findings);
  if (isCore) findings.add(s, reconCommand(command.verb));
  else judgeVerb(s, command, foreign);
  findings.addEach(s, laxCommandSyntax(command), FirstReason.lax_command_syntax);
  if (!changetype<Policy>(s.policy).terminate) findings.add(s, starttlsCommand(command.verb));
  judgeArguments(s, findings, command, path);
  judgeOrder(s, command);
  if (!isCore) judgeByLastNet(s, command, explained);
  noteSecrets(s, command);
  if (findings.isEmpty) return NOTHING;
  show(s, command, path);
  return findings.conclude(s, evidence);
}

/** The last net stays silent for whom they have `explained` the line, unless they only watch and the net prevents. */
function judgeByLastNet(s: Session, command: Command, explained: Side): void {
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const reason = nonCompliantSmtp(command, policyOf(s, side).non_compliant_smtp_empty_line);
    if (reason == Reason.none) continue;
    const net = ~explained | (~findings.actingFor(s) & preventedBy(s, Protection.non_compliant_smtp));
    findings.addFor(s, side & net, reason);
  }
}

/** Judges one response in an AUTH exchange, the `round`th: never a command, whatever it spells. */
export function judgeResponse(s: Session, command: Command, round: i32, whole: bool): Outcome {
  const start = command.start;
  const end = command.end;
  evidence.bytes(start, end - start, Verb.auth_response);
  let outcome = find(s, evidence, authResponseViolation(start, end, round));
  if (whole) outcome = stronger(outcome, find(s, evidence, bareNewlineInCommand(command)));
  // Counted with a CRLF whatever its end: Postfix's smtpd_sasl_response_limit is about the octets before it.
  const length = <i32>(end - start) + 2;
  return stronger(outcome, find(s, evidence, commandLineTooLong(Verb.auth_response, length, whole)));
}

/** The line's end, alone and beside those of the lines before; returns for whom a CR has made the line unreadable. */
function judgeNewline(s: Session, command: Command): Side {
  const newline = bareNewlineInCommand(command);
  findings.add(s, newline);
  const before = areMixed(s);
  const bytes = command.next - command.end;
  if (bytes == 1) s.facts |= Fact.client_lf;
  else if (bytes == 2) s.facts |= Fact.client_crlf;
  findings.add(s, mixedLineEndings(before, areMixed(s), Reason.mixed_line_endings_client));
  return newline == Reason.bare_newline_in_command_cr ? wanting(s, newline) : Side.none;
}

function areMixed(s: Session): bool {
  return has(s, Fact.client_crlf) && has(s, Fact.client_lf);
}

/** The verb, of which `foreign` is what is known already. Text after a refused DATA has an id of its own. */
function judgeVerb(s: Session, command: Command, foreign: Reason): void {
  const overflow = xlink2stateOverflow(command, has(s, Fact.link_state));
  findings.addEach(s, overflow, FirstReason.xlink2state_overflow);
  let isUnknown = foreign != Reason.none || command.verb == Verb.invalid;
  if (command.verb != Verb.other) {
    for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
      findings.addFor(s, side, namedVerbReason(s, command, policyOf(s, side)));
    }
  } else if (!isUnknown && s.refusedRest == 0) {
    const reason = otherVerbReason(command, s.capabilities);
    isUnknown = reason == Reason.unknown_command_unknown_verb;
    findings.add(s, reason);
  }
  if (isUnknown && s.refusedRest == 0) countUnknownVerb(s, findings);
}

/** The line's place in the session. */
function judgeOrder(s: Session, command: Command): void {
  const verb = command.verb;
  if (s.refusedRest != 0 && !has(s, Fact.refused_reported)) judgeRefusedRest(s, verb);
  const pipelining = unannouncedPipelining(isUnanswered(s), (s.capabilities & Capability.pipelining) != 0);
  if (pipelining != Reason.none && markReported(s, Protection.improper_pipelining)) {
    findings.add(s, pipelining);
  }
  if (verb == Verb.mail) judgeMailOrder(s);
  else findings.add(s, commandOutOfSequence(verb, s.facts, false));
  if (verb == Verb.bdat) findings.add(s, bdatUnannounced(s.capabilities));
  if (verb == Verb.bdat || verb == Verb.data) findings.add(s, bdatSequence(verb == Verb.bdat, s.facts));
  if (hasTrait(verb, Trait.secret)) judgeMechanism(s, command);
  if (isJunk(verb)) countJunk(s, findings);
}

function judgeMailOrder(s: Session): void {
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const requireAuth = policyOf(s, side).command_out_of_sequence_require_auth;
    findings.addFor(s, side, commandOutOfSequence(Verb.mail, s.facts, requireAuth));
  }
}

/** Whether a command waits for its reply. That of a message may be outstanding: what follows its end is no pipelining. */
function isUnanswered(s: Session): bool {
  return s.outstanding > 1 || (s.outstanding == 1 && s.endsOutstanding == 0);
}

/** What was meant as a message is one fact, however many lines it has. */
function judgeRefusedRest(s: Session, verb: Verb): void {
  const reason = lineAfterRefusedData(verb);
  if (reason == Reason.none) return;
  s.facts |= Fact.refused_reported;
  findings.add(s, reason);
}

function judgeMechanism(s: Session, command: Command): void {
  const length = <i32>(skipToken(command.argument, command.argumentEnd) - command.argument);
  if (isOn(s.enabled, Protection.cleartext_auth)) judgeCredential(s, cleartextAuth(command.argument, length));
  if (command.verb != Verb.auth) return;
  const hash = hashOf(command.argument, length);
  const mechanism = <u16>(hash ^ (hash >> 16));
  const harmless =
    spells(command.argument, length, "PLAIN") ||
    spells(command.argument, length, "LOGIN") ||
    spells(command.argument, length, "ANONYMOUS");
  findings.add(s, mechanismSwitch(has(s, Fact.cancelled_auth), s.mechanism, mechanism, harmless));
  s.mechanism = mechanism;
}

/** Whether the connection is encrypted is asked of the host, and only where it matters. */
function judgeCredential(s: Session, credential: Reason): void {
  if (credential != Reason.none && wanting(s, credential) != Side.none && isClientInClear(s))
    findings.add(s, credential);
}

/** RFC 6531 3.4: MAIL, VRFY and EXPN ask by parameter, RCPT inherits from its MAIL; the server must have offered. */
function isUtf8Allowed(s: Session, command: Command): bool {
  if ((s.capabilities & Capability.smtputf8) == 0) return false;
  if (command.verb == Verb.rcpt) return has(s, Fact.utf8);
  if (command.verb == Verb.mail) return command.parameters.asksUtf8;
  return command.hasWord("SMTPUTF8", skipToken(command.argument, command.argumentEnd));
}

/** Makes `command` the evidence of what is found in it. */
function show(s: Session, command: Command, path: Path): void {
  const verb = command.verb;
  evidence.bytes(command.start, command.end - command.start, verb);
  evidence.verbStart = command.verbStart;
  evidence.verbLength = verb <= Verb.invalid ? 0 : verbLength(command);
  evidence.isRejectable = !hasTrait(verb, Trait.payload);
  if (verb == Verb.mail || verb == Verb.rcpt) {
    evidence.nameStart = path.start;
    evidence.nameLength = <i32>(path.end - path.start);
  } else if (verb == Verb.helo || verb == Verb.ehlo || verb == Verb.lhlo) {
    evidence.nameStart = command.argument;
    evidence.nameLength = <i32>(command.nameEnd - command.argument);
  }
  if (verb <= Verb.x_other) evidence.secret = s.secretMayFollow;
  else if (command.mayHoldSecret) {
    evidence.secret = true;
    evidence.nameLength = 0;
  }
}

/**
 * Snort counts XAUTH among the verbs that start an exchange, and a mangled AUTH line has the credentials all the same.
 * After a refused AUTH a client that does not wait sends its user name and password as lines.
 */
function noteSecrets(s: Session, command: Command): void {
  const verb = command.verb;
  if (verb > Verb.x_other) s.secretMayFollow = hasTrait(verb, Trait.secret);
  else if (mentions(command.start, command.end, "AUTH")) s.secretMayFollow = true;
  if (s.secretMayFollow || command.mayHoldSecret) s.facts |= Fact.secret_seen;
}

function has(s: Session, fact: Fact): bool {
  return (s.facts & fact) != 0;
}

/** Bytes of the line, its end included. */
function lengthOf(command: Command): i32 {
  return <i32>(command.next - command.start);
}

function verbLength(command: Command): i32 {
  return <i32>(command.verbEnd - command.verbStart);
}
