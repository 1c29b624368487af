import { serverEdits } from "../envoy/edits";
import { Originate, Policy, Require } from "../policy/policy";
import { Action, Protection } from "../protections/catalogue";
import { Session, Tls, statisticsOf } from "../session/session";
import { contentEnd, lineEnd } from "../smtp/command";
import { Capability, capabilityOf } from "../smtp/ehlo";
import { Fact } from "../smtp/facts";
import { hasCode, Reply } from "../smtp/reply";
import { Verb } from "../smtp/verb";
import { preventsBy } from "../verdict/judge";
import { announcesOwnForbidden, stripsByOwnRules } from "../verdict/own-rules";
import { Counter } from "../telemetry/generated-statistics";

/** The capabilities that are taken out of the server's EHLO reply. */
export function strippedCapabilities(s: Session): u32 {
  const policy = changetype<Policy>(s.policy);
  let set: u32 = preventsBy(s, Protection.starttls_command, Action.strip) ? Capability.starttls : 0;
  if (!policy.handlesTls) return set;
  const clear = (s.tls & Tls.client) == 0;
  // RFC 3207 4.2: not offered inside TLS. Where we begin TLS with the server, the client cannot.
  if (!clear || policy.terminate || policy.originate != Originate.never) set |= Capability.starttls;
  if (clear && policy.require != Require.never) set |= Capability.auth;
  return set;
}

/** Whether the filter offers STARTTLS itself. */
export function offersStarttls(s: Session): bool {
  if (!changetype<Policy>(s.policy).terminate) return false;
  // What the operator forbids is not offered by us either.
  if (stripsByOwnRules(s) && announcesOwnForbidden(s, changetype<usize>(OFFER), contentOf(OFFER)))
    return false;
  return (s.tls & (Tls.client | Tls.can_client)) == Tls.can_client && (s.facts & Fact.authenticated) == 0;
}

/** Notes what the client was offered of the reply to its greeting `verb`: less than the server offers, or STARTTLS of ours. */
export function noteOffered(s: Session, verb: Verb, reply: Reply): void {
  if (stripsByOwnRules(s)) noteKept(s, verb, reply);
  if (!changetype<Policy>(s.policy).handlesTls) return;
  s.capabilities &= ~(strippedCapabilities(s) & Capability.starttls);
  if (offersStarttls(s)) s.capabilities |= Capability.starttls;
}

/** What a rule of the operator's own takes out counts as not offered. */
function noteKept(s: Session, verb: Verb, reply: Reply): void {
  let kept: u32 = Capability.none;
  for (let at = lineEnd(reply.start, reply.next); at < reply.next; at = lineEnd(at, reply.next)) {
    const end = contentEnd(at, lineEnd(at, reply.next) - 1);
    if (!announcesOwnForbidden(s, at, end)) kept |= capabilityOf(at, end);
  }
  s.capabilities = kept;
  if (verb == Verb.ehlo) statisticsOf(s).lastOffers = kept;
}

/**
 * Lets an EHLO reply pass without the lines that announce one of `stripped`, and with STARTTLS in its second line where we
 * offer it. Where the last line goes, the one before becomes the last: its "-" becomes a space (RFC 5321 4.2.1). Lines without
 * a code between the two cannot be that, and go with it: after the last line they would be part of no reply.
 */
export function passOffers(s: Session, reply: Reply, stripped: u32, offers: bool): void {
  const owns = stripsByOwnRules(s);
  let lastKept: usize = 0;
  let found = false;
  if (stripped != 0 || offers || owns) {
    for (let at = reply.start; at < reply.next; at = lineEnd(at, reply.next)) {
      if (isStripped(s, reply, at, stripped, owns)) found = true;
      else if (hasCode(at, reply.next)) lastKept = at;
    }
  }
  if (!found && !offers) {
    serverEdits.pass(reply.start, reply.next - reply.start);
    return;
  }
  const statistics = statisticsOf(s);
  if (offers) statistics.add(Counter.starttls_offered);
  else statistics.add(Counter.capabilities_stripped);
  let next: usize = 0;
  for (let at = reply.start; at < reply.next; at = next) {
    next = lineEnd(at, reply.next);
    const wasLast = next == reply.next;
    const isLast = at == lastKept && !(offers && at == reply.start);
    if (at > lastKept || isStripped(s, reply, at, stripped, owns)) serverEdits.drop();
    else passLine(at, next, wasLast, isLast);
    if (offers && at == reply.start) {
      const line = lastKept == at ? OFFER_LAST : OFFER;
      serverEdits.write(changetype<usize>(line), line.byteLength);
    }
  }
}

/** Lets one line pass with the separator that its new place asks for; it has a code where that is another one. */
function passLine(at: usize, next: usize, wasLast: bool, isLast: bool): void {
  if (wasLast == isLast) {
    serverEdits.pass(at, next - at);
    return;
  }
  serverEdits.pass(at, 3);
  serverEdits.drop();
  serverEdits.write(isLast ? SPACE : HYPHEN, 1);
  // A code may stand alone in its line.
  const rest = contentEnd(at, next - 1) - at > 3 ? at + 4 : at + 3;
  serverEdits.pass(rest, next - rest);
}

/** Whether the line at `at`, not the first of the reply, is taken out. */
function isStripped(s: Session, reply: Reply, at: usize, stripped: u32, owns: bool): bool {
  if (at == reply.start) return false;
  const end = contentEnd(at, lineEnd(at, reply.next) - 1);
  return (capabilityOf(at, end) & stripped) != 0 || (owns && announcesOwnForbidden(s, at, end));
}

/** The end of the content of one of our own lines. */
function contentOf(line: ArrayBuffer): usize {
  return changetype<usize>(line) + <usize>line.byteLength - 2;
}

const SPACE: usize = memory.data<u8>([0x20]);
const HYPHEN: usize = memory.data<u8>([0x2d]);
const OFFER: ArrayBuffer = String.UTF8.encode("250-STARTTLS\r\n");
const OFFER_LAST: ArrayBuffer = String.UTF8.encode("250 STARTTLS\r\n");
