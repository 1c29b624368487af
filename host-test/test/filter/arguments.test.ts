/** Paths and parameters against the grammar of their RFCs: what is found is what the grammar says, and never passes. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { damagedPath, goodPath, someParameters } from "../support/arbitrary-arguments.js";
import { foundInParameters, foundInPath, isPath, isRecipient } from "../support/argument-model.js";
import { RecipientFilter } from "../support/recipient-filter.js";

const MOST = { local_part: 64, domain: 64, path: 128 };
const all = (...reasons: string[]): Record<string, string> =>
  Object.fromEntries(reasons.map((reason) => [reason, "prevent"]));
/** Each of them prevents by each reason; the others only watch. */
const PREVENTING = {
  profile: "monitor",
  protections: {
    bad_path_syntax: { mode: "prevent", reasons: all("display_name") },
    path_too_long: { mode: "prevent", ...MOST },
    address_metacharacters: {
      mode: "prevent",
      reasons: all("substitution", "separator", "inner_pipe", "leading_slash", "leading_dash"),
    },
    routed_address: { mode: "prevent", reasons: all("percent", "bang", "quoted_at") },
    bad_esmtp_parameter: { mode: "prevent", reasons: all("syntax", "value", "not_xtext", "misplaced") },
  },
};
const OURS = /^(?:bad_path_syntax|path_too_long|address_metacharacters|routed_address|bad_esmtp_parameter)\//;

const preventing = new RecipientFilter(PREVENTING);
const strict = new RecipientFilter({
  profile: "strict",
  protections: { command_out_of_sequence: "off", unannounced_extension: "off" },
});
afterAll(() => {
  preventing.stop();
  strict.stop();
});

const verbs = fc.constantFrom("MAIL" as const, "RCPT" as const);
const written = (verb: "MAIL" | "RCPT", path: string, words: readonly string[]): string =>
  [`${verb} ${verb === "MAIL" ? "FROM" : "TO"}:${path}`, ...words].join(" ");

test(
  "a path and parameters have exactly the findings of the grammar, and do not pass with any",
  () => {
    fc.assert(
      fc.property(verbs, goodPath, someParameters, (verb, path, words) => {
        fc.pre(isPath(path));
        const { findings, passed } = preventing.judge(written(verb, path, words));
        const ours = findings.filter((finding) => OURS.test(finding));
        const expected = [...foundInPath(verb, path, MOST), ...foundInParameters(verb, words)];
        expect(ours.sort()).toEqual(expected.sort());
        expect(passed).toBe(expected.length === 0);
      }),
      parameters(6000),
    );
  },
  TIMEOUT_MS,
);

test(
  "what is found in a damaged path or after it does not pass",
  () => {
    fc.assert(
      fc.property(verbs, damagedPath, someParameters, (verb, path, words) => {
        const { findings, passed } = preventing.judge(written(verb, path, words));
        expect(passed).toBe(!findings.some((finding) => OURS.test(finding)));
      }),
      parameters(4000),
    );
  },
  TIMEOUT_MS,
);

test(
  "in strict nothing reaches the server but paths and parameters of the grammar",
  () => {
    let passes = 0;
    fc.assert(
      fc.property(verbs, fc.oneof(damagedPath, goodPath), someParameters, (verb, path, words) => {
        if (!strict.judge(written(verb, path, words)).passed) return;
        passes++;
        // What is no path by itself may be one with the first words after it.
        const [argument = "", ...rest] = splitAtPath(written(verb, path, words));
        expect(verb === "RCPT" ? isRecipient(argument) : isPath(argument)).toBe(true);
        expect(foundInParameters(verb, rest)).toEqual([]);
      }),
      parameters(4000),
    );
    expect(passes).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

/** A line's path, up to the last ">" that a blank or nothing follows outside of quotes, and its parameters. */
function splitAtPath(line: string): string[] {
  const [, path = "", rest = ""] = /^\S+ \w+:(<(?:"(?:\\.|[^"\\])*"|[^">])*>)(.*)$/.exec(line) ?? [];
  return [path, ...rest.split(" ").filter((word) => word !== "")];
}
