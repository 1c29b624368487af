/** Any policy of which generated sessions notice something: modes, actions, low limits, rules of the operator's own. */
import fc from "fast-check";
import { PAGES } from "../../pages/generated-pages.js";
import { MODES, PROFILES } from "../../pages/words.js";

/** Where the Node host's clients come from, and elsewhere. */
const SOURCES = [["192.0.2.0/24"], ["198.51.100.0/24"]];

/** Options at which a short session has too much of something. */
const LOW: Record<string, object> = {
  too_many_errors: { replies: 2, unknown_verbs: 1 },
  junk_command_flood: { commands: 1 },
  auth_failures: { failures: 1 },
  recipient_harvest: { refused: 1 },
  path_too_long: { local_part: 64, domain: 64, path: 128 },
  header_too_long: { name_bytes: 32, line_bytes: 80 },
  recipient_no_domain: { require_fqdn: true },
  command_out_of_sequence: { require_auth: true },
  non_compliant_smtp: { empty_line: true },
};

const some = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(members, { requiredKeys: [] });

const protection = (page: (typeof PAGES)[number]): fc.Arbitrary<[string, object]> =>
  fc
    .tuple(
      fc.constantFrom(...MODES, "prevent"),
      fc.option(fc.constantFrom(...page.actions), { nil: undefined }),
      fc.boolean(),
      fc.option(fc.constantFrom(...SOURCES), { nil: undefined, freq: 6 }),
    )
    .map(([mode, action, isLow, exempt_sources]) => [
      page.id,
      { mode, action, exempt_sources, ...(isLow ? LOW[page.id] : {}) },
    ]);

const words = (all: string[]): fc.Arbitrary<object> =>
  fc.tuple(fc.constantFrom("allow", "deny"), fc.subarray(all)).map(([ruling, list]) => ({ [ruling]: list }));

/** A policy without a shadow. */
export const policies: fc.Arbitrary<object> = some({
  profile: fc.constantFrom(...PROFILES),
  protections: fc
    .subarray([...PAGES], { maxLength: 30 })
    .chain((pages) => fc.tuple(...pages.map(protection)))
    .map((list) => Object.fromEntries(list)),
  commands: words(["EHLO", "HELO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "AUTH", "VRFY"]),
  ehlo_keywords: words(["PIPELINING", "CHUNKING", "SIZE", "AUTH", "STARTTLS", "8BITMIME", "DSN"]),
  limits: some({
    rejected_commands: fc.constantFrom(1, 3),
    pending_commands: fc.constantFrom(100, 200),
  }),
  exempt_sources: fc.constantFrom(...SOURCES),
  trusted_sources: fc.constantFrom(...SOURCES),
});
