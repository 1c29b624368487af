/** Writes the filter's tables, in AssemblyScript. */
import type { ModeByProfile, OptionFacts, Page } from "./page.js";
import { ACTIONS, MODES, PROFILES } from "./words.js";

/** First lines of whatever `npm run docs` writes. */
export const MARK = "Generated from host-test/vectors/*.md by npm run docs; do not edit.";

/** `assembly/protections/generated-words.ts` */
export function wordsSource(): string {
  const of = (name: string, doc: string, table: string, words: readonly string[]): string[] => [
    `/** ${doc} */`,
    `export const enum ${name} {`,
    ...words.map((word) => `  ${word},`),
    "  /** How many there are. */",
    "  count,",
    "}",
    "",
    `/** The words of \`${name}\` as they stand in policies, statistics and events. */`,
    `export const ${table}: string[] = [${words.map((word) => JSON.stringify(word)).join(", ")}];`,
    "",
  ];
  return [
    `/** Words of policies and events. ${MARK} */`,
    "",
    ...of(
      "Mode",
      "How a protection is switched in a profile or a policy, the weakest first.",
      "MODE_NAMES",
      MODES,
    ),
    ...of(
      "Action",
      "What is done about a finding, the weakest first: the strongest of several wins.",
      "ACTION_NAMES",
      ACTIONS,
    ),
    ...of("Profile", "Where the modes come from that the policy does not name.", "PROFILES", PROFILES),
  ].join("\n");
}

/** `assembly/protections/generated-protections.ts` */
export function protectionsSource(pages: readonly Page[]): string {
  return [
    `/** The protections: families in their order, ids by alphabet. ${MARK} */`,
    'import { Action, Mode } from "./generated-words";',
    'import { ProtectionRow } from "./rows";',
    "",
    "/** Index of a protection in `CATALOGUE` and bit number in every set of protections. */",
    "export const enum Protection {",
    ...pages.map(({ id }) => `  ${id},`),
    "  /** How many there are; at most 64, since sets of them are one `u64`. */",
    "  count,",
    "}",
    "",
    "/** All protections, in the order of `Protection`. */",
    "export const CATALOGUE: ProtectionRow[] = [",
    ...pages.flatMap(({ id, modes, actions, reply }) => [
      "  new ProtectionRow(",
      `    "${id}",`,
      `    ${packed(modes)},`,
      `    Action.${actions[0]},`,
      `    ${actions.map((action) => `(1 << Action.${action})`).join(" | ")},`,
      `    "${reply}",`,
      "  ),",
    ]),
    "];",
    "",
  ].join("\n");
}

/** `assembly/protections/generated-reasons.ts` */
export function reasonsSource(pages: readonly Page[]): string {
  const all = pages.flatMap((page) => page.reasons.map((reason) => ({ page, reason })));
  return [
    `/** Why a protection finds something: the \`reason\` of an event. ${MARK} */`,
    'import { Protection } from "./generated-protections";',
    'import { Mode } from "./generated-words";',
    'import { ReasonRow } from "./rows";',
    "",
    "/** Index of a reason in `REASONS`. Each is named `<protection>_<reason>`. */",
    "export const enum Reason {",
    "  none,",
    ...all.map(({ page, reason }) => `  ${page.id}_${reason.id},`),
    "  /** How many there are, with `none`. */",
    "  count,",
    "}",
    "",
    "/** The first reason of each protection; the others follow in the order of its page. */",
    "export const enum FirstReason {",
    ...pages.map(({ id, reasons }) => `  ${id} = Reason.${id}_${reasons[0]?.id},`),
    "}",
    "",
    "/** All reasons, in the order of `Reason`. */",
    "export const REASONS: ReasonRow[] = [",
    `  new ReasonRow("", Protection.${pages[0]?.id}, 0),`,
    ...all.map(
      ({ page, reason }) =>
        `  new ReasonRow("${reason.id}", Protection.${page.id}, ${packed(reason.modes)}),`,
    ),
    "];",
    "",
  ].join("\n");
}

