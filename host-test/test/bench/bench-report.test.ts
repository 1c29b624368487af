import * as prettier from "prettier";
import { describe, expect, test } from "vitest";
import { parseBenchArgs } from "../../bench/args.js";
import { sharesOf } from "../../bench/envoy/perf.js";
import { between, longTables, shortTable } from "../../bench/pages.js";
import { picture } from "../../bench/picture.js";
import type { Measurement } from "../../bench/result.js";
import { spread } from "../../bench/statistics.js";
import { recordText } from "../../bench/record.js";
import { isMet, markdownTable, number, textTable } from "../../bench/table.js";

const RCPT: Measurement = { group: "module", name: "RCPT", unit: "ns", samples: [1500, 1700, 1600] };
const RATIO: Measurement = {
  group: "envoy",
  name: "1 KiB kept, recommended: CPU",
  unit: "× plain",
  samples: [1.1, 1.3, 1.14],
  most: 1.12,
  note: "a < b | c",
};
const SCAN: Measurement = { group: "module", name: "scan", unit: "×", samples: [0.5, 0.75], least: 0.5 };

describe("the report", () => {
  test("medians and quartiles of few samples", () => {
    expect(spread([4, 1, 3, 2])).toEqual({ least: 1, lower: 1.75, median: 2.5, upper: 3.25, most: 4 });
    expect(spread([7])).toEqual({ least: 7, lower: 7, median: 7, upper: 7, most: 7 });
    expect(spread([]).median).toBeNaN();
  });

  test("a bar is held by the median, whatever the extremes", () => {
    expect([RCPT, RATIO, SCAN].map(isMet)).toEqual([true, false, true]);
    expect(isMet({ ...RATIO, samples: [] })).toBe(false);
  });

  test("numbers have three digits, whole ones all", () => {
    const shown = [0.05678, 1.1449, 239.4, 346_633, 67_537.28, 0].map(number);
    expect(shown).toEqual(["0.0568", "1.14", "239", "346,633", "67,537", "0"]);
  });

  test("the table for the terminal", () => {
    expect(textTable([RCPT, RATIO, SCAN])).toBe(
      [
        "                                          unit     median    min    max  bar",
        "RCPT                                      ns        1,600  1,500  1,700",
        "1 KiB kept, recommended: CPU (a < b | c)  × plain    1.14    1.1    1.3  ≤ 1.12 MISSED",
        "scan                                      ×         0.625    0.5   0.75  ≥ 0.5 met",
        "",
      ].join("\n"),
    );
  });

  test("the same in Markdown, where a bar in a name is no column", () => {
    expect(markdownTable([RATIO])).toBe(
      [
        "|  | unit | median | min | max | bar |",
        "| --- | --- | ---: | ---: | ---: | --- |",
        "| 1 KiB kept, recommended: CPU (a < b \\| c) | × plain | 1.14 | 1.1 | 1.3 | ≤ 1.12 MISSED |",
      ].join("\n"),
    );
  });

  test("pages keep what is around the marks", () => {
    const page = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n";
    expect(between(page, "new")).toBe("a\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nb\n");
    expect(between("no marks", "new")).toBeNull();
  });

  test("the project's page has the rows with a bar, the benchmark's has all", () => {
    const run = {
      date: "2026-11-24T12:00:00.000Z",
      node: "v20.0.0",
      cpu: "CPU",
      cores: 2,
      moduleBytes: 100_000,
      pairs: 5,
      short: false,
      measurements: [RCPT, SCAN],
    };
    const about = "2026-11-24, CPU, 2 cores, Node v20.0.0, 5 pairs, module of 100000 bytes.";
    expect(shortTable({ module: run })).toBe(`${markdownTable([SCAN])}\n\n${about}`);
    expect(longTables({ module: run })).toBe(`### module\n\n${about}\n\n${markdownTable([RCPT, SCAN])}`);
    expect(shortTable({ module: run, tls: { ...run, measurements: [RCPT] } })).toBe(
      shortTable({ module: run }),
    );
    const later = { ...run, date: "2027-01-01T00:00:00.000Z" };
    expect(shortTable({ module: run, envoy: later, relays: run }).split("\n\n").at(-1)).toBe(
      `- module, relays: ${about}\n- envoy: ${about.replace(/^[-\d]+/, "2027-01-01")}`,
    );
  });

  test("a record in JSON is laid out as prettier does", async () => {
    const samples = Array.from({ length: 40 }, (_, i) => i / 7);
    const run = { date: "", node: "", cpu: "", cores: 2, moduleBytes: 1, pairs: 5, short: false };
    const json = recordText({
      module: { ...run, measurements: [RCPT, { ...RATIO, samples }, { ...SCAN, samples: [1] }] },
    });
    expect(await prettier.format(json, { parser: "json", printWidth: 110 })).toBe(json);
    expect(json).toContain('"samples": [1500, 1700, 1600]');
    expect(json).toContain(" 0.142857,");
  });

  test("the picture is whole, whatever a name holds", () => {
    const svg = picture([RCPT, { ...RATIO, name: "<&>" }, SCAN, { ...RCPT, name: "alone", samples: [1] }]);
    expect(svg).toContain("&lt;&amp;&gt;");
    expect(svg).not.toContain("alone");
    expect(svg).not.toContain("NaN");
    const opened = svg.match(/<(?!\/)[a-z]+[^>]*[^/]>/g) ?? [];
    expect(opened.length).toBe((svg.match(/<\/[a-z]+>/g) ?? []).length);
  });
});

describe("the command line", () => {
  test("all parts unless some are named", () => {
    expect(parseBenchArgs([]).parts).toEqual(["module", "envoy", "tls", "relays", "scale"]);
    const args = parseBenchArgs(["scale", "module", "--pairs", "7", "--only", "RCPT", "--short"]);
    expect(args).toMatchObject({ parts: ["module", "scale"], pairs: 7, only: "RCPT", short: true });
  });

  test.each([
    [["--pairs", "0"], '--pairs needs a number from 1 to 1000, not "0"'],
    [["speed"], 'unknown part "speed": see --help'],
    [["profile", "envoy"], "profile must be the only argument"],
    [["--write", "--short"], "--write needs a complete run: leave out --short and --only"],
  ])("%j is refused", (args, message) => {
    expect(() => parseBenchArgs(args)).toThrow(message);
  });
});

describe("perf", () => {
  const REPORT = [
    "# Samples: 4K of event 'cpu-clock:pppH'",
    "# Overhead\tShared Object",
    " 38.20% \t[kernel.kallsyms]     ",
    " 38.00% \tenvoy                 ",
    "  5.90% \tlibc-2.36.so          ",
    " 17.20% \t[JIT] tid 12345       ",
    "  0.70% \t[vdso]                ",
  ].join("\n");

  test("sums the shares by whose code it was", () => {
    const shares = sharesOf(REPORT);
    const rounded = Object.entries(shares).map(([place, share]) => [place, Number(share.toFixed(4))]);
    expect(Object.fromEntries(rounded)).toEqual({
      kernel: 0.389,
      "Envoy and V8": 0.38,
      libc: 0.059,
      "the module": 0.172,
    });
  });

  test("says when nothing was sampled", () => {
    expect(() => sharesOf("# Samples: 0\n")).toThrow("perf report has no samples");
  });
});
