import { Policy } from "../policy/policy";
import { Protection } from "../protections/catalogue";
import { announcesForbidden, forbiddenCommand } from "../protections/forbidden_command";
import {
  forbiddenParameter,
  forbiddenPipelining,
  forbiddenVerb,
  isForbiddenKeyword,
} from "../protections/forbidden_extension";
import { preventedIn, Session } from "../session/session";
import { Command } from "../smtp/command";
import { Path } from "../smtp/path";
import { skipBlanks } from "../smtp/scan";
import { Findings } from "./findings";
import { isOn } from "./judge";
import { firstSide, nextSide, policyOf, Side } from "./side";

/** Judges a command by the rules of the operator's own, where a policy has some. `unanswered`: another one waits for its reply. */
export function judgeOwnRules(
  s: Session,
  command: Command,
  path: Path,
  unanswered: bool,
  findings: Findings,
): void {
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const policy = policyOf(s, side);
    if (policy.commands.isSet) findings.addFor(s, side, forbiddenCommand(command, policy.commands));
    const keywords = policy.ehloKeywords;
    if (!keywords.isSet) continue;
    findings.addFor(s, side, forbiddenVerb(command, keywords));
    findings.addFor(s, side, forbiddenParameter(command, path, keywords));
    findings.addFor(s, side, forbiddenPipelining(unanswered, keywords));
  }
}

/** Whether lines are taken out of the EHLO reply because of such rules: never where they only detect. */
export function stripsByOwnRules(s: Session): bool {
  if (!changetype<Policy>(s.policy).hasOwnRules) return false;
  const prevented = preventedIn(s);
  return isOn(prevented, Protection.forbidden_command) || isOn(prevented, Protection.forbidden_extension);
}

/** Whether the line of an EHLO reply with the content [from, end), not its first, announces what such a rule forbids. */
export function announcesOwnForbidden(s: Session, from: usize, end: usize): bool {
  const policy = changetype<Policy>(s.policy);
  const prevented = preventedIn(s);
  const keyword = end - from < 5 ? end : skipBlanks(from + 4, end);
  if (
    isOn(prevented, Protection.forbidden_extension) &&
    isForbiddenKeyword(keyword, end, policy.ehloKeywords)
  )
    return true;
  return isOn(prevented, Protection.forbidden_command) && announcesForbidden(keyword, end, policy.commands);
}
