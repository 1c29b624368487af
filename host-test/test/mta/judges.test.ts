/**
 * Real servers as judges. Hostile streams: what the servers read differently without the filter they read alike through
 * it, and nothing hidden arrives (law 5). Legitimate mail: the filter changes nothing and finds nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { LEGITIMATE } from "../../judges/legitimate/streams.js";
import { altered } from "../../judges/legitimate/verdict.js";
import { Court, type Cell } from "../../judges/run.js";
import { STREAMS } from "../../judges/all-streams.js";
import { inSecurity, judgesSection, rowName, rowNames } from "../../judges/text.js";
import { arrived, broken } from "../../judges/verdict.js";

/** Servers may have to be fetched and unpacked first; the streams take about a minute and a half on two cores. */
const TIME = 400_000;

let court: Court;
let hostile: Cell[];
let legitimate: Cell[];

beforeAll(async () => {
  court = await Court.open();
  hostile = await court.hear(STREAMS);
  legitimate = await court.hear(LEGITIMATE, { settings: ["direct", "recommended"], offeredOnly: true });
}, TIME);

afterAll(() => court?.close(), TIME);

const named = (name: string) => (cell: Cell) => cell.stream.name === name;

describe("hostile streams", () => {
  test.each(STREAMS.map(({ name }) => name))("%s", (name) => {
    const cells = hostile.filter(named(name));
    expect(cells).toHaveLength(court.judges.length * 3);
    expect(broken(cells)).toEqual([]);
  });

  test("without the filter, hidden messages do arrive: the servers show it", () => {
    const fooled = hostile.filter((cell) => cell.setting === "direct" && arrived(cell).includes("H"));
    const rows = new Set(fooled.map((cell) => cell.stream.name));
    expect(rows.size).toBeGreaterThan(20);
    // CVE-2023-51764 in Postfix 3.7 as Debian configures it, and CVE-2024-27305 in aiosmtpd 1.4.4.
    const of = (server: string, name: string): string[] =>
      fooled.filter((cell) => cell.server.startsWith(server) && named(name)(cell)).map(arrived);
    expect(of("Postfix", "LF . CRLF")).toEqual(["H V"]);
    expect(of("aiosmtpd 1.4.4", "LF . CRLF")).toEqual(["H V"]);
    expect(of("aiosmtpd 1.4.6", "LF . CRLF")).toEqual([]);
  });
});

describe("legitimate mail in recommended", () => {
  test.each(LEGITIMATE.map(({ name }) => name))("%s", (name) => {
    const cells = legitimate.filter(named(name));
    expect(cells.length).toBeGreaterThan(0);
    expect(altered(cells)).toEqual([]);
  });
});

describe("the table", () => {
  test("no two rows have the same name", () => {
    const names = [...STREAMS, ...LEGITIMATE].map((stream) => stream.name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(STREAMS.length).toBeGreaterThanOrEqual(60);
  });

  test("SECURITY.md has the rows of today: npm run judges -- --write", () => {
    const section = judgesSection(readFileSync(join(projectRoot(), "SECURITY.md"), "utf8"));
    expect(section).toMatch(/^\n\nPlayed on \d{4}-\d\d-\d\d\.\n/);
    expect(rowNames(section)).toEqual(STREAMS.map(rowName));
  });

  test("a document without the marks is refused", () => {
    expect(() => inSecurity("# Security\n", "| a |", new Date(0))).toThrow(
      "SECURITY.md needs a line <!-- judges:begin --> and a line <!-- judges:end -->",
    );
    expect(inSecurity("a\n<!-- judges:begin -->\nold\n<!-- judges:end -->\nb", "| x |", new Date(0))).toBe(
      "a\n<!-- judges:begin -->\n\nPlayed on 1970-01-01.\n\n| x |\n\n<!-- judges:end -->\nb",
    );
  });
});
