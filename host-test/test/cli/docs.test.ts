import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ABOUT } from "../../../assembly/protections/about.js";
import { CATALOGUE } from "../../../assembly/protections/catalogue.js";
import { withTable } from "../../cli/docs.js";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("what the docs say", () => {
  test("README.md has the catalogue's table (node dist/host-test/cli/docs.js writes it)", () => {
    expect(read("README.md")).toBe(withTable(read("README.md")));
  });

  test("every protection has its texts, in the catalogue's order", () => {
    expect(ABOUT.map(({ id }) => id)).toEqual(CATALOGUE.map(({ id }) => id));
    for (const { summary, source } of ABOUT) expect([summary, source]).not.toContain("");
  });

  test("every protection has one stem: policy key, source file, vector", () => {
    for (const { id } of CATALOGUE) {
      expect(existsSync(join(ROOT, `assembly/protections/${id}.ts`)), `assembly/protections/${id}.ts`).toBe(
        true,
      );
      expect(existsSync(join(ROOT, `host-test/vectors/${id}.md`)), `host-test/vectors/${id}.md`).toBe(true);
    }
  });

  test.each(["README.md", "CONTRIBUTING.md", "SECURITY.md"])("%s links only to files that exist", (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
      (match) => match[1] as string,
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(existsSync(join(ROOT, dirname(file), link)), link).toBe(true);
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
