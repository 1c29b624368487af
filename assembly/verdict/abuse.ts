/** What a session has too many of: counted whatever the policy, and found when the count reaches its limit. */
import { authFailures, isAuthFailure } from "../protections/auth_failures";
import { Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { junkCommandFlood } from "../protections/junk_command_flood";
import { isRefusedRecipient, recipientHarvest } from "../protections/recipient_harvest";
import { isError, tooManyErrors, tooManyUnknownVerbs } from "../protections/too_many_errors";
import { Session } from "../session/session";
import { Fact } from "../smtp/facts";
import { Reply } from "../smtp/reply";
import { SourceKind } from "../smtp/source-kind";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { Findings, LIST_BYTES } from "./findings";
import { markReported, wanting } from "./judge";
import { NOTHING, Outcome } from "./outcome";
import { firstSide, nextSide, policyOf, Side } from "./side";
import { noteForSource } from "./sources";

const evidence = new Evidence();
const findings = new Findings(memory.data(LIST_BYTES));

/** Counts and judges a reply of 4xx or 5xx to `verb`. What comes of it comes after the reply, which is the client's to have. */
export function judgeRefusal(s: Session, reply: Reply, verb: Verb): Outcome {
  const code = reply.code;
  if (verb == Verb.none || !isError(verb, code)) return NOTHING;
  findings.clear();
  noteForSource(s, kindOf(verb, code));
  if (isRefusedRecipient(verb, code)) countRecipient(s);
  else if (isAuthFailure(verb, code)) countFailure(s);
  countError(s);
  if (findings.isEmpty) return NOTHING;
  evidence.reply(reply.start, reply.next - reply.start, verb);
  evidence.mayEcho = (s.facts & Fact.secret_seen) != 0;
  return findings.conclude(s, evidence);
}

/** What a source did that gets such a reply. */
function kindOf(verb: Verb, code: i32): SourceKind {
  if (isRefusedRecipient(verb, code)) return SourceKind.refused_recipients;
  return isAuthFailure(verb, code) ? SourceKind.auth_failures : SourceKind.errors;
}

function countRecipient(s: Session): void {
  if (s.refusedRecipients == u16.MAX_VALUE) return;
  s.refusedRecipients++;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const most = policyOf(s, side).recipient_harvest_refused;
    findings.addFor(s, side, recipientHarvest(s.refusedRecipients, most));
  }
}

function countFailure(s: Session): void {
  if (s.authFailures == u8.MAX_VALUE) return;
  s.authFailures++;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    findings.addFor(s, side, authFailures(s.authFailures, policyOf(s, side).auth_failures_failures));
  }
}

function countError(s: Session): void {
  if (s.errors == u8.MAX_VALUE) return;
  s.errors++;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const reason = tooManyErrors(s.errors, policyOf(s, side).too_many_errors_replies);
    findings.addFor(s, firstOf(s, reason, Protection.too_many_errors, side), reason);
  }
}

/** One more command whose verb nobody knows; what is found goes to `found`. */
export function countUnknownVerb(s: Session, found: Findings): void {
  if (s.unknownVerbs == u8.MAX_VALUE) return;
  s.unknownVerbs++;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const most = policyOf(s, side).too_many_errors_unknown_verbs;
    found.addFor(s, side, tooManyUnknownVerbs(s.unknownVerbs, most));
  }
}

/** One more command that moves no mail. */
export function countJunk(s: Session, found: Findings): void {
  if (s.junkCommands == u8.MAX_VALUE) return;
  s.junkCommands++;
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const reason = junkCommandFlood(s.junkCommands, policyOf(s, side).junk_command_flood_commands);
    found.addFor(s, firstOf(s, reason, Protection.junk_command_flood, side), reason);
  }
}

/** The part of `side` to which `reason` is new: counts that begin anew with each message are reported once a session. */
function firstOf(s: Session, reason: Reason, protection: Protection, side: Side): Side {
  const wanted = reason == Reason.none ? Side.none : side & wanting(s, reason);
  if (wanted == Side.none) return Side.none;
  return markReported(s, protection, side) ? wanted : Side.none;
}
