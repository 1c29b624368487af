/** What the policy's schema (envoy/policy.schema.json) says about a place in a policy, and what can stand there. */
import { type Spot, spotAt } from "./policy-spot.js";

/** As much of JSON Schema as the policy's schema uses. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string;
  enum?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  pattern?: string;
  examples?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

/** Help at a place. */
export interface Help {
  /** Such as `protections.private_command.mode`; "policy" for the whole. */
  path: string;
  description: string;
  /** The allowed values in words; "" when the description says it. */
  values: string;
  /** The default in a policy without it; "" when there is no single value. */
  initial: string;
  /** What can be written at the place, the best match first. */
  suggestions: Suggestion[];
}

/** Something to write. */
export interface Suggestion {
  /** The key or value. */
  label: string;
  /** Its meaning in one line. */
  about: string;
  /** The text, and what it replaces in UTF-16 units. */
  insert: string;
  from: number;
  to: number;
  /** Where the cursor belongs afterwards, counted from `from`. */
  cursor: number;
}

/** @param root the whole schema @param at in UTF-16 units */
export function helpAt(root: Schema, text: string, at: number): Help {
  const spot = spotAt(text, at);
  const known = knownAlong(root, spot.path);
  const schema = known.at(-1) ?? root;
  const isWhole = known.length - 1 === spot.path.length;
  const suggestions =
    spot.at === "key" ? keysFor(root, text, spot) : spot.at === "value" ? valuesFor(root, spot) : [];
  return {
    path: spot.path.slice(0, known.length - 1).join(".") || "policy",
    // What the schema says of the whole policy is for editors; a reader of the page needs its first sentence.
    description: schema === root ? `${summary(schema)}.` : (schema.description ?? ""),
    values: schema !== root && (isWhole || spot.at !== "key") ? valuesOf(root, schema) : "",
    initial: schema.default === undefined ? "" : JSON.stringify(schema.default),
    suggestions,
  };
}

/** The schemas from the root along the path, as far as known. */
function knownAlong(root: Schema, path: readonly string[]): Schema[] {
  const found = [root];
  for (const key of path) {
    const above = found.at(-1) as Schema;
    const below = fieldsOf(root, above)[key] ?? itemsOf(root, above);
    if (below === undefined) break;
    found.push(resolved(root, below));
  }
  return found;
}

/** With what it refers to; its own keywords win. */
function resolved(root: Schema, schema: Schema): Schema {
  const [, where, name] = /^#\/(\$defs|properties)\/(\w+)$/.exec(schema.$ref ?? "") ?? [];
  if (name === undefined) return schema;
  return { ...root[where as "$defs" | "properties"]?.[name], ...schema };
}

/** The schema itself or, where it has choices, each of them. */
const choices = (root: Schema, schema: Schema): Schema[] =>
  [schema, ...(schema.anyOf ?? [])].map((each) => resolved(root, each));

function fieldsOf(root: Schema, schema: Schema): Record<string, Schema> {
  return Object.assign({}, ...choices(root, schema).map(({ properties }) => properties ?? {})) as Record<
    string,
    Schema
  >;
}

const itemsOf = (root: Schema, schema: Schema): Schema | undefined =>
  choices(root, schema).find(({ items }) => items !== undefined)?.items;

/** Such as `"off", "detect", "prevent" or an object`. */
function valuesOf(root: Schema, schema: Schema): string {
  const words = choices(root, schema).flatMap((each): string[] => {
    if (each.enum !== undefined) return each.enum.map((value) => JSON.stringify(value));
    if (each.type === "integer") return [`${each.minimum ?? ""} to ${each.maximum ?? ""}`];
    if (each.type === "boolean") return ["true", "false"];
    if (each.type === "array") {
      const examples = (each.items && resolved(root, each.items).examples) ?? [];
      const such = examples.length > 0 ? ` such as ${JSON.stringify(examples)}` : " of strings";
      return [`a list${such}, at most ${each.maxItems ?? ""}`];
    }
    if (each.type === "object") return ["an object"];
    return each.type === "string" ? ["a string"] : [];
  });
  const [last, ...before] = words.reverse();
  return before.length === 0 ? (last ?? "") : `${before.reverse().join(", ")} or ${last}`;
}

function keysFor(root: Schema, text: string, spot: Spot): Suggestion[] {
  const above = spot.typed === "" ? spot.path : spot.path.slice(0, -1);
  const known = knownAlong(root, above);
  if (known.length - 1 !== above.length) return [];
  const fields = fieldsOf(root, known.at(-1) as Schema);
  const free = Object.keys(fields).filter((key) => key === spot.typed || !spot.keys.includes(key));
  const hasValue = /^\s*:/.test(text.slice(spot.to));
  const needsComma = !hasValue && /^\s*"/.test(text.slice(spot.to));
  return fitting(free, spot.typed).map((key) => {
    const field = resolved(root, fields[key] as Schema);
    const value = hasValue ? "" : `: ${template(root, field)}`;
    const insert = `${JSON.stringify(key)}${value}${needsComma ? ", " : ""}`;
    const cursor = insert.length - (needsComma ? 2 : 0) - (/(?:\{\}|\[\]|"")$/.test(value) ? 1 : 0);
    return { label: key, about: summary(field), insert, from: spot.from, to: spot.to, cursor };
  });
}

function valuesFor(root: Schema, spot: Spot): Suggestion[] {
  const known = knownAlong(root, spot.path);
  if (known.length - 1 !== spot.path.length) return [];
  const schema = known.at(-1) as Schema;
  const values = choices(root, schema).flatMap((each): string[] => {
    if (each.enum !== undefined) return each.enum.map((value) => JSON.stringify(value));
    if (each.type === "boolean") return ["true", "false"];
    if (each.type === "object") return ["{}"];
    if (each.type === "array") return ["[]"];
    const isPlain = each.type !== undefined && each.default !== undefined;
    return isPlain ? [JSON.stringify(each.default)] : [];
  });
  const isOne = values.includes(JSON.stringify(spot.typed));
  return fitting([...new Set(values)], isOne ? "" : spot.typed).map((value) => {
    const cursor = value.length - (/^(?:\{\}|\[\])$/.test(value) ? 1 : 0);
    return { label: value, about: MODES[value] ?? "", insert: value, from: spot.from, to: spot.to, cursor };
  });
}

const MODES: Record<string, string> = {
  '"off"': "ignores it",
  '"detect"': "reports it, lets it pass",
  '"prevent"': "reports and blocks it",
  "{}": "with options",
};

/** A first value for a new key: its default, so that nothing changes before it is edited. */
function template(root: Schema, field: Schema): string {
  const { default: initial } = field;
  if (initial !== undefined) return JSON.stringify(initial);
  const first = choices(root, field).find(
    ({ type, enum: words }) => type !== undefined || words !== undefined,
  );
  if (first?.enum !== undefined) return JSON.stringify(first.enum[1] ?? first.enum[0]);
  return first?.type === "object" ? "{}" : first?.type === "array" ? "[]" : '""';
}

/** The first sentence. */
const summary = ({ description = "" }: Schema): string =>
  /^.*?(?=[.:](?: |$))/.exec(description)?.[0] ?? description;

/** Those that hold the letters typed so far; those that begin with them first. */
function fitting(words: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const held = words.filter((word) => word.toLowerCase().includes(wanted));
  const starts = (word: string): boolean => word.replace(/^"/, "").toLowerCase().startsWith(wanted);
  return [...held.filter(starts), ...held.filter((word) => !starts(word))];
}
