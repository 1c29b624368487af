/** Reads the pages of host-test/vectors from disk. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Page, parsePage } from "./page.js";
import { FAMILIES } from "./words.js";

/** Sets of protections are bits of one u64. */
const MOST = 64;

/**
 * All pages: the families in their order, and the protections of each by id.
 * @param root the project's folder
 * @throws Error that names the page and what it lacks
 */
export function readPages(root: string): Page[] {
  const folder = join(root, "host-test", "vectors");
  const names = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  const pages = names.sort().map((name) => parsePage(readFileSync(join(folder, name), "utf8"), name));
  if (pages.length > MOST)
    throw new Error(`host-test/vectors has ${pages.length} pages; the filter's sets hold ${MOST}`);
  return FAMILIES.flatMap((family) => pages.filter((page) => page.family === family));
}
