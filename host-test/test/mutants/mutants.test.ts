/** The program that changes the filter to see whether a test notices. */
import { join } from "node:path";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { type Change, enumsOf, placesIn } from "../../mutants/changes.js";
import { Lab } from "../../mutants/lab.js";
import { changesOf, run } from "../../mutants/run.js";

const SOURCE = `import { a } from "./a";
/** true + 1 */
export const enum Colour { red = 1, green }
const LIMIT: u32 = 8;
class Box {
  fill(n: i32): bool {
    if (n < LIMIT && !this.full) this.put("n", Colour.red);
    this.size += n;
    return n == 0 ? true : false; // 2
  }
}
`;

describe("the places of a source", () => {
  const places = placesIn("assembly/box.ts", SOURCE, enumsOf([SOURCE]));

  test("are its operators, numbers, booleans, conditions, calls, strings and enum members", () => {
    const texts = places.map((changes) => {
      const [first] = changes as [Change];
      return [SOURCE.slice(first.start, first.end), ...changes.map(({ text }) => text)];
    });
    expect(texts).toEqual([
      ["8", "9", "7"],
      ["n < LIMIT && !this.full", "!(n < LIMIT && !this.full)"],
      ["&&", "||"],
      ["<", "<=", ">="],
      ["!this.full", "this.full"],
      ['this.put("n", Colour.red);', ";"],
      ['"n"', '""'],
      ["red", "green"],
      ["this.size += n;", ";"],
      ["+=", "-="],
      ["n == 0", "!(n == 0)"],
      ["==", "!="],
      ["0", "1"],
      ["true", "false"],
      ["false", "true"],
    ]);
  });

  test("are told with their line, their function and the line as it was and is", () => {
    expect(places[9]?.[0]).toMatchObject({
      file: "assembly/box.ts",
      line: 8,
      inside: "fill",
      before: "this.size += n;",
      after: "this.size -= n;",
    });
    expect(places[0]?.[0]?.inside).toBe("");
  });
});

describe("the changes of a seed", () => {
  const root = projectRoot();

  test("are the same each time, and others with another seed", () => {
    const [seven, again, eight] = [7, 7, 8].map((seed) => changesOf(root, seed));
    expect(again).toEqual(seven);
    expect(eight).not.toEqual(seven);
  });

  test("are of the files that were asked for", () => {
    const filesOf = (...globs: string[]): string[] =>
      [...new Set(changesOf(root, 7, globs).map(({ file }) => file))].sort();
    expect(filesOf("assembly/smtp/tls.ts", "assembly/policy/c*.ts")).toEqual([
      "assembly/policy/cidr.ts",
      "assembly/smtp/tls.ts",
    ]);
    expect(filesOf("**/tls_without_starttls.ts")).toEqual(["assembly/protections/tls_without_starttls.ts"]);
    expect(filesOf().length).toBeGreaterThan(40);
  });
});

test("what is listed as equivalent is a change that can be made, and has a reason", () => {
  const path = join(projectRoot(), "host-test/mutants/equivalent.json");
  const listed = JSON.parse(readFileSync(path, "utf8")) as (Change & { why: string })[];
  const gone = listed.filter(({ file, before, after, why }) => {
    const source = existsSync(join(projectRoot(), file))
      ? readFileSync(join(projectRoot(), file), "utf8")
      : "";
    return !source.replace(/\s+/g, " ").includes(before) || before === after || why.length < 20;
  });
  expect(gone).toEqual([]);
});

describe("arguments", () => {
  test.each([
    [["--minuets", "1"], "unknown option --minuets; did you mean --minutes?; see npm run mutants -- --help"],
    [["--minutes", "soon"], '--minutes takes a number, not "soon"; see npm run mutants -- --help'],
    [["--count", "1.5"], '--count takes a number, not "1.5"; see npm run mutants -- --help'],
    [["--seed", "-1"], "--seed needs a value; see npm run mutants -- --help"],
    [["--files", "src/*.ts"], "no code of assembly/ is in src/*.ts"],
  ])("%j", async (args, message) => {
    await expect(run(args, () => {})).rejects.toThrow(message);
  });

  test("--help says what there is", async () => {
    const said: string[] = [];
    expect(await run(["--help"], (line) => said.push(line))).toBe(0);
    expect(said.join("\n")).toContain("--seed S");
  });
});

// Each is a build and a run of vitest, and other tests run at the same time.
describe("a change of the filter", { timeout: 180_000 }, () => {
  const stop = new AbortController();
  const path = "assembly/protections/tls_without_starttls.ts";
  let lab: Lab;
  beforeAll(async () => {
    lab = new Lab(projectRoot(), stop.signal);
    await lab.begin([["/filter/vectors.test.ts", "-t", "tls_without_starttls"]]);
  });
  afterAll(() => lab.close());

  /** Replaces the first `before` of the file. */
  function planted(file: string, before: string, text: string): Change {
    const start = readFileSync(join(projectRoot(), file), "utf8").indexOf(before);
    expect(start).toBeGreaterThan(0);
    return { file, line: 1, inside: "", start, end: start + before.length, text, before, after: text };
  }

  test("is noticed where a test fails", async () => {
    expect(await lab.judge(planted(path, "== 0x16", "== 0x17"))).toBe("noticed");
  });

  test("is equivalent where the same module comes of it", async () => {
    expect(await lab.judge(planted(path, "0x16", "22"))).toBe("equivalent");
  });

  test("survives where the suites that were asked do not look", async () => {
    expect(await lab.judge(planted("assembly/policy/suggest.ts", "max(2, ", "max(3, "))).toBe("survived");
  });

  test("may be none that compiles", async () => {
    expect(await lab.judge(planted(path, "return", "retrun"))).toBe("did not compile");
  });

  test("is made in a copy, of which nothing is left", async () => {
    const before = readFileSync(join(projectRoot(), path), "utf8");
    stop.abort();
    expect(await lab.judge(planted(path, "== 0x16", "== 0x17"))).toBe("stopped");
    expect(readFileSync(join(projectRoot(), path), "utf8")).toBe(before);
    lab.close();
    expect(existsSync(lab.copy)).toBe(false);
  });
});
