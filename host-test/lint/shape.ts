/** Envoy refuses a field that its message does not have: every one of them, at every level, by the messages of 1.40. */
import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { ENVOY_MESSAGES } from "./envoy-messages.js";
import { nearest } from "./nearest.js";
import { get, keysOf, maps, resolved, snakeCase, type Source, textOf } from "./nodes.js";
import type { Problem } from "./problem.js";

/** A field of a message: what it holds, empty where that is not looked at, and whether it is a map of such. */
interface Field {
  type: string;
  isMap: boolean;
}

/** Fields by message, without "envoy." before its name. */
const MESSAGES = new Map(
  ENVOY_MESSAGES.trim()
    .split("\n")
    .map((line): [string, Map<string, Field>] => {
      const colon = line.indexOf(":");
      const fields = line.slice(colon + 2).split(" ");
      return [line.slice(0, colon), new Map(fields.filter((field) => field !== "").map(fieldOf))];
    }),
);

function fieldOf(word: string): [string, Field] {
  const [name = "", holds = ""] = word.split("=");
  return [name, { type: holds.replace("{}", ""), isMap: holds.startsWith("{}") }];
}

/** The fields of a message. @param name without "envoy." */
export const fieldsOf = (name: string): string[] => [...(MESSAGES.get(name)?.keys() ?? [])];

const BOOTSTRAP = "config.bootstrap.v3.Bootstrap";
/** What an EnvoyFilter's `applyTo` takes in `patch.value`. */
const PATCHED = new Map([
  ["NETWORK_FILTER", "config.listener.v3.Filter"],
  ["LISTENER_FILTER", "config.listener.v3.ListenerFilter"],
  ["FILTER_CHAIN", "config.listener.v3.FilterChain"],
  ["LISTENER", "config.listener.v3.Listener"],
  ["CLUSTER", "config.cluster.v3.Cluster"],
]);

/** Unknown fields anywhere in a document: in a bootstrap, after each `@type`, in an EnvoyFilter's patches. */
export function unknownFields(source: Source): Problem[] {
  const root = source.doc.contents;
  const problems: Problem[] = [];
  if (!isMap(root)) return problems;
  const bootstrapKeys = ["static_resources", "dynamic_resources", "stats_config"];
  if (bootstrapKeys.some((key) => get(source, root, key) !== null)) check(source, root, BOOTSTRAP, problems);
  for (const { map } of maps(source.doc)) {
    const message = (textOf(source, map, "@type") ?? "").replace("type.googleapis.com/envoy.", "");
    if (MESSAGES.has(message)) check(source, map, message, problems);
    const wrapped = (textOf(source, map, "type_url") ?? "").replace("type.googleapis.com/envoy.", "");
    if (MESSAGES.has(wrapped)) check(source, get(source, map, "value"), wrapped, problems);
    const patched = PATCHED.get(textOf(source, map, "apply_to") ?? "");
    if (patched !== undefined)
      check(source, get(source, get(source, map, "patch"), "value"), patched, problems);
  }
  return problems;
}

/** Goes down from a value that should be this message, or a list of them. */
function check(source: Source, value: unknown, message: string, problems: Problem[]): void {
  const open: { node: unknown; message: string }[] = [{ node: value, message }];
  const seen = new Set<unknown>();
  for (let next = open.pop(); next !== undefined && problems.length < MOST_PROBLEMS; next = open.pop()) {
    const node = resolved(source, next.node);
    const fields = MESSAGES.get(next.message);
    if (fields === undefined || node === null || seen.has(node)) continue;
    seen.add(node);
    const inner = next.message;
    if (isSeq(node)) open.push(...node.items.map((item) => ({ node: item, message: inner })));
    if (!isMap(node)) continue;
    problems.push(...unknownKeys(node, [...fields.keys(), "@type"], (key) => placeBelow(inner, key)));
    for (const { key, value: held } of node.items) {
      const field = fields.get(isScalar(key) ? snakeCase(String(key.value)) : "");
      if (field === undefined || field.type === "") continue;
      if (!field.isMap) open.push({ node: held, message: field.type });
      else if (isMap(held))
        open.push(...held.items.map((pair) => ({ node: pair.value, message: field.type })));
    }
  }
}

/** Keys that protobuf refuses, each with the nearest that it knows. @param below looks for a key further down */
export function unknownKeys(
  map: YAMLMap,
  known: readonly string[],
  below: (key: string) => string | null = () => null,
): Problem[] {
  return keysOf(map)
    .filter(({ key }) => !known.includes(key) && !known.includes(snakeCase(key)))
    .slice(0, MOST_PROBLEMS)
    .map(({ key, offset }) => ({
      offset,
      level: "error",
      what: `unknown field "${key}"`,
      fix: fixOf(key, known, below),
    }));
}

function fixOf(key: string, known: readonly string[], below: (key: string) => string | null): string {
  const guess = nearest(key, known);
  if (guess !== null) return `did you mean "${guess}"?`;
  if (key === "value" && known.includes("configuration"))
    return 'indent it as far as "@type" of configuration';
  const path = below(key);
  if (path !== null) return `its place is ${path}`;
  const names = known.filter((each) => each !== "@type");
  return `allowed here: ${names.slice(0, MOST_NAMES).join(", ")}${names.length > MOST_NAMES ? " and others" : ""}`;
}

/** Where a field of this name, or almost, is inside of a message: three levels down, the nearest first. */
function placeBelow(message: string, key: string): string | null {
  const open = [{ path: "", message }];
  for (let at = 0; at < open.length; at++) {
    const { path, message: here } = open[at] as { path: string; message: string };
    const fields = MESSAGES.get(here);
    if (fields === undefined) continue;
    const found = path === "" ? null : nearest(key, [...fields.keys()]);
    if (found !== null) return `${path}${found}`;
    if (path.split(".").length > 3) continue;
    for (const [name, { type }] of fields)
      if (type !== "") open.push({ path: `${path}${name}.`, message: type });
  }
  return null;
}

const MOST_NAMES = 16;
/** Whoever has more wrote no configuration of Envoy's; each costs a search. */
const MOST_PROBLEMS = 100;