/** `assembly/policy/generated-options.ts` */
export function optionsSource(pages: readonly Page[]): string {
  const having = pages.filter(({ options }) => options.length > 0);
  const all = having.flatMap(({ id, options }) => options.map((option) => ({ id, option })));
  const constants = all.filter(({ option }) => option.type === "integer").map(constant);
  return [
    `/** The options that single protections have for themselves. ${MARK} */`,
    ...optionImports(new Set(all.map(({ option }) => option.type))),
    "",
    "/** Their values, each under `<protection>_<option>`. */",
    "export class OwnOptions {",
    ...all.map(({ id, option }) => `  ${fieldName(id, option)}: ${declared(option)};`),
    "}",
    "",
    "/** The options of a protection, in the order of its page. */",
    "export function ownOptions(protection: i32): string[] {",
    ...switchOver(having, "return []", ({ options }) => [
      `return [${options.map(({ key }) => `"${key}"`).join(", ")}];`,
    ]),
    "}",
    "",
    "/** Reads the value of option `index` of a protection. */",
    "export function readOwnOption(reader: PolicyReader, into: OwnOptions, protection: i32, index: i32): void {",
    ...switchOver(having, "return", ({ id, options }) => [
      ...options.map((option, at) => `${choice(at, options.length)}${reading(id, option)};`),
      "return;",
    ]),
    "}",
    ...(constants.length > 0 ? ["", ...constants] : []),
    "",
  ].join("\n");
}

function optionImports(types: ReadonlySet<OptionFacts["type"]>): string[] {
  return [
    'import { Protection } from "../protections/catalogue";',
    ...(types.has("integer") ? ['import { IntegerField } from "./fields";'] : []),
    ...listImports(types),
    'import { PolicyReader } from "./read";',
    ...(types.has("verbs") ? ['import { VerbList } from "./verb-list";'] : []),
  ];
}

function listImports(types: ReadonlySet<OptionFacts["type"]>): string[] {
  const names = [...(types.has("name") ? ["readName"] : []), ...(types.has("verbs") ? ["readVerbs"] : [])];
  return names.length > 0 ? [`import { ${names.join(", ")} } from "./lists";`] : [];
}

/** A switch over protections. @param otherwise what is done for one without options */
function switchOver(pages: readonly Page[], otherwise: string, body: (page: Page) => string[]): string[] {
  return [
    "  switch (protection) {",
    ...pages.flatMap((page) => [
      `    case Protection.${page.id}:`,
      ...body(page).map((line) => `      ${line}`),
    ]),
    "    default:",
    `      ${otherwise};`,
    "  }",
  ];
}

function constant({ id, option }: { id: string; option: OptionFacts }): string {
  const range = `${String(option.initial)}, ${option.least}, ${option.most}`;
  const name = fieldName(id, option).toUpperCase();
  return `const ${name}: IntegerField = new IntegerField("${option.key}", ${range});`;
}

/** Two bits a profile, the first profile lowest. */
function packed(modes: ModeByProfile): string {
  const bits = PROFILES.map((profile, at) =>
    at === 0 ? `Mode.${modes[profile]}` : `(Mode.${modes[profile]} << ${2 * at})`,
  );
  return bits.join(" | ");
}

const fieldName = (id: string, { key }: OptionFacts): string => `${id}_${key}`;

function declared({ type, initial }: OptionFacts): string {
  if (type === "verbs") return "VerbList = new VerbList()";
  if (type === "name") return 'string = ""';
  return `${type === "flag" ? "bool" : "i32"} = ${String(initial)}`;
}

function choice(at: number, count: number): string {
  if (count === 1) return "";
  if (at === 0) return `if (index == 0) `;
  return at === count - 1 ? "else " : `else if (index == ${at}) `;
}

function reading(id: string, option: OptionFacts): string {
  const field = fieldName(id, option);
  if (option.type === "verbs") return `readVerbs(reader, into.${field})`;
  if (option.type === "name") return `into.${field} = readName(reader)`;
  return `into.${field} = ${option.type === "flag" ? "reader.flag()" : `reader.integer(${field.toUpperCase()})`}`;
}
