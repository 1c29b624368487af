/** Reads a vector file: the page of one protection, whose cases are executable (host-test/vectors/README.md). */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Line, parseLines } from "../../workbench/lines.js";
import { CLEAR, type HostFacts } from "../../workbench/vector-script.js";

/** One conversation, and what the filter is to make of it. */
export interface VectorCase {
  title: string;
  /** The policy's text, as the filter gets it. */
  policy: string;
  lines: Line[];
  /** One line per finding: `<id> <reason> <mode> <action>`, and ` verb=<V>` where the verb is compared. */
  findings: string[];
  /** The only host that can run the case, from a line `> only: node`; undefined for both. */
  only?: "node";
  /** What its host can do, from lines `> host: …`. */
  host: HostFacts;
}

export interface VectorFile {
  /** The protection's id: the file's stem and its first heading. */
  id: string;
  cases: VectorCase[];
}

const FOLDER = fileURLToPath(new URL("../../vectors/", import.meta.url));
const BLOCKS = ["policy", "smtp", "findings"] as const;

/** All vector files, by name. @throws Error with file and line of what is not in the format */
export function vectorFiles(): VectorFile[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".md") && name !== "README.md");
  return names.sort().map((name) => parseVectorFile(readFileSync(FOLDER + name, "utf8"), name));
}

/** @param name file name, for messages and as the id that the heading must repeat */
export function parseVectorFile(text: string, name: string): VectorFile {
  const id = name.replace(/\.md$/, "");
  const lines = text.split("\n");
  if (lines[0] !== `# ${id}`) throw new Error(`${name}:1: the first line must be "# ${id}"`);
  const cases: VectorCase[] = [];
  for (const section of sections(lines)) {
    const title = (lines[section.from] as string).slice(3).trim();
    const where = `${name}:${section.from + 1}`;
    if (cases.some((each) => each.title === title)) throw new Error(`${where}: "${title}" is there twice`);
    cases.push(readCase(lines, section, title, name));
  }
  if (cases.length === 0) throw new Error(`${name}: there is no case`);
  return { id, cases };
}

interface Section {
  /** Index of the heading. */
  from: number;
  /** Index after the last line. */
  to: number;
}

/** The `## ` sections; headings inside fenced blocks are none. */
function sections(lines: string[]): Section[] {
  const found: Section[] = [];
  let fenced = false;
  lines.forEach((line, index) => {
    if (line.startsWith("```")) fenced = !fenced;
    if (!fenced && line.startsWith("## ")) found.push({ from: index, to: lines.length });
  });
  found.forEach((section, index) => (section.to = found[index + 1]?.from ?? lines.length));
  return found;
}

function readCase(lines: string[], section: Section, title: string, name: string): VectorCase {
  const blocks = new Map<string, { at: number; body: string[] }>();
  let only: "node" | undefined;
  let host = CLEAR;
  for (let at = section.from + 1; at < section.to; at++) {
    const line = lines[at] as string;
    if (/^> only: node\b./.test(line)) only = "node";
    else if (line.startsWith("> only:")) {
      throw new Error(`${name}:${at + 1}: "> only: node", then why it cannot run elsewhere`);
    }
    if (line.startsWith("> host:")) host = hostWith(line, host, `${name}:${at + 1}`);
    const kind = BLOCKS.find((each) => line === `\`\`\`${each}`);
    if (kind === undefined && !line.startsWith("```")) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0 || end >= section.to) throw new Error(`${name}:${at + 1}: this block does not end`);
    if (kind !== undefined) {
      if (blocks.has(kind)) throw new Error(`${name}:${at + 1}: a second "${kind}" block in "${title}"`);
      blocks.set(kind, { at: at + 1, body: lines.slice(at + 1, end) });
    }
    at = end;
  }
  const block = (kind: (typeof BLOCKS)[number]): { at: number; body: string[] } => {
    const found = blocks.get(kind);
    if (found === undefined) throw new Error(`${name}:${section.from + 1}: "${title}" has no ${kind} block`);
    return found;
  };
  const smtp = block("smtp");
  return {
    title,
    policy: block("policy").body.join("\n"),
    lines: parseLines(smtp.body, `${name}`, smtp.at + 1),
    findings: findingsOf(block("findings"), name),
    ...(only && { only }),
    host,
  };
}

const HOSTS: Readonly<Record<string, HostFacts>> = {
  switch: { startTls: ["client", "server"], isTls: false },
  "switch downstream": { startTls: ["client"], isTls: false },
  "switch upstream": { startTls: ["server"], isTls: false },
  tls: { startTls: [], isTls: true },
};

/** @param line such as `> host: switch` @param host what is known so far */
function hostWith(line: string, host: HostFacts, where: string): HostFacts {
  const found = HOSTS[line.slice("> host:".length).trim()];
  if (found === undefined)
    throw new Error(`${where}: "> host:" needs one of ${Object.keys(HOSTS).join(", ")}`);
  return { startTls: [...host.startTls, ...found.startTls], isTls: host.isTls || found.isTls };
}

function findingsOf(block: { at: number; body: string[] }, name: string): string[] {
  const form = /^[a-z0-9_]+ [a-z0-9_]+ (detect|prevent) [a-z]+( shadow)?( verb=\S+)?$/;
  block.body.forEach((line, index) => {
    if (!form.test(line)) {
      throw new Error(`${name}:${block.at + index + 1}: "${line}" is not "<id> <reason> <mode> <action>"`);
    }
  });
  return block.body;
}
