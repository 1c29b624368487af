/** Every conversation of host-test/vectors in the Node host: whole, cut at every byte, byte by byte, only watched. */
import { afterAll, describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { PAGES } from "../../pages/generated-pages.js";
import { modeUnder } from "../../pages/page.js";
import { check } from "../support/vector-check.js";
import { byBytes, cutsOf } from "../support/vector-cuts.js";
import { parseVectorFile, type VectorCase, vectorFiles } from "../support/vector-file.js";
import { escapeText, unescape } from "../../workbench/lines.js";
import { scriptOf } from "../../workbench/vector-script.js";
import { NodeVectors, passThrough, wasmModule } from "../support/vector-node.js";

const files = vectorFiles();
const REFUSED = "A private verb is refused in prevent";
const hosts = new Map<string, NodeVectors>();
const watching = Plugin.load(wasmModule(), { configuration: '{"profile":"monitor"}' });

/** One plugin a policy: connections of many cases follow each other on it, as in Envoy. */
function hostOf(policy: string): NodeVectors {
  const host = hosts.get(policy) ?? new NodeVectors(policy);
  hosts.set(policy, host);
  return host;
}

afterAll(() => {
  watching.shutdown();
  for (const host of hosts.values()) host.shutdown();
});

describe.each(files)("$id", ({ cases }) => {
  test.each(cases)("$title", (vector) => {
    const script = scriptOf(vector.lines, vector.host);
    const host = hostOf(vector.policy);
    const whole = host.run(script);
    check(vector, whole, "whole");
    check(vector, host.run(script, { joinEnd: true }), "whole, the server's end with its last bytes", whole);
  });

  test.each(cases)("$title, byte by byte", (vector) => {
    const script = scriptOf(vector.lines, vector.host);
    const host = hostOf(vector.policy);
    const whole = host.run(script);
    check(vector, host.run(script, { cut: byBytes, lenient: true }), "byte by byte", whole);
    const atOnce = host.run(script, { cut: byBytes, lenient: true, answersAtOnce: true });
    check(vector, atOnce, "byte by byte, stand-ins answered at once", whole);
  });

  test.each(cases)("$title, cut at every byte", (vector) => {
    const script = scriptOf(vector.lines, vector.host);
    const host = hostOf(vector.policy);
    const whole = host.run(script);
    for (const { how, manner } of cutsOf(script)) check(vector, host.run(script, manner), how, whole);
  });

  test.each(cases)("$title, only watched", ({ lines }) => {
    for (const cut of [(text: string): string[] => [text], (text: string): string[] => [...text]]) {
      const { toServer, toClient } = passThrough(watching, lines, cut);
      expect(escapeText(toServer.received)).toBe(escapeText(toServer.sent));
      expect(escapeText(toClient.received)).toBe(escapeText(toClient.sent));
      expect([toServer.ended, toClient.ended]).toEqual([true, true]);
    }
  });
});

test("every protection has a file, and every file a protection", () => {
  expect(files.map((file) => file.id)).toEqual(PAGES.map((page) => page.id).sort());
});

describe("every file shows its protection off, in detect and in prevent, and something benign", () => {
  test.each(files)("$id", ({ id, cases }) => {
    const shown = {
      off: cases.some((each) => modeOf(each, id) === "off"),
      detect: cases.some((each) => each.findings.some((line) => isOf(line, id, "detect"))),
      prevent: cases.some((each) => each.findings.some((line) => isOf(line, id, "prevent"))),
      benign: cases.some((each) => modeOf(each, id) !== "off" && each.findings.length === 0),
    };
    expect(shown).toEqual({ off: true, detect: true, prevent: true, benign: true });
  });
});

describe("a run", () => {
  const refused = files
    .find(({ id }) => id === "private_command")
    ?.cases.find(({ title }) => title === REFUSED);
  const runAs = (change: Partial<VectorCase>): (() => void) => {
    const vector = { ...(refused as VectorCase), ...change };
    return () => check(vector, hostOf(vector.policy).run(scriptOf(vector.lines, vector.host)), "whole");
  };
  const without = (text: string): Partial<VectorCase> => ({
    lines: (refused as VectorCase).lines.filter(
      (line) => line.kind !== "text" || line.text !== `${text}\r\n`,
    ),
  });

  test("is as its case says", () => {
    expect(runAs({})).not.toThrow();
  });

  test.each<[string, Partial<VectorCase>]>([
    ["a finding that is not listed", { findings: [] }],
    ["another verb", { findings: ["private_command private_verb prevent reject verb=XCIR"] }],
    ["another policy", { policy: '{"profile":"monitor"}' }],
    ["bytes that the script does not have", without("502 5.5.1 private_command: rejected by policy")],
    ["a stand-in that the script does not have", without("NOOP")],
    ["a close that does not come", { lines: [...(refused as VectorCase).lines, { kind: "filter_close" }] }],
  ])("fails at %s", (_what, change) => {
    expect(runAs(change)).toThrow(REFUSED);
  });
});

test("escapes are bytes", () => {
  expect(unescape("a\\r\\n\\0\\t\\\\\\xfF{}{x")).toBe("a\r\n\0\t\\\xff{}{x");
  expect(unescape("{A*3}{\\xce\\xb4*2}{{*2}{ab\\r\\n*2}")).toBe("AAA\xce\xb4\xce\xb4{{ab\r\nab\r\n");
  expect(unescape("\u00e9")).toBe("\xc3\xa9");
  expect(() => unescape("\\q")).toThrow("unknown escape");
  expect(escapeText("a\\\r\n\0\xff" + "A".repeat(20))).toBe("a\\\\\\r\\n\n\\0\\xff{A*20}");
});

const HEAD = "# x\n## a\n```policy\n```\n";
const TAIL = "```\n```findings\n```";

test.each([
  ["another heading", "# y", 'x.md:1: the first line must be "# x"'],
  ["no case", "# x", "x.md: there is no case"],
  ["a missing block", "# x\n## a\n```policy\n```\n```smtp\n```", 'x.md:2: "a" has no findings block'],
  ["an unknown mark", `${HEAD}\`\`\`smtp\nC: a\nD: b\n${TAIL}`, 'x.md:7: "D: b" has no mark'],
  ["a bad finding", `${HEAD}\`\`\`smtp\n${TAIL.replace("ings\n", "ings\nnone\n")}`, 'x.md:8: "none" is not'],
  ["an open block", "# x\n## a\n```smtp\nC: b", "x.md:3: this block does not end"],
])("a file with %s is refused by line", (_what, text, message) => {
  expect(() => parseVectorFile(text, "x.md")).toThrow(message);
});

function isOf(finding: string, id: string, mode: string): boolean {
  const words = finding.split(" ");
  return words[0] === id && words[2] === mode;
}

/** The mode that a case's policy gives a protection. */
function modeOf(vector: VectorCase, id: string): string {
  const policy = JSON.parse(vector.policy) as {
    profile?: "monitor" | "recommended" | "strict";
    protections?: Record<string, string | { mode?: string }>;
  };
  const own = policy.protections?.[id];
  const named = typeof own === "string" ? own : own?.mode;
  if (named !== undefined) return named;
  const page = PAGES.find((each) => each.id === id);
  return page === undefined ? "detect" : modeUnder(policy.profile, page);
}
