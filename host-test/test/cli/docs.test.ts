import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { generatedFiles } from "../../pages/main.js";
import { parsePage } from "../../pages/page.js";
import { readPages } from "../../pages/read.js";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const pages = readPages(ROOT);

describe("what is generated from the pages", () => {
  test.each([...generatedFiles(ROOT)])("%s is what npm run docs writes", (path, text) => {
    expect(read(path)).toBe(text);
  });

  test.each(pages)("$id has its function", ({ id }) => {
    expect(existsSync(join(ROOT, `assembly/protections/${id}.ts`)), `assembly/protections/${id}.ts`).toBe(
      true,
    );
  });

  test("every reason in the code is on a page, and every reason of a page in the code", () => {
    const sources = (readdirSync(join(ROOT, "assembly"), { recursive: true }) as string[]).filter((name) =>
      /^(?!.*generated-).*\.ts$/.test(name),
    );
    const used = sources.flatMap((name) =>
      [...read(`assembly/${name}`).matchAll(/\bReason\.(\w+)/g)].map(([, member]) => member as string),
    );
    const named = new Set(used.filter((member) => member !== "none" && member !== "count"));
    const written = pages.flatMap(({ id, reasons }) => reasons.map((reason) => `${id}_${reason.id}`));
    expect([...named].sort()).toEqual(written.sort());
  });
});

