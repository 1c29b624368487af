/** `smtp-inspector explain`: what a protection stops, from the tables and pages that everything else reads too. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PAGES } from "../pages/generated-pages.js";
import type { ModeByProfile, Page } from "../pages/page.js";
import { type ActionName, type ModeName, MODES, PROFILES } from "../pages/words.js";
import { nearest } from "../lint/nearest.js";
import { argumentsOf } from "./arguments.js";
import type { Command } from "./command.js";
import { OWN_RULE_KEYS, ownRuleText } from "./explain-own-rules.js";
import { starttlsText } from "./explain-starttls.js";
import { projectRoot } from "./front.js";

export const explain: Command = {
  name: "explain",
  summary: "What a protection stops, its modes, reasons and replies",
  help: `Usage: smtp-inspector explain [ID…]

Without ID: all protections, one line each. With ID: what the protection stops,
its mode in each profile, its reasons, what prevent does and the client reads,
whom it may hit wrongly and how to relax it, where the rule comes from, the page
with all its examples, and one of these. ID may also be one of the keys
starttls, commands and ehlo_keywords.

A page's examples use these marks: C: and S: are lines that pass; C> and S> are
sent by client or server and kept from the other side; S< and C< are what the
server or client gets instead.

Exit code: 0, or 2 for an unknown ID.

Examples:
  smtp-inspector explain
  smtp-inspector explain private_command
  smtp-inspector explain smuggled_end_of_data starttls_command
`,
  async run(args, io) {
    const { positionals } = argumentsOf("smtp-inspector explain", args, {}, Infinity);
    if (positionals.length === 0) io.out(list());
    else io.out(positionals.map(explained).join("\n\n"));
    return 0;
  },
};

function explained(id: string): string {
  if (id === "starttls") return starttlsText();
  if (OWN_RULE_KEYS.includes(id)) return ownRuleText(id, (text, indent) => wrapped(text, indent, indent));
  return shown(pageOf(id));
}

/** @throws Error with the nearest id */
function pageOf(typed: string): Page {
  const ids = PAGES.map(({ id }) => id);
  const found = PAGES.find(({ id }) => id === typed);
  if (found !== undefined) return found;
  const word = typed.toLowerCase().replaceAll("-", "_");
  const near = nearest(typed, ids);
  const guesses = near !== null ? [near] : word.length < 3 ? [] : ids.filter((id) => id.includes(word));
  const fix =
    guesses.length === 0 || guesses.length > MOST_GUESSES
      ? `"smtp-inspector explain" lists all ${ids.length}`
      : `did you mean ${guesses.map((id) => `"${id}"`).join(" or ")}?`;
  throw new Error(`no protection is called ${JSON.stringify(typed)}: ${fix}`);
}

/** More are a list, which explain has already. */
const MOST_GUESSES = 6;

function list(): string {
  const width = Math.max(...PAGES.map(({ id }) => id.length));
  return PAGES.map(({ id, summary }) => `${id.padEnd(width)}  ${summary}\n`).join("");
}

/** All that is to say about one protection. */
function shown(page: Page): string {
  const { id, summary, sources } = page;
  const text = readFileSync(join(projectRoot(), "host-test", "vectors", `${id}.md`), "utf8");
  const lines = [
    id,
    wrapped(summary),
    "",
    row("modes", modes(page.modes)),
    ...rows("reasons", reasonLines(page)),
    row("prevent does", preventing(page)),
    ...rows("options", optionLines(page)),
    row("sources", sources),
    row("page", `host-test/vectors/${id}.md`),
  ];
  for (const name of ["Trigger", "False positives", "Relax"]) {
    const found = paragraph(text, name);
    if (found !== null) lines.push("", `${name}:`, indented(found));
  }
  return [...lines, "", ...example(id, text)].join("\n") + "\n";
}

const modes = (by: ModeByProfile): string =>
  PROFILES.map((profile) => `${profile} ${by[profile]}`).join(", ");

