/**
 * Writes `envoy/policy.schema.json` from the pages and from the fields that the filter itself reads, so that an editor
 * accepts and refuses what the filter does.
 */
import {
  ADDRESS_KEY,
  ADDRESSES,
  EVENTS_PER_SECOND,
  EXCERPTS,
  type IntegerField,
  LIMITS,
  NAME_LENGTH,
  ORIGINATE_WORDS,
  REQUIRE_WORDS,
  SESSIONS,
  STAT_PREFIX_LENGTH,
} from "../../assembly/policy/fields.js";
import { aboutInteger } from "./integers.js";
import type { OptionFacts, Page, ReasonFacts } from "./page.js";
import { EXEMPT_SOURCES, NETWORKS, type Schema, TRUSTED_SOURCES, VERBS } from "./schema-lists.js";
import { OWN_RULES } from "./schema-own-rules.js";
import { MODES, PROFILES } from "./words.js";

export type { Schema };

/** The policy's schema (JSON Schema draft 2020-12). */
export function policySchema(pages: readonly Page[]): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Policy of smtp-inspector",
    description:
      "What the SMTP filter does with each protection. Beyond this schema the filter refuses duplicate keys and a byte order mark.",
    ...members({
      stat_prefix: STAT_PREFIX,
      profile: PROFILE,
      protections: {
        description: "Protections by id: a mode, or an object.",
        ...members(Object.fromEntries(pages.map((page) => [page.id, protection(page)]))),
      },
      limits: limits(LIMITS),
      events: events(),
      starttls: {
        description:
          "STARTTLS that the filter answers or asks for itself, so that it can read inside TLS; it needs the switch of envoy/starttls in the filter chain.",
        ...members(STARTTLS),
      },
      ...OWN_RULES,
      exempt_sources: EXEMPT_SOURCES,
      trusted_sources: TRUSTED_SOURCES,
      shadow: shadow(),
    }),
    $defs: { mode: { enum: MODES }, networks: NETWORKS, verbs: VERBS },
  };
}

/** In the order of `SHADOW_KEYS`. */
function shadow(): Schema {
  return {
    description:
      "A second policy, judged on the same bytes without acting: statistics, events and the summary of a session say under shadow what it would have done. Everything else is as in the policy around it.",
    ...members({
      profile: PROFILE,
      protections: { $ref: "#/properties/protections" },
      limits: limits(LIMITS.filter((field) => field.isShadows)),
      exempt_sources: EXEMPT_SOURCES,
      trusted_sources: TRUSTED_SOURCES,
      commands: { $ref: "#/properties/commands" },
      ehlo_keywords: { $ref: "#/properties/ehlo_keywords" },
    }),
  };
}

function limits(fields: readonly IntegerField[]): Schema {
  const fieldsByKey = fields.map((field) => [field.key, integer(field)]);
  return { description: "Bounds of one connection.", ...members(Object.fromEntries(fieldsByKey)) };
}

function events(): Schema {
  return {
    description: "The findings and session records on Envoy's log.",
    ...members({
      [EVENTS_PER_SECOND.key]: integer(EVENTS_PER_SECOND),
      excerpt: EXCERPT,
      addresses: SHOWN_ADDRESSES,
      sessions: LOGGED_SESSIONS,
      address_key: HASH_KEY,
    }),
  };
}

/** An object of exactly these members, each of them optional. */
function members(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, properties };
}

function integer(field: IntegerField): Schema {
  const { summary, source } = aboutInteger(field.key);
  return {
    description: `${summary} Reason: ${source}.`,
    type: "integer",
    minimum: field.least,
    maximum: field.most,
    default: field.initial,
  };
}

function protection({ id, summary, sources, modes, actions, reasons, options }: Page): Schema {
  return {
    title: id,
    description: `${summary} Recommended: ${modes.recommended}; strict: ${modes.strict}; submission: ${modes.submission}. Source: ${sources}.`,
    default: modes.recommended,
    anyOf: [
      MODE,
      members({
        mode: MODE,
        action: {
          description: 'What mode "prevent" does.',
          enum: [...actions].sort(),
          default: actions[0],
        },
        exempt_sources: { $ref: "#/$defs/networks" },
        reasons: {
          description:
            "The strongest mode for single reasons of this protection; it never exceeds the mode above.",
          ...members(Object.fromEntries(reasons.map((reason) => [reason.id, reasonMode(reason)]))),
        },
        ...Object.fromEntries(options.map((each) => [each.key, option(each)])),
      }),
    ],
  };
}

function reasonMode({ modes, meaning }: ReasonFacts): Schema {
  const text = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
  return {
    ...MODE,
    description: `${text} Recommended: ${modes.recommended}; strict: ${modes.strict}; submission: ${modes.submission}.`,
  };
}

function option({ type, initial, least, most, meaning: description }: OptionFacts): Schema {
  if (type === "verbs") return { description, $ref: "#/$defs/verbs" };
  if (type === "name") return { description, type: "string", pattern: RESOURCE_NAME, default: "" };
  if (type === "flag") return { description, type: "boolean", default: initial };
  return { description, type: "integer", minimum: least, maximum: most, default: initial };
}

const RESOURCE_NAME = `^[!#-\\[\\]-~]{0,${NAME_LENGTH}}$`;

const STAT_PREFIX: Schema = {
  description: "Second part of every statistic's name: smtp.<stat_prefix>.…",
  type: "string",
  pattern: `^[A-Za-z0-9_]{1,${STAT_PREFIX_LENGTH}}$`,
  default: "default",
};

/** Members of the key "starttls". */
export const STARTTLS: Schema = {
  terminate: {
    description:
      "Whether the filter offers STARTTLS to the client, answers it, and reads on inside TLS; the server does not see it.",
    type: "boolean",
    default: false,
  },
  originate: {
    description:
      "When the filter asks the server for TLS after its reply to EHLO: never; where it is offered, else in clear; always, else the session ends.",
    enum: ORIGINATE_WORDS,
    default: "never",
  },
  require: {
    description:
      "What a client may not do before TLS: auth: authenticate (538); mail: anything but what RFC 3207 4 leaves (530), which a public MX must not ask for.",
    enum: REQUIRE_WORDS,
    default: "never",
  },
};

const PROFILE: Schema = {
  description:
    "Modes of the protections that the policy does not name. monitor: all detect; recommended: the catalogue's; strict: every protection that can prevent does; submission: for ports 587 and 465.",
  enum: PROFILES,
  default: "recommended",
};

const EXCERPT: Schema = {
  description: "How much of the offending bytes an event shows. Credentials are masked whatever this says.",
  enum: EXCERPTS,
  default: "masked",
};

const SHOWN_ADDRESSES: Schema = {
  description:
    "How an event shows mail_from and rcpt_to: as they are, only what is after the @, a hash under address_key, or not at all. With anything but full, an excerpt that may hold an address shows its shape only.",
  enum: ADDRESSES,
  default: "full",
};

const LOGGED_SESSIONS: Schema = {
  description:
    "Which session records are also written to the log, one line at the end of a session: none, those of sessions with a finding, all. Filter state has each of them.",
  enum: SESSIONS,
  default: "findings",
};

const HASH_KEY: Schema = {
  description:
    "Secret key of hashed addresses, hexadecimal (SipHash-2-4). The same key gives the same hash for an address, in all workers and after a restart. Without a secret key anybody can try addresses until a hash fits.",
  type: "string",
  pattern: `^[0-9A-Fa-f]{${ADDRESS_KEY.length}}$`,
  default: ADDRESS_KEY,
};

const MODE: Schema = { $ref: "#/$defs/mode" };
