/** `envoy/OBSERVING.md`: what it names is there, and what it has to paste works. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { TOP_SOURCES } from "../../dashboard/dashboard.js";
import { ROWS } from "../../dashboard/panels.js";
import { Plugin } from "../../host/plugin.js";
import { blocks } from "../support/fragments.js";

const FOLDER = fileURLToPath(new URL("../../../envoy/", import.meta.url));
const PAGE = readFileSync(`${FOLDER}OBSERVING.md`, "utf8");
/** Of two screens of a large window. */
const MOST_LINES = 110;

/** A part of the page, from its heading to the next. */
const section = (heading: string): string =>
  PAGE.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
/** The first two cells of a row of the section's table. */
const rows = (heading: string): [string, string][] =>
  [...section(heading).matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)]
    .map(([, first = "", second = ""]): [string, string] => [first, second])
    .slice(2);

describe("envoy/OBSERVING.md", () => {
  test("is two screens, and all that it links to is there", () => {
    expect(PAGE.split("\n").length).toBeLessThan(MOST_LINES);
    const links = [...PAGE.matchAll(/\]\(([^)#]*)(#[^)]*)?\)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(FOLDER + path))).toEqual([]);
  });

  test("names panels that the dashboard has", () => {
    const titles = ROWS.flatMap(({ panels }) => panels.map(({ title }) => title));
    const named = [...section("What to graph").matchAll(/\*([A-Z][^*]+)\*/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(8);
    const isTitle = (name: string): boolean =>
      titles.some((title) => title === name || title.startsWith(`${name}, `));
    expect(named.filter((name) => !isTitle(name))).toEqual([]);
  });

  test("has the dashboard's line for the top sources", () => {
    expect(PAGE).toContain(`\n${TOP_SOURCES}\n`);
  });

  test("silences with policies that the filter accepts", () => {
    const wasm = new WebAssembly.Module(
      readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url)),
    );
    const policies = rows("Silence one").flatMap(([, cell]) =>
      cell.startsWith('`"') ? [cell.slice(1, -1)] : [],
    );
    expect(policies).toHaveLength(5);
    for (const text of policies) {
      const configuration = text.includes("trusted_sources") ? `{${text}}` : `{"protections":{${text}}}`;
      Plugin.load(wasm, { configuration }).shutdown();
    }
  });

  test("shows an event by the schema's names", () => {
    const [shown = "{}"] = blocks(PAGE, "json");
    expect(Object.keys(JSON.parse(shown) as object)).toEqual(
      "event_type src_ip smtp protection reason mode action phase verb excerpt reply".split(" "),
    );
  });
});
