/** What `smtp-inspector explain commands` and `… ehlo_keywords` say: keys of a policy that are no protections themselves. */
import { KNOWN_KEYWORDS, KNOWN_VERBS } from "../pages/own-words.js";
import { OWN_RULES } from "../pages/schema-own-rules.js";

interface Key {
  description: string;
  properties: Record<string, { description: string }>;
}

const SEE_ALSO: Readonly<Record<string, { id: string; known: readonly string[]; example: string }>> = {
  commands: {
    id: "forbidden_command",
    known: KNOWN_VERBS,
    example: '{ "commands": { "deny": ["VRFY", "EXPN"], "reply": "550 5.7.1 Not here" } }',
  },
  ehlo_keywords: {
    id: "forbidden_extension",
    known: KNOWN_KEYWORDS,
    example: '{ "ehlo_keywords": { "deny": ["CHUNKING", "SMTPUTF8"] } }',
  },
};

/** Keys that this explains. */
export const OWN_RULE_KEYS: readonly string[] = Object.keys(SEE_ALSO);

/** @param key one of `OWN_RULE_KEYS` @param wrapped breaks a text into lines that begin with the second argument */
export function ownRuleText(key: string, wrapped: (text: string, indent: string) => string): string {
  const { description, properties } = OWN_RULES[key] as Key;
  const { id, known, example } = SEE_ALSO[key] as (typeof SEE_ALSO)[string];
  const members = Object.entries(properties).flatMap(([name, member]) => [
    `  ${name}:`,
    wrapped(member.description, "    "),
  ]);
  return `${[
    key,
    wrapped(`${description} A rule of your own, a key of the policy.`, ""),
    "",
    ...members,
    "",
    "Known words, though any word may be listed:",
    wrapped(known.join(" "), "  "),
    "",
    `Example: ${example}`,
    `See also: ${id}, and "Your own rules" in envoy/README.md.`,
  ].join("\n")}\n`;
}
