/** envoy/COMPARED.md: each check of a peer has an answer that exists, and each protection has its place. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPages } from "../../pages/read.js";

const ROOT = join(import.meta.dirname, "../../..");
const page = readFileSync(join(ROOT, "envoy/COMPARED.md"), "utf8");
const pages = new Map(readPages(ROOT).map((each) => [each.id, each.reasons.map(({ id }) => id)]));
const names = [...page.matchAll(/\[`(\w+)(?:\/(\w+))?`\]\(\.\.\/host-test\/vectors\/(\w+)\.md\)/g)];

/** The first cells of the tables under a heading. */
const checksOf = (heading: string): string[] => {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| ((?:[^|\\]|\\\|)+) \|/gm)].map(([, cell]) => cell as string);
};

describe("envoy/COMPARED.md", () => {
  test.each(
    names.map(([, id, reason, file]) => [reason === undefined ? id : `${id}/${reason}`, id, reason, file]),
  )("%s exists", (_, id, reason, file) => {
    expect(file).toBe(id);
    expect([...pages.keys()]).toContain(id);
    if (reason !== undefined) expect(pages.get(id as string)).toContain(reason);
  });

  test.each([...pages.keys()])("%s is on it", (id) => {
    expect(names.map((name) => name[1])).toContain(id);
  });

  test("every link to a page is a name of this form", () => {
    expect(page.match(/host-test\/vectors\/\w+\.md/g)?.length).toBe(names.length);
  });

  test("every row has an answer", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| "));
    expect(rows.length).toBeGreaterThan(130);
    for (const row of rows) {
      const cells = row.slice(2, -2).split(/(?<!\\) \| ?/);
      expect(
        cells.every((cell) => cell.trim() !== ""),
        row,
      ).toBe(true);
    }
  });

  test("Snort's rules 1 to 18, each once", () => {
    const sids = checksOf("Snort 3").flatMap((cell) =>
      [...cell.matchAll(/124:(\d+)/g)].map(([, sid]) => Number(sid)),
    );
    expect(sids.sort((one, other) => one - other)).toEqual(Array.from({ length: 18 }, (_, at) => at + 1));
  });

  test("Suricata's events 2220000 to 2220022, each once", () => {
    const section = page.split("\n## Suricata\n")[1]?.split("\n## ")[0] ?? "";
    const sids = [...section.matchAll(/^\| `\w+` \| (\d+) \|/gm)].map(([, sid]) => Number(sid));
    expect(sids).toEqual(Array.from({ length: 23 }, (_, at) => 2_220_000 + at));
  });

  test("each peer has its checks", () => {
    const counts = ["Snort 3", "Suricata", "Zeek", "Cisco ASA", "Postfix"].map(
      (peer) => checksOf(peer).length,
    );
    for (const count of counts) expect(count).toBeGreaterThan(20);
  });
});

test("README has the short form, in at most 15 lines with the link", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const short = readme.split("**Beside other inspectors.**")[1]?.split("\nWhat the actions do:")[0] ?? "";
  expect(short).toContain("(envoy/COMPARED.md)");
  expect(short.trim().split("\n").length).toBeLessThanOrEqual(15);
  for (const peer of ["Snort 3", "Suricata", "Zeek", "Cisco ASA", "Postfix"])
    expect(short).toContain(`| ${peer} (`);
});
