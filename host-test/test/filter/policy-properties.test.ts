/** Any bytes at all as a policy: nothing traps, and the filter takes exactly what `JSON.parse` and the schema take. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ADDRESSES, EXCERPTS, type IntegerField, LIMITS } from "../../../assembly/policy/fields.js";
import { PAGES } from "../../pages/generated-pages.js";
import { MODES, PROFILES } from "../../pages/words.js";
import { Plugin } from "../../host/plugin.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { hasDuplicateKeys, hasRoundedNumber, samples, schemaAccepts } from "../support/policies.js";

const plugin = Plugin.load(
  new Uint8Array(readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url))),
);
afterAll(() => plugin.shutdown());

/** Whether the filter takes the policy; a refusal must be its own line, not a trap. */
function filterAccepts(policy: Uint8Array): boolean {
  plugin.logs.length = 0;
  const accepted = plugin.update(policy);
  if (!accepted)
    expect(plugin.logs.at(-1)?.message).toMatch(/^policy refused at \$[ -~…]* \(offset \d+\): [ -~…]+$/);
  plugin.drainOld();
  return accepted;
}

function othersAccept(policy: Uint8Array): boolean {
  if (policy.length === 0) return true;
  return schemaAccepts(policy) === true && !hasDuplicateKeys(policy) && !hasRoundedNumber(policy);
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const network = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.option(fc.integer({ min: 0, max: 140 })))
  .map(([address, prefix]) => (prefix === null ? address : `${address}/${prefix}`));

const verb = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);

/** An object with some of the members. */
function some(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return fc.record(members, { requiredKeys: [] });
}

const protections = some(
  Object.fromEntries(
    PAGES.map(({ id, actions, options }) => {
      const own = options.map(({ key, type }) => [
        key,
        type === "flag" ? fc.boolean() : fc.array(verb, { maxLength: 4 }),
      ]);
      const mode = fc.constantFrom(...MODES);
      const action = fc.constantFrom(...actions);
      const object = some({
        mode,
        action,
        exempt_sources: fc.array(network, { maxLength: 4 }),
        ...(Object.fromEntries(own) as Record<string, fc.Arbitrary<unknown>>),
      });
      return [id, fc.oneof(mode, object)];
    }),
  ),
);

const keyword = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const reply = fc.oneof(
  fc.stringMatching(/^[45][0-6][0-9][ -][245](\.[0-9]{1,4}){2,3} [ -~]{0,9}$/),
  fc.stringMatching(/^[ -~é]{0,20}$/),
);

/** Mostly valid, but for both lists or none and some replies. */
const ownRules = {
  commands: some({
    allow: fc.array(verb, { maxLength: 4 }),
    deny: fc.array(fc.oneof(verb, fc.constantFrom("QUIT", "quit", "QUITS")), { maxLength: 4 }),
    reply,
  }),
  ehlo_keywords: some({
    allow: fc.array(keyword, { maxLength: 4 }),
    deny: fc.array(keyword, { maxLength: 4 }),
  }),
};
const bounds = (has: (field: IntegerField) => boolean): fc.Arbitrary<unknown> =>
  some(
    Object.fromEntries(
      LIMITS.filter(has).map(({ key, least, most }) => [key, fc.integer({ min: least, max: most })]),
    ),
  );

/** Mostly valid policies: a network's prefix may be too long. */
const policy = some({
  stat_prefix: fc.stringMatching(/^[A-Za-z0-9_]{1,64}$/),
  profile: fc.constantFrom(...PROFILES),
  protections,
  limits: bounds(() => true),
  events: some({
    max_per_second: fc.integer({ min: 0, max: 10000 }),
    excerpt: fc.constantFrom(...EXCERPTS),
    addresses: fc.constantFrom(...ADDRESSES),
    address_key: fc.stringMatching(/^[0-9A-Fa-f]{32}$/),
  }),
  exempt_sources: fc.array(network, { maxLength: 4 }),
  trusted_sources: fc.array(network, { maxLength: 4 }),
  ...ownRules,
  shadow: some({
    profile: fc.constantFrom(...PROFILES),
    protections,
    limits: bounds((field) => field.isShadows),
    exempt_sources: fc.array(network, { maxLength: 4 }),
    trusted_sources: fc.array(network, { maxLength: 4 }),
    ...ownRules,
  }),
}).chain((value) => fc.constantFrom(0, 1, 2).map((indent) => bytesOf(JSON.stringify(value, null, indent))));

/** Words that JSON readers stumble on. */
const WORDS = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  "\n",
  "0",
  "-",
  ".",
  "e9",
  "E-1",
  "null",
  "true",
  '""',
  "\\u0041",
]
  .map(bytesOf)
  .concat(new Uint8Array([0x00]), new Uint8Array([0xc3]), new Uint8Array([0xef, 0xbb, 0xbf]));

const edit = fc.record({
  at: fc.nat(4000),
  cut: fc.constantFrom(0, 0, 1, 1, 2, 7),
  insert: fc.oneof(
    fc.constant(new Uint8Array()),
    fc.constantFrom(...WORDS),
    fc.uint8Array({ minLength: 1, maxLength: 3 }),
  ),
});

/** `original` with bytes taken out and put in at a few places. */
const mutated = (original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(original, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([bytes, edits]) =>
    edits.reduce((now, { at, cut, insert }) => {
      const from = at % (now.length + 1);
      return new Uint8Array([...now.subarray(0, from), ...insert, ...now.subarray(from + cut)]);
    }, bytes),
  );

const check = (arbitrary: fc.Arbitrary<Uint8Array>, numRuns: number): void =>
  fc.assert(
    fc.property(arbitrary, (bytes) => {
      expect(filterAccepts(bytes)).toBe(othersAccept(bytes));
    }),
    parameters(numRuns),
  );

const corpus = ["accepted", "accepted-as-text", "refused", "refused-as-text"].flatMap(samples);
const sample = fc.constantFrom(...corpus.map(({ bytes }) => bytes).filter(({ length }) => length < 4000));

test("policies", () => check(policy, 300), TIMEOUT_MS);
const onlyRules = some(ownRules).map((value) => bytesOf(JSON.stringify(value)));
test("rules of the operator's own", () => check(onlyRules, 1000), TIMEOUT_MS);
test("policies with a few bytes changed", () => check(mutated(policy), 700), TIMEOUT_MS);
test("files of the corpus with a few bytes changed", () => check(mutated(sample), 1000), TIMEOUT_MS);
const number = fc.tuple(
  fc.constantFrom("", "", "-"),
  fc.array(fc.constantFrom("0", "1", "9", "10", "00", ".", "e", "E-", "e+", "5"), {
    minLength: 1,
    maxLength: 6,
  }),
);
const limits = number.map(([sign, parts]) =>
  bytesOf(`{"events":{"max_per_second":${sign}${parts.join("")}}}`),
);
test("numbers in any spelling", () => check(limits, 1000), TIMEOUT_MS);
test("any JSON", () => check(fc.json().map(bytesOf), 200), TIMEOUT_MS);
test("any bytes", () => check(fc.uint8Array({ maxLength: 200 }), 300), TIMEOUT_MS);
test(
  "files of the corpus cut anywhere",
  () => {
    for (const { bytes } of corpus) {
      for (let end = 0; end < Math.min(bytes.length, 120); end++) {
        const part = bytes.subarray(0, end);
        expect(filterAccepts(part), new TextDecoder().decode(part)).toBe(othersAccept(part));
      }
    }
  },
  TIMEOUT_MS,
);
