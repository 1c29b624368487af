/** What the pages of the protections say: the policy after "Relax", and what clients say in the cases. */
import { readFileSync } from "node:fs";
import { type VectorFile, vectorFiles } from "./vector-file.js";

/** A policy as the pages write it. */
export interface Recipe {
  profile?: string;
  limits?: object;
  exempt_sources?: string[];
  trusted_sources?: string[];
  protections?: Record<string, string | { exempt_sources?: string[] }>;
}

const files = new Map<string, VectorFile>(vectorFiles().map((file) => [file.id, file]));

/** Ids of all protections, by name. */
export const pages: string[] = [...files.keys()];

/** The policy after "**Relax.**" on the page of `id`: a block of JSON, or code in the line. @throws Error without one */
export function recipeOf(id: string): Recipe {
  const text = readFileSync(new URL(`../../vectors/${id}.md`, import.meta.url), "utf8");
  const [, after = ""] = text.split("**Relax.**", 2);
  const [paragraphs = ""] = after.split(/^## /m, 1);
  const block = /```json\n(.*?)```/s.exec(paragraphs) ?? /`(\{.*?\})`/s.exec(paragraphs);
  if (block?.[1] === undefined) throw new Error(`${id}.md has no policy after "Relax"`);
  return JSON.parse(block[1]) as Recipe;
}

/** An address (IPv4) that the recipe exempts or trusts; one that no page names if there is none. */
export function addressFor(recipe: Recipe): string {
  const own = Object.values(recipe.protections ?? {}).flatMap((each) =>
    typeof each === "string" ? [] : (each.exempt_sources ?? []),
  );
  const [network] = [...(recipe.exempt_sources ?? []), ...(recipe.trusted_sources ?? []), ...own];
  if (network === undefined) return "203.0.113.77";
  return network.includes("/") ? network.replace(/\d+\/\d+$/, "9") : network;
}

/** What the client sends and the filter keeps from the server in a case of a page: the first such lines, `most` at most. */
export function offence(id: string, title: string, most = Infinity): string {
  const lines = caseOf(id, title).lines.filter((line) => line.kind === "text" && line.from === "client");
  const sent = lines.flatMap((line) =>
    line.kind === "text" && line.sent && !line.received ? [line.text] : [],
  );
  if (sent.length === 0) throw new Error(`nothing is kept from the server in "${title}" of ${id}`);
  return sent.slice(0, most).join("");
}

/** All that the client sends in a case from the line `from` on, that line included if `inclusive`. */
export function saidFrom(id: string, title: string, from: string, inclusive: boolean): string {
  const texts = caseOf(id, title).lines.flatMap((line) =>
    line.kind === "text" && line.from === "client" && line.sent ? [line.text] : [],
  );
  const at = texts.findIndex((text) => text.startsWith(from));
  if (at < 0) throw new Error(`no line ${from} in "${title}" of ${id}`);
  return texts.slice(inclusive ? at : at + 1).join("");
}

function caseOf(id: string, title: string): VectorFile["cases"][number] {
  const found = files.get(id)?.cases.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no case "${title}" on the page of ${id}`);
  return found;
}
