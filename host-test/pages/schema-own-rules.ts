/** The part of the policy's schema about rules of the operator's own: keys "commands" and "ehlo_keywords". */
import { REPLY_LENGTH, VERB_LENGTH, VERBS_MOST } from "../../assembly/policy/fields.js";
import { KNOWN_KEYWORDS, KNOWN_VERBS } from "./own-words.js";

type Schema = Readonly<Record<string, unknown>>;

/** Members of the key "commands". */
const COMMANDS: Schema = {
  allow: words(
    "The only verbs that a client may use, beside QUIT. Upper and lower case are the same.",
    `^[A-Za-z0-9-]{1,${VERB_LENGTH}}$`,
    KNOWN_VERBS,
    ["EHLO", "MAIL", "RCPT", "DATA"],
  ),
  deny: words(
    "Verbs that a client may not use. Upper and lower case are the same. QUIT cannot be denied.",
    `^(?![Qq][Uu][Ii][Tt]$)[A-Za-z0-9-]{1,${VERB_LENGTH}}$`,
    KNOWN_VERBS,
    ["VRFY", "EXPN"],
  ),
  reply: {
    description:
      'What the client reads in place of "502 5.5.1 forbidden_command: rejected by policy": a code of 4xx or 5xx but 421, an enhanced code of the same class, and text.',
    type: "string",
    maxLength: REPLY_LENGTH,
    pattern: "^(?!421)(4[0-5][0-9] 4|5[0-5][0-9] 5)(\\.[0-9]{1,3}){2} [!-~][ -~]*$",
    examples: ["550 5.7.1 Not here"],
  },
};

const KEYWORD = `^[A-Za-z0-9_-]{1,${VERB_LENGTH}}$`;

/** Members of the key "ehlo_keywords". */
const EHLO_KEYWORDS: Schema = {
  allow: words(
    "The only extensions, by their keywords, that a client is offered and may use. Upper and lower case are the same.",
    KEYWORD,
    KNOWN_KEYWORDS,
    ["SIZE", "8BITMIME"],
  ),
  deny: words(
    "Extensions, by their keywords, that are taken out of the reply to EHLO and that a client may not use. Upper and lower case are the same.",
    KEYWORD,
    KNOWN_KEYWORDS,
    ["CHUNKING", "SMTPUTF8"],
  ),
};

/** The two keys. */
export const OWN_RULES: Schema = {
  commands: rule(
    "Which verbs a client may use: those of allow, or all but those of deny. forbidden_command finds the others and refuses them.",
    COMMANDS,
  ),
  ehlo_keywords: rule(
    "Which extensions a client is offered and may use: those of allow, or all but those of deny. forbidden_extension finds the use of the others; in prevent they are taken out of the reply to EHLO.",
    EHLO_KEYWORDS,
  ),
};

/** An object with exactly one of the two lists. */
function rule(description: string, properties: Schema): Schema {
  const oneOf = [{ required: ["allow"] }, { required: ["deny"] }];
  return { description, type: "object", additionalProperties: false, properties, oneOf };
}

/** @param known what an editor suggests; any other word that fits the pattern is taken as well */
function words(description: string, pattern: string, known: readonly string[], examples: string[]): Schema {
  const items = { anyOf: [{ enum: known }, { type: "string", pattern }], examples };
  return { description, type: "array", maxItems: VERBS_MOST, items };
}
