import { Ruling, WordRule } from "../policy/word-rule";
import { Command } from "../smtp/command";
import { spells, wordEnd, wordStart } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { verbOf } from "../smtp/verb-spelling";
import { Reason } from "./generated-reasons";

/**
 * A verb that the policy's "commands" does not let through. QUIT always passes: without it no client could leave (RFC 5321
 * 4.1.1.10). A line without a verb is no command.
 */
export function forbiddenCommand(command: Command, rule: WordRule): Reason {
  const verb = command.verb;
  if (verb == Verb.quit || verb == Verb.empty) return Reason.none;
  const from = command.verbStart;
  const to = command.verbEnd;
  // Exim and sendmail end a verb at VT and FF, too, and sendmail skips them before it: what is denied is denied with them.
  const start = wordStart(from, to);
  const end = wordEnd(start, to);
  if (!rule.forbids(start, end - start, start == from && end == to)) return Reason.none;
  return rule.ruling == Ruling.allow ? Reason.forbidden_command_not_allowed : Reason.forbidden_command_denied;
}

/** Whether the EHLO keyword at the start of [from, to) announces a verb that `rule` refuses. */
export function announcesForbidden(from: usize, to: usize, rule: WordRule): bool {
  const end = wordEnd(from, to);
  const length = <i32>(end - from);
  // RFC 3030 2: CHUNKING is the keyword of BDAT.
  if (spells(from, length, "CHUNKING")) return rule.forbidsName("BDAT");
  // Most keywords are no verbs, and the list says nothing of them.
  if (rule.ruling == Ruling.allow && verbOf(from, length) <= Verb.x_other) return false;
  return rule.forbids(from, <usize>length, true);
}
