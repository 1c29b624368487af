/** The facts that a page of host-test/vectors states about its protection, read from its text. Pure. */
import { table, type Table } from "./markdown.js";
import {
  type ActionName,
  ACTIONS,
  FAMILIES,
  type Family,
  isProfile,
  type ModeName,
  MODES,
  type ProfileName,
  PROFILES,
} from "./words.js";

/** A mode for each profile. */
export type ModeByProfile = Readonly<Record<ProfileName, ModeName>>;

/** Why a protection finds something: one word of its events. */
export interface ReasonFacts {
  readonly id: string;
  /** The strongest mode that the reason takes in each profile; it never exceeds its protection's mode. */
  readonly modes: ModeByProfile;
  readonly meaning: string;
}

/** An option that one protection has for itself. */
export interface OptionFacts {
  readonly key: string;
  /** `flag`: true or false. `verbs`: a list of verbs, empty by default. `integer`: from `least` to `most`. `name`: of a resource of Envoy's, none by default. */
  readonly type: "flag" | "verbs" | "integer" | "name";
  readonly initial: boolean | number | string | readonly string[];
  /** Range of an integer; 0 for other types. */
  readonly least: number;
  readonly most: number;
  readonly meaning: string;
}

/** All that a page states in a form that a program reads. */
export interface Page {
  /** Policy key, statistic label, stem of the page and of the protection's source file. */
  readonly id: string;
  /** One sentence for an operator. */
  readonly summary: string;
  readonly family: Family;
  readonly modes: ModeByProfile;
  /** What prevent may do; the first is what it does by default. */
  readonly actions: readonly ActionName[];
  /** What the client reads where a command is rejected: code and enhanced code (RFC 3463). */
  readonly reply: string;
  /** Where the rule comes from. */
  readonly sources: string;
  /** In the order in which their findings of one line are reported. */
  readonly reasons: readonly ReasonFacts[];
  readonly options: readonly OptionFacts[];
}

/** The mode of a protection that a policy of this profile does not name; no profile is `recommended`. */
export function modeUnder(profile: string | undefined, { modes }: Page): ModeName {
  return profile !== undefined && isProfile(profile) ? modes[profile] : modes.recommended;
}

/** Paragraphs that a page must have, each after its name in bold. */
const PARAGRAPHS = ["Trigger", "What prevent does", "False positives", "Relax"];

/**
 * Reads a page.
 * @param name file name, whose stem is the id
 * @throws Error that names the page and what it lacks
 */
