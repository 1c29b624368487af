/** `smtp-inspector lint` on a policy with another one in its shadow: what is said is of the right one, and at its place. */
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { lintFile } from "../../lint/file.js";
import { filterCheck } from "../../lint/filter-check.js";
import { problemLines } from "../../lint/problem.js";

const check = filterCheck(filterModule());

/** The warnings: place and what is said, without what to do. */
function warnings(text: string): string[] {
  const { text: read, problems } = lintFile(new TextEncoder().encode(text), check);
  const lines = problemLines("f", read, problems).filter((line) => line.includes("warning: "));
  return lines.map((line) => line.replace(/ – .*$/, "").replace(/(prevents?): a client that.*/, "$1"));
}

const HIDDEN = '"protections":{"starttls_command":"prevent"}';

test.each([
  [
    "own rules of the shadow, after the policy's",
    `{${HIDDEN},"commands":{"deny":["CHUNKING"]},"shadow":{"commands":{"deny":["DSN"]}}}`,
    ['1:67: warning: "CHUNKING" is a keyword', '1:110: warning: the shadow: "DSN" is a keyword'],
  ],
  [
    "the same before them, with its name elsewhere, too",
    `{"stat_prefix":"shadow","shadow":{"ehlo_keywords":{"deny":["QUIT"]}},${HIDDEN},"ehlo_keywords":{"deny":["QUIT"]}}`,
    ['1:140: warning: "QUIT" is a verb', '1:60: warning: the shadow: "QUIT" is a verb'],
  ],
])("%s", (_, text, said) => {
  const found = warnings(text).map((line) => line.replace(/^f:/, "").replace(/ (?:of EHLO )?and no .*$/, ""));
  expect(found.sort()).toEqual(said.sort());
});

test("STARTTLS that only the policy itself forbids is allowed by its shadow", () => {
  const inner = '{"profile":"strict","protections":{"starttls_command":"detect"}}';
  const rule = '"ehlo_keywords":{"deny":["STARTTLS"]}';
  expect(warnings(`{${rule},"shadow":${inner}}`)).toEqual([
    "f:1:84: warning: the shadow: STARTTLS is allowed (starttls_command: detect) while 22 protections prevent",
  ]);
  expect(warnings(`{${rule},"shadow":{${rule},${inner.slice(1)}}`)).toEqual([]);
});