/** One line for each reason, with what becomes of it where a profile does not take it as seriously as the protection. */
function reasonLines(page: Page): string[] {
  return page.reasons.map(({ id, modes: most, meaning }) => {
    const own = PROFILES.map((profile) => [profile, weaker(most[profile], page.modes[profile])]);
    const effective = Object.fromEntries(own) as ModeByProfile;
    const same = PROFILES.every((profile) => effective[profile] === page.modes[profile]);
    return `${id}${same ? "" : ` (${modes(effective)})`}: ${meaning.replaceAll("`", "")}`;
  });
}

const weaker = (one: ModeName, other: ModeName): ModeName =>
  MODES.indexOf(one) < MODES.indexOf(other) ? one : other;

/** What prevent does by default, what the client reads then, and what else it may do. */
function preventing(page: Page): string {
  const [first = "detect", ...others] = page.actions;
  const instead = others.length === 0 ? "" : `; "action" may be ${others.join(" or ")} instead`;
  return `${first}: ${WHAT_ACTIONS_DO[first]?.(page) ?? ""}${instead}`;
}

const WHAT_ACTIONS_DO: Partial<Record<ActionName, (page: Page) => string>> = {
  normalize: () => "line ends in data become CRLF, lone CR and NUL a blank",
  strip: ({ id, reply }) =>
    id === "starttls_command"
      ? `STARTTLS is taken out of the EHLO reply, and answered "${reply}" if it still comes`
      : `forbidden keywords are taken out of the EHLO reply, and their use is answered "${reply} ${id}: rejected by policy"`,
  reject: ({ id, reply }) => `the client reads "${reply} ${id}: rejected by policy"`,
  terminate: ({ id, family }) =>
    family === "greeting"
      ? `the client reads "554 5.3.2 ${id}: no SMTP service here", or 421 4.7.0 where the greeting was through`
      : `the client reads "421 4.7.0 ${id}: connection closed by policy"; in data and TLS it is only cut off`,
};

const optionLines = ({ options }: Page): string[] => options.map(({ key, meaning }) => `${key}: ${meaning}`);

/** The prose behind `**name.**` on a page, up to the next such mark or heading; null when there is none. */
function paragraph(text: string, name: string): string | null {
  const from = text.indexOf(`\n**${name}.**`);
  if (from < 0) return null;
  const body = text.slice(from + name.length + 6);
  const end = body.search(/\n(?:\*\*[A-Z][a-z ]+\.\*\*|## )/);
  return body
    .slice(0, end < 0 ? undefined : end)
    .trim()
    .replace(/^```.*\n?/gm, "")
    .replace(/\[(\w+)\]\(\w+\.md\)/g, "$1")
    .trimEnd();
}

/** The page's first case in which something is prevented, with its conversation and findings as they stand there. */
function example(id: string, text: string): string[] {
  for (const section of text.split(/^## /m).slice(1)) {
    const block = (kind: string): string[] =>
      new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, "m").exec(section)?.[1]?.trimEnd().split("\n") ?? [];
    const [findings, lines] = [block("findings"), block("smtp")];
    if (!findings.some((finding) => finding.startsWith(`${id} `) && finding.includes(" prevent "))) continue;
    const shown = lines.length > EXAMPLE_LINES ? [...lines.slice(0, EXAMPLE_LINES), "…"] : lines;
    const title = section.split("\n", 1)[0] ?? "";
    const short = shown.map((line) => `  ${line.length > 100 ? `${line.slice(0, 100)}…` : line}`);
    return [
      `Example: ${title}`,
      `  policy ${block("policy").join(" ")}`,
      ...short,
      ...findings.map((each) => `  ^ ${each}`),
    ];
  }
  return [];
}

const rows = (name: string, values: string[]): string[] =>
  values.map((value, index) => row(index === 0 ? name : "", value));

const row = (name: string, value: string): string => wrapped(value, name.padEnd(14), " ".repeat(14));

/** Breaks between words so that lines have at most 100 characters, `first` before the first and `rest` before others. */
function wrapped(text: string, first = "", rest = ""): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + word.length > 99) [line] = [rest, lines.push(line.trimEnd())];
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const EXAMPLE_LINES = 24;
