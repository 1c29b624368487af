import { Ruling, WordRule } from "../policy/word-rule";
import { Command } from "../smtp/command";
import { Path } from "../smtp/path";
import { isBlank, skipToken, spells, wordEnd, wordStart } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { verbOf } from "../smtp/verb-spelling";
import { Reason } from "./generated-reasons";

/** The verb of an extension that the policy's "ehlo_keywords" forbids, whether the server offers it or not. */
export function forbiddenVerb(command: Command, rule: WordRule): Reason {
  const start = wordStart(command.verbStart, command.verbEnd);
  const end = wordEnd(start, command.verbEnd);
  const length = <i32>(end - start);
  // Before a VT the verb is none to us, but to some server it is.
  const verb = command.verb == Verb.invalid ? verbOf(start, length) : command.verb;
  if (!isExtension(verb, rule.ruling)) return Reason.none;
  const isInvalid = verb == Verb.invalid || (command.verb == Verb.invalid && verb <= Verb.x_other);
  if (isInvalid && rule.ruling == Ruling.allow) return Reason.none;
  const isForbidden =
    verb == Verb.bdat ? rule.forbidsName("CHUNKING") : rule.forbids(start, <usize>length, true);
  return isForbidden ? Reason.forbidden_extension_verb : Reason.none;
}

/**
 * Whether a verb is an extension's. EXPN must be offered, VRFY and HELP need not be (RFC 5321 3.5.2), so that only naming them
 * forbids them.
 */
function isExtension(verb: Verb, ruling: Ruling): bool {
  if (verb == Verb.vrfy || verb == Verb.help) return ruling == Ruling.deny;
  if (verb == Verb.expn) return true;
  const isBasic = verb >= Verb.helo && verb <= Verb.quit;
  return !isBasic && verb != Verb.empty && verb != Verb.lhlo;
}

/** A parameter of MAIL or RCPT, or SMTPUTF8 of VRFY or EXPN (RFC 6531 3.7.4.2), of a forbidden extension. */
export function forbiddenParameter(command: Command, path: Path, rule: WordRule): Reason {
  const verb = command.verb;
  let at = command.argumentEnd;
  if (verb == Verb.mail || verb == Verb.rcpt) {
    // What we cannot read as a path some server may.
    at = path.found ? path.next : skipToken(command.argument, command.argumentEnd);
  } else if (verb == Verb.vrfy || verb == Verb.expn) {
    at = skipToken(command.argument, command.argumentEnd);
    const asks = rule.forbidsName("SMTPUTF8") && command.hasWord("SMTPUTF8", at);
    return asks ? Reason.forbidden_extension_parameter : Reason.none;
  }
  while (at < command.argumentEnd) {
    const end = parameterEnd(at, command.argumentEnd);
    if (end != at && isForbiddenParameter(at, end, rule)) return Reason.forbidden_extension_parameter;
    at = end + 1;
  }
  return Reason.none;
}

/** Where the parameter at `from` ends: at a blank, or at another control character, which Exim takes for one. */
function parameterEnd(from: usize, to: usize): usize {
  let at = from;
  while (at < to && load<u8>(at) > 0x20) at++;
  return at;
}

/** A command after an unanswered one where PIPELINING is forbidden. */
export function forbiddenPipelining(unanswered: bool, rule: WordRule): Reason {
  return unanswered && rule.forbidsName("PIPELINING") ? Reason.forbidden_extension_pipelining : Reason.none;
}

/** Whether the EHLO keyword at the start of [from, to) is forbidden. `AUTH=LOGIN`, as servers before RFC 2554 wrote, is AUTH. */
export function isForbiddenKeyword(from: usize, to: usize, rule: WordRule): bool {
  const end = wordEnd(from, to);
  const length = <i32>(end - from);
  // While it was an experiment Exim wrote it otherwise (doc/doc-txt/experimental-spec.txt).
  if (spells(from, length, "PIPE_CONNECT") || spells(from, length, "X_PIPE_CONNECT")) {
    if (rule.words.hasName("PIPECONNECT")) return rule.ruling == Ruling.deny;
  }
  return isForbiddenWord(from, end, to, rule);
}

function isForbiddenParameter(from: usize, to: usize, rule: WordRule): bool {
  const end = wordEnd(from, to);
  const length = <i32>(end - from);
  if (spells(from, length, "BODY")) {
    const isBinary = end < to && spells(end + 1, <i32>(to - end - 1), "BINARYMIME");
    return rule.forbidsName(isBinary ? "BINARYMIME" : "8BITMIME");
  }
  const extension = extensionOf(from, length);
  return extension.length > 0 ? rule.forbidsName(extension) : isForbiddenWord(from, end, to, rule);
}

/** [from, end) is the word, and what follows up to `to` is its value. */
function isForbiddenWord(from: usize, end: usize, to: usize, rule: WordRule): bool {
  const whole = end == to || load<u8>(end) == 0x3d || isBlank(load<u8>(end));
  return rule.forbids(from, end - from, whole);
}

/** The extension of a parameter that has not the extension's own name: RFC 3461, 2852, 4865, 3865 and 1845. */
function extensionOf(from: usize, length: i32): string {
  if (spells(from, length, "RET") || spells(from, length, "ENVID")) return "DSN";
  if (spells(from, length, "NOTIFY") || spells(from, length, "ORCPT")) return "DSN";
  if (spells(from, length, "BY")) return "DELIVERBY";
  if (spells(from, length, "HOLDFOR") || spells(from, length, "HOLDUNTIL")) return "FUTURERELEASE";
  if (spells(from, length, "SOLICIT")) return "NO-SOLICITING";
  return spells(from, length, "TRANSID") ? "CHECKPOINT" : "";
}