describe("a page that lacks something is refused, by its name and what it lacks", () => {
  const whole = read("host-test/vectors/exchange_command.md");
  const without = (part: string | RegExp, instead = ""): (() => unknown) => {
    const text = whole.replace(part, instead);
    expect(text).not.toBe(whole);
    return () => parsePage(text, "exchange_command.md");
  };

  test("nothing is wrong with the page itself", () => {
    expect(parsePage(whole, "exchange_command.md")).toEqual({
      id: "exchange_command",
      summary:
        "A verb that only two Microsoft Exchange servers have use for: XEXCH50, X-LINK2STATE, X-EXPS and kin.",
      family: "commands",
      modes: { monitor: "detect", recommended: "prevent", strict: "prevent", submission: "prevent" },
      actions: ["reject", "terminate"],
      reply: "502 5.5.1",
      sources:
        'Check Point SBP-2010-06 "Microsoft Exchange Server Commands"; CVE-2003-0714; CVE-2005-0560; Snort 3 smtp_xlink2state.cc; Stormshield SNS',
      reasons: [
        {
          id: "exchange_verb",
          modes: { monitor: "prevent", recommended: "prevent", strict: "prevent", submission: "prevent" },
          meaning: "an Exchange verb that the policy does not allow",
        },
        {
          id: "payload_may_follow",
          modes: { monitor: "prevent", recommended: "prevent", strict: "prevent", submission: "prevent" },
          meaning:
            "bytes came after a refused XEXCH50 before the client could know of the refusal; they may be its payload",
        },
      ],
      options: [
        {
          key: "allow",
          type: "verbs",
          initial: [],
          least: 0,
          most: 0,
          meaning: "Exchange verbs to let through.",
        },
        {
          key: "extended",
          type: "flag",
          initial: true,
          least: 0,
          most: 0,
          meaning: "Also the verbs of later Exchange servers, beyond those that Check Point names.",
        },
      ],
    });
  });

  test.each([
    ["the heading", /^# /, "## ", 'the first line is not "# exchange_command"'],
    ["the sentence", /^A verb that.*\n/m, "", "there is no sentence that sums it up"],
    ["the table", "| protection |", "| guard |", 'there is no table "| protection | exchange_command |"'],
    [
      "another id",
      "| protection | exchange_command |",
      "| protection | other |",
      "the head of the table is not",
    ],
    ["the family", /^\| family .*\n/m, "", 'the table of the protection has no "family"'],
    [
      "a known family",
      /^\| family .*\n/m,
      "| family | verbs |\n",
      'the family is "verbs"; it must be one of greeting, commands,',
    ],
    [
      "a profile",
      ", strict prevent, submission prevent |",
      " |",
      "there is no mode of the protection in strict; it must be one of off, detect, prevent",
    ],
    ["the actions", /^\| actions .*\n/m, "", 'the table of the protection has no "actions"'],
    [
      "a known action",
      "| reject, terminate |",
      "| refuse |",
      'the action is "refuse"; it must be one of detect, normalize,',
    ],
    ["the reply", /^\| reply .*\n/m, "", 'the table of the protection has no "reply"'],
    [
      "an enhanced code",
      "| 502 5.5.1 |",
      "| 502 |",
      'the reply is "502"; it must be a reply code and an enhanced code',
    ],
    ["the sources", /^\| sources .*\n/m, "", 'the table of the protection has no "sources"'],
    ["the reasons", "| reason ", "| cause ", 'there is no table "| reason |'],
    [
      "a reason's mode",
      /^(\| `exchange_verb` +\|) prevent/m,
      "$1 ",
      'no mode of reason "exchange_verb" in monitor',
    ],
    [
      "a reason's meaning",
      / an Exchange verb that the policy.*\|$/m,
      " |",
      'reason "exchange_verb" has no meaning',
    ],
    ["one row a reason", /`payload_may_follow`/, "`exchange_verb`", 'reason "exchange_verb" is there twice'],
    [
      "an option's default",
      "| flag  | true ",
      "| flag  | yes ",
      'option "extended" must be a "flag" with true or false',
    ],
    ["an option's meaning", " Exchange verbs to let through. ", " ", 'option "allow" has no sentence'],
    ["a paragraph", "**Trigger.**", "Trigger.", 'there is no paragraph "**Trigger.**"'],
    ["how to relax it", "**Relax.**", "", 'there is no paragraph "**Relax.**"'],
  ])("%s", (_, part, instead, what) => {
    expect(without(part, instead)).toThrow(/^host-test\/vectors\/exchange_command\.md: /);
    expect(without(part, instead)).toThrow(what);
  });

  test("an integer has a range, and its default lies within", () => {
    const rest = "| Also the verbs";
    const of = (type: string): (() => unknown) =>
      without(/\| flag {2}\| true {4}\| Also the verbs/, `${type} ${rest}`);
    expect((of("| integer 1 to 9 | 4")() as { options: unknown[] }).options[1]).toMatchObject({
      key: "extended",
      type: "integer",
      initial: 4,
      least: 1,
      most: 9,
    });
    expect(of("| integer 1 to 9 | 10")).toThrow('option "extended" must be');
  });
});

describe("what the docs say", () => {
  test.each(["README.md", "CONTRIBUTING.md", "SECURITY.md", "envoy/README.md", "envoy/COMPARED.md"])(
    "%s links only to files that exist",
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
        (match) => match[1] as string,
      );
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) expect(existsSync(join(ROOT, dirname(file), link)), link).toBe(true);
    },
  );

  test.each(pages)("$id links only to pages that exist", ({ id }) => {
    const links = [...read(`host-test/vectors/${id}.md`).matchAll(/\]\((\w+\.md)\)/g)];
    for (const [, link] of links)
      expect(existsSync(join(ROOT, "host-test/vectors", link as string)), link).toBe(true);
  });

  test("SECURITY.md names 41 evasions, each with a vector that exists", () => {
    const rows = [
      ...read("SECURITY.md").matchAll(/^\| (\d+) \|.*\]\((host-test\/vectors\/\w+\.md)\): (.+) \|$/gm),
    ];
    expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
    for (const [, , file, title] of rows) {
      expect(read(file as string).split("\n"), `${file}: ${title}`).toContain(`## ${title}`);
    }
  });

  test("CONTRIBUTING.md names only source files that exist", () => {
    const paths = [...read("CONTRIBUTING.md").matchAll(/`((?:assembly|host-test|envoy)\/[\w./-]+\.\w+)`/g)];
    expect(paths.length).toBeGreaterThan(10);
    for (const [, path] of paths) expect(existsSync(join(ROOT, path as string)), path).toBe(true);
  });
});