export function parsePage(text: string, name: string): Page {
  const id = name.replace(/\.md$/, "");
  const lacks = (what: string): never => {
    throw new Error(`host-test/vectors/${name}: ${what}`);
  };
  const top = text.split(/^## /m)[0] ?? "";
  if (!/^[a-z][a-z0-9_]*$/.test(id)) lacks("an id is small letters, digits and _");
  if (!top.startsWith(`# ${id}\n`)) lacks(`the first line is not "# ${id}"`);
  for (const paragraph of PARAGRAPHS) {
    if (!top.includes(`\n**${paragraph}.** `) && !top.includes(`\n**${paragraph}.**\n`))
      lacks(`there is no paragraph "**${paragraph}.**"`);
  }
  const summary = (top.split(/\n\n+/)[1] ?? "").replaceAll("\n", " ").trim();
  if (!/^[A-Z][^|]*\.$/.test(summary))
    lacks('after the heading there is no sentence that sums it up and ends in "."');
  const facts = table(top, "protection") ?? lacks(`there is no table "| protection | ${id} |"`);
  const reasons = table(top, "reason") ?? lacks('there is no table "| reason | … |"');
  return {
    id,
    summary,
    ...readFacts(id, facts, lacks),
    reasons: readReasons(reasons, lacks),
    options: readOptions(table(top, "option"), lacks),
  };
}

type Lacks = (what: string) => never;

function readFacts(
  id: string,
  { head, rows }: Table,
  lacks: Lacks,
): Pick<Page, "family" | "modes" | "actions" | "reply" | "sources"> {
  if (head[1] !== id) lacks(`the head of the table is not "| protection | ${id} |"`);
  const value = (key: string): string => {
    const found = rows.find((row) => row[0] === key)?.[1] ?? "";
    return found === "" ? lacks(`the table of the protection has no "${key}"`) : found;
  };
  const modes = value("modes")
    .split(", ")
    .map((pair) => pair.split(" "));
  const reply = value("reply");
  // 252 answers VRFY without an answer (RFC 5321 7.3); any other 2xx would say that what was withheld is done.
  if (!/^(252 2|[45]\d\d [45])\.\d{1,3}\.\d{1,3}$/.test(reply))
    lacks(`the reply is "${reply}"; it must be a reply code and an enhanced code, such as 502 5.5.1`);
  return {
    family: oneOf(FAMILIES, value("family"), "family", lacks),
    modes: byProfile((profile) => modes.find(([word]) => word === profile)?.[1], "the protection", lacks),
    actions: value("actions")
      .split(", ")
      .map((word) => oneOf(ACTIONS, word, "action", lacks)),
    reply,
    sources: value("sources"),
  };
}

function readReasons({ head, rows }: Table, lacks: Lacks): ReasonFacts[] {
  const profiles = head.slice(1, -1).map((cell) => cell.replace(/^(at most )?in /, ""));
  const found = rows.map((row) => {
    const [id = "", meaning = ""] = [word(row[0]), row.at(-1)];
    if (!/^[a-z0-9_]+$/.test(id))
      lacks(`"${row[0]}" is not a valid name of a reason: small letters, digits and _`);
    if (meaning === "") lacks(`reason "${id}" has no meaning`);
    const modes = byProfile((profile) => row[1 + profiles.indexOf(profile)], `reason "${id}"`, lacks);
    return { id, modes, meaning };
  });
  if (found.length === 0) lacks("the table of reasons is empty");
  unique(
    found.map(({ id }) => id),
    "reason",
    lacks,
  );
  return found;
}

function readOptions(options: Table | null, lacks: Lacks): OptionFacts[] {
  const found = (options?.rows ?? []).map(
    ([key = "", type = "", initial = "", meaning = ""]): OptionFacts => {
      const facts = { key: word(key), least: 0, most: 0, meaning };
      if (!/^[a-z][a-z0-9_]*$/.test(facts.key))
        lacks(`"${key}" is not a valid name of an option: small letters, digits and _`);
      if (!meaning.endsWith(".")) lacks(`option "${facts.key}" has no sentence that says what it means`);
      if (type === "flag" && /^(true|false)$/.test(initial))
        return { ...facts, type, initial: initial === "true" };
      if (type === "verbs" && initial === "none") return { ...facts, type, initial: [] };
      if (type === "name" && initial === "none") return { ...facts, type, initial: "" };
      const [, least, most] = /^integer (\d+) to (\d+)$/.exec(type) ?? [];
      const [from, to, start] = [Number(least), Number(most), Number(initial)];
      if (from <= start && start <= to)
        return { ...facts, type: "integer", initial: start, least: from, most: to };
      return lacks(
        `option "${facts.key}" must be a "flag" with true or false, "verbs" or "name" with none, or "integer A to B" with a number`,
      );
    },
  );
  unique(
    found.map(({ key }) => key),
    "option",
    lacks,
  );
  return found;
}

/** @param modeOf what the page has for a profile */
function byProfile(
  modeOf: (profile: ProfileName) => string | undefined,
  what: string,
  lacks: Lacks,
): ModeByProfile {
  const mode = (profile: ProfileName): ModeName =>
    oneOf(MODES, modeOf(profile) ?? "", `mode of ${what} in ${profile}`, lacks);
  return Object.fromEntries(PROFILES.map((profile) => [profile, mode(profile)])) as ModeByProfile;
}

function oneOf<Word extends string>(words: readonly Word[], found: string, what: string, lacks: Lacks): Word {
  const wrong = found === "" ? `there is no ${what}` : `the ${what} is "${found}"`;
  return words.find((each) => each === found) ?? lacks(`${wrong}; it must be one of ${words.join(", ")}`);
}

function unique(names: string[], what: string, lacks: Lacks): void {
  names.forEach((each, at) => {
    if (names.indexOf(each) !== at) lacks(`${what} "${each}" is there twice`);
  });
}

/** A name without the back quotes that show it as code. */
const word = (cell: string | undefined): string => (cell ?? "").replaceAll("`", "");
