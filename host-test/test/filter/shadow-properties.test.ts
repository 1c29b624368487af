/** A shadow says what its policy would have done in the place of one that does nothing. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { PAGES } from "../../pages/generated-pages.js";
import { cuts, parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { ReusedFilter, type Outcome, type Speech } from "../support/arbitrary-filter.js";
import { speeches } from "../support/arbitrary-speech.js";

/** Every protection off: whatever the shadow finds has an event of its own. */
const OFF = Object.fromEntries(PAGES.map(({ id }) => [id, "off"]));

const POLICIES: Record<string, object> = {
  recommended: { profile: "recommended" },
  strict: { profile: "strict" },
  "strict, terminating": {
    profile: "strict",
    protections: {
      nul_in_data: { action: "terminate" },
      private_command: { action: "terminate", allow: ["XFOO"] },
      recipient_no_domain: { action: "terminate", require_fqdn: true },
      bare_newline_in_data: { action: "terminate" },
    },
  },
  "strict, rejecting": { profile: "strict", protections: { non_compliant_smtp: { action: "reject" } } },
};

/** Findings up to the first about which something is done: what comes later is another session. */
function untilFirst({ findings }: Outcome): string[] {
  const first = findings.findIndex((finding) => !finding.endsWith("/detect"));
  return first < 0 ? findings : findings.slice(0, first + 1);
}

interface Summary {
  shadow: unknown;
}

describe.each(Object.entries(POLICIES))("a shadow of %s", (_, policy) => {
  const alone = new ReusedFilter(policy);
  const shadow = new ReusedFilter({ protections: OFF, shadow: policy });
  const watched = new ReusedFilter({ profile: "monitor", shadow: policy });
  afterAll(() => [alone, shadow, watched].forEach((each) => each.stop()));

  test(
    "finds what the policy alone finds, up to where that acts",
    () => {
      // Byte by byte: of several replies at once who only watches reads one, then the client's bytes that waited for it.
      const check = (all: Speech[]): void => {
        expect(untilFirst(shadow.script(all, "bytes"))).toEqual(untilFirst(alone.script(all, "bytes")));
      };
      fc.assert(fc.property(speeches, check), parameters(700));
    },
    TIMEOUT_MS,
  );

  test(
    "does not depend on what the live policy watches for",
    () => {
      const shadowOf = ({ summary }: Outcome): unknown => (JSON.parse(summary) as Summary).shadow;
      const check = (all: Speech[], cut: number[]): void => {
        expect(shadowOf(watched.script(all, cut))).toEqual(shadowOf(shadow.script(all, "whole")));
      };
      fc.assert(fc.property(speeches, cuts, check), parameters(300));
    },
    TIMEOUT_MS,
  );
});
