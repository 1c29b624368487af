/** What lint says about rules of the operator's own: keys "commands" and "ehlo_keywords" of a valid policy. */
import { KEYWORD_OF, KNOWN_KEYWORDS, KNOWN_VERBS, MINIMUM_VERBS } from "../pages/own-words.js";
import { nearest } from "./nearest.js";
import type { Problem } from "./problem.js";

/** One of the two keys. */
export interface WordRule {
  allow?: string[];
  deny?: string[];
}

/** The parts of a policy that this is about. */
export interface OwnRules {
  commands?: WordRule;
  ehlo_keywords?: WordRule;
}

/** A problem with its place in the policy's text, in UTF-16 units. */
type Found = Omit<Problem, "offset"> & { at: number };

/** @param modes the mode of each protection @param offersStarttls the policy's `starttls.terminate` */
export function ownRuleAdvice(
  text: string,
  rules: OwnRules,
  modes: ReadonlyMap<string, string>,
  offersStarttls: boolean,
): Found[] {
  const { commands, ehlo_keywords: keywords } = rules;
  const found: Found[] = [];
  if (commands !== undefined) {
    found.push(...idle(text, "commands", "forbidden_command", modes));
    found.push(...wordsOf(commands).flatMap((word) => strangeVerb(text, word)));
    if (modes.get("forbidden_command") === "prevent") found.push(...minimum(text, commands));
  }
  if (keywords !== undefined) {
    found.push(...idle(text, "ehlo_keywords", "forbidden_extension", modes));
    found.push(...wordsOf(keywords).flatMap((word) => strangeKeyword(text, word)));
  }
  if (offersStarttls && hidesStarttls(rules, modes)) {
    const what = "STARTTLS is forbidden, so that the filter does not offer it, though it should terminate it";
    const key = isForbidden(keywords, "STARTTLS") ? "ehlo_keywords" : "commands";
    found.push({ at: keyAt(text, key), level: "warning", what, fix: `let "${key}" pass STARTTLS` });
  }
  return found;
}

/** Whether STARTTLS is neither offered nor let through. */
export function hidesStarttls(rules: OwnRules, modes: ReadonlyMap<string, string>): boolean {
  return (
    (isForbidden(rules.commands, "STARTTLS") && modes.get("forbidden_command") === "prevent") ||
    (isForbidden(rules.ehlo_keywords, "STARTTLS") && modes.get("forbidden_extension") === "prevent")
  );
}

function isForbidden(rule: WordRule | undefined, word: string): boolean {
  if (rule === undefined) return false;
  return wordsOf(rule).some((each) => each.toUpperCase() === word) === (rule.deny !== undefined);
}

const wordsOf = ({ allow, deny }: WordRule): readonly string[] => allow ?? deny ?? [];

/** A rule whose protection does not prevent. */
function idle(text: string, key: string, id: string, modes: ReadonlyMap<string, string>): Found[] {
  const mode = modes.get(id);
  if (mode === "prevent") return [];
  const what = `"${key}" ${mode === "off" ? "does nothing" : "refuses nothing and takes nothing out"}: ${id} is ${mode}`;
  const level = mode === "off" ? "warning" : "note";
  return [{ at: keyAt(text, key), level, what, fix: `set "${id}": "prevent" if that is not what you want` }];
}

/** A server must have these verbs, but may disable VRFY. */
function minimum(text: string, rule: WordRule): Found[] {
  const refused = MINIMUM_VERBS.filter((verb) => isForbidden(rule, verb));
  const firm = refused.filter((verb) => verb !== "VRFY");
  const fix = rule.allow === undefined ? 'take them out of "deny"' : 'add them to "allow"';
  const at = keyAt(text, "commands");
  if (firm.length > 0) {
    const what = `${firm.join(", ")} ${firm.length > 1 ? "are" : "is"} refused, which RFC 5321 4.5.1 asks of every server`;
    return [{ at, level: "warning", what, fix: firm.length > 1 ? fix : fix.replace("them", "it") }];
  }
  if (refused.length === 0) return [];
  const what = "VRFY is refused, which RFC 5321 4.5.1 asks of every server and 7.3 lets a site disable";
  return [{ at, level: "note", what, fix: "nothing, if nobody uses it" }];
}

function strangeVerb(text: string, word: string): Found[] {
  const at = wordAt(text, "commands", word);
  const upper = word.toUpperCase();
  if (KNOWN_VERBS.includes(upper) || upper === "QUIT") return [];
  if (KNOWN_KEYWORDS.includes(upper)) {
    const what = `"${word}" is a keyword of EHLO and no verb`;
    return [{ at, level: "warning", what, fix: 'name it in "ehlo_keywords"' }];
  }
  return mistyped(at, word, "verb", KNOWN_VERBS);
}

function strangeKeyword(text: string, word: string): Found[] {
  const at = wordAt(text, "ehlo_keywords", word);
  const upper = word.toUpperCase();
  if (KNOWN_KEYWORDS.includes(upper)) return [];
  const announcing = KEYWORD_OF.get(upper);
  if (announcing !== undefined) {
    const what = `"${word}" is no keyword of EHLO`;
    return [{ at, level: "warning", what, fix: `write "${announcing}", which announces it` }];
  }
  if (KNOWN_VERBS.includes(upper) || upper === "QUIT") {
    const what = `"${word}" is a verb and no keyword of EHLO`;
    return [{ at, level: "warning", what, fix: 'name it in "commands"' }];
  }
  return mistyped(at, word, "keyword", KNOWN_KEYWORDS);
}

/** A word that nobody knows and that is near a known one. A private one begins with X, and so must what it is taken for. */
function mistyped(at: number, word: string, kind: string, known: readonly string[]): Found[] {
  const isPrivate = /^x/i.test(word);
  const near = nearest(
    word,
    known.filter((each) => each.startsWith("X") === isPrivate),
  );
  if (near === null) return [];
  const what = `"${word}" is no known ${kind}`;
  return [{ at, level: "warning", what, fix: `did you mean "${near}"? A private one of yours is fine` }];
}

/** Where a key of the policy stands, or a word after it. */
const keyAt = (text: string, key: string): number => Math.max(0, text.indexOf(`"${key}"`));

function wordAt(text: string, key: string, word: string): number {
  const after = keyAt(text, key);
  const at = text.indexOf(`"${word}"`, after);
  return at < 0 ? after : at;
}
