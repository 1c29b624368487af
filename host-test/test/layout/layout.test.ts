import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { circlesIn, importGraph, sourcesIn } from "./imports.js";

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const filter = sourcesIn(PROJECT, "assembly");
const tools = sourcesIn(PROJECT, "host-test");

describe("imports", () => {
  test("assembly/ and host-test/ have no circle", () => {
    const graph = importGraph(PROJECT, [...filter, ...tools]);
    expect(graph.get("host-test/host/vm.ts")).toContain("host-test/host/context.ts");
    expect(graph.get("assembly/index.ts")).toContain("assembly/inspector.ts");
    expect(circlesIn(graph)).toEqual([]);
  });

  test("a circle is found, and told from two ways to the same file", () => {
    const ways = { a: ["b", "c"], b: ["d"], c: ["d"], d: ["e"], e: [] };
    expect(circlesIn(new Map(Object.entries(ways)))).toEqual([]);
    expect(circlesIn(new Map(Object.entries({ ...ways, e: ["b"] })))).toEqual([["b", "d", "e", "b"]]);
    expect(circlesIn(new Map([["a", ["a"]]]))).toEqual([["a", "a"]]);
  });
});

/** A file's name without its endings. */
const stem = (file: string): string => basename(file).replace(/\..*/, "");

/** Whether one letter more, less or other makes the one name the other. */
function differByOneLetter(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short === long || long.length > short.length + 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  const rest = long.slice(same + 1);
  return rest === short.slice(short.length === long.length ? same + 1 : same);
}

/** Pairs of files whose names are easily taken for one another. */
function alike(files: readonly string[]): string[] {
  return files.flatMap((one, at) =>
    files
      .slice(at + 1)
      .filter((other) => differByOneLetter(stem(one), stem(other)))
      .map((other) => `${one} ${other}`),
  );
}

describe("names of files", () => {
  test("in assembly/, no two differ by one letter", () => {
    expect(filter.length).toBeGreaterThan(50);
    expect(alike(filter)).toEqual([]);
  });

  test("in a folder of host-test/, no two differ by one letter", () => {
    const folders = new Set(tools.map(dirname));
    expect(folders.size).toBeGreaterThan(20);
    expect([...folders].flatMap((folder) => alike(tools.filter((file) => dirname(file) === folder)))).toEqual(
      [],
    );
  });

  test("such a pair is found", () => {
    expect(alike(["a/verb.ts", "a/verbs.ts", "a/verify.ts"])).toEqual(["a/verb.ts a/verbs.ts"]);
    expect(alike(["a/data.ts", "a/date.test.ts", "a/data.tsx"])).toEqual([
      "a/data.ts a/date.test.ts",
      "a/date.test.ts a/data.tsx",
    ]);
    expect(alike(["a/table.ts", "a/stable.ts"])).toEqual(["a/table.ts a/stable.ts"]);
  });
});
