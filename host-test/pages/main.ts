/**
 * `npm run docs`: writes everything that is generated from the pages of host-test/vectors, and the dashboard of
 * host-test/dashboard. A test fails when a file is not what this would write.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process, { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { dashboardText } from "../dashboard/dashboard.js";
import { MARK, optionsSource, protectionsSource, reasonsSource, wordsSource } from "./assembly.js";
import { policyText } from "./policy.js";
import { readPages } from "./read.js";
import { protectionsPage, withTable } from "./readme.js";
import { schemaText } from "./schema-text.js";
import type { Page } from "./page.js";

/**
 * The generated files by path, with the text that each must have.
 * @param root the project's folder
 * @throws Error that names the page and what it lacks
 */
export function generatedFiles(root: string): Map<string, string> {
  const pages = readPages(root);
  return new Map([
    ["assembly/protections/generated-words.ts", wordsSource()],
    ["assembly/protections/generated-protections.ts", protectionsSource(pages)],
    ["assembly/protections/generated-reasons.ts", reasonsSource(pages)],
    ["assembly/policy/generated-options.ts", optionsSource(pages)],
    ["host-test/pages/generated-pages.ts", pagesSource(pages)],
    ["envoy/policy.schema.json", schemaText(pages)],
    ["envoy/policy.json", policyText(pages)],
    ["envoy/PROTECTIONS.md", protectionsPage(pages)],
    ["envoy/grafana/smtp-inspector.json", dashboardText()],
    ["README.md", withTable(readFileSync(join(root, "README.md"), "utf8"), pages)],
  ]);
}

/** The pages for what shows them to people; only the host reads it, so that the module holds no texts. */
function pagesSource(pages: readonly Page[]): string {
  return [
    `/** What the pages say. ${MARK} */`,
    'import type { Page } from "./page.js";',
    "",
    "/** One for each protection, in the order of `Protection`. */",
    `export const PAGES: readonly Page[] = ${JSON.stringify(pages, null, 2)};`,
    "",
  ].join("\n");
}

/** Writes what has changed and names it. */
function main(): void {
  const changed = [...generatedFiles(".")].filter(([path, text]) => textOf(path) !== text);
  for (const [path, text] of changed) {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
  if (changed.length === 0) console.log("all generated files are up to date");
}

/** What the file has; nothing when it is not there yet. */
function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
