/** A whole file: finds out what it is, then all problems in it. */
import { type Document, isMap, isScalar, parseAllDocuments, type YAMLMap } from "yaml";
import { PROFILES } from "../pages/words.js";
import { capabilityProblems } from "./capabilities.js";
import { lintFilter, lintStatsTags, wasmFilters } from "./envoy.js";
import { lintPlugin, wasmPlugin } from "./istio.js";
import { get, keysOf, maps, offsetOf, type Source, textOf } from "./nodes.js";
import { type PolicyCheck, policyProblems, wholeFile } from "./policy.js";
import type { Problem } from "./problem.js";
import { scalarOffsets } from "./scalar.js";
import { unknownFields } from "./shape.js";

/** The file's text and what is wrong with it. */
export interface LintedFile {
  text: string;
  problems: Problem[];
}

/** @throws Error if the file is nested too deep to be read */
export function lintFile(bytes: Uint8Array, check: PolicyCheck): LintedFile {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (!OUTER.test(text) && !isYamlPolicy(text))
    return { text, problems: policyProblems(wholeFile(bytes), check) };
  return { text, problems: lintYaml(text, check, 0) };
}

/** Words of a configuration that contains a policy; a policy does not have them. */
const OUTER =
  /@type|static_resources|staticResources|filter_chains|filterChains|typed_config|apiVersion|resources/;

const isYamlPolicy = (text: string): boolean =>
  !/^\ufeff?\s*(?:[{[]|$)/.test(text) && /^[\w.-]+\s*:/m.test(text);

/** @param depth how deep this text is nested in other texts */
function lintYaml(text: string, check: PolicyCheck, depth: number): Problem[] {
  const sources = parse(text).map((doc): Source => ({ doc, text }));
  const broken = sources.flatMap(({ doc }) => doc.errors);
  if (broken.length > 0) {
    return broken.slice(0, 1).map(({ pos, message }) => ({
      offset: pos[0],
      level: "error",
      what: `not valid YAML: ${(message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "")}`,
      fix: "fix the syntax here or in the line above",
    }));
  }
  const filters = sources.flatMap((source) => wasmFilters(source).map((found) => ({ source, found })));
  const plugins = sources.flatMap((source) => {
    const spec = wasmPlugin(source);
    return spec === null
      ? []
      : [{ source, spec, named: /smtp/i.test(source.text.slice(...rangeOf(source.doc))) }];
  });
  // If some are named after SMTP, the others are not this filter.
  const named = [...filters.map(({ found }) => found), ...plugins].some((each) => each.named);
  const ours = filters.filter(({ found }) => (named ? found.named : !found.http));
  const problems = [
    ...ours.flatMap(({ source, found }) => lintFilter(source, found, check)),
    ...[...new Set(ours.map(({ source }) => source))].flatMap((source) => [
      ...lintStatsTags(source),
      ...unknownFields(source),
    ]),
    ...plugins
      .filter((plugin) => plugin.named || !named)
      .flatMap(({ source, spec }) => lintPlugin(source, spec, check)),
  ];
  const inner = depth === 0 ? sources.flatMap((source) => lintConfigMap(source, check)) : null;
  if (inner !== null && inner.length > 0) return [...problems, ...inner.flat()];
  if (ours.length > 0 || plugins.length > 0) return problems;
  return pieces(sources) ?? [nothingFound(sources)];
}

/** What is wrong with envoy/capabilities.yaml or envoy/stats.yaml by themselves; null when it is something else. */
function pieces(sources: Source[]): Problem[] | null {
  const lists = sources.filter(({ doc }) => isMap(doc.contents) && doc.has("capability_restriction_config"));
  if (lists.length > 0)
    return lists.flatMap((source) => capabilityProblems(source, source.doc.contents as YAMLMap));
  const labels = sources.filter(({ doc }) => isMap(doc.contents) && doc.has("stats_config"));
  if (labels.length > 0)
    return labels.flatMap((source) => [...lintStatsTags(source), ...unknownFields(source)]);
  return null;
}

/** Envoy's configuration as a string in a Kubernetes ConfigMap; one list for each string with a filter in it. */
function lintConfigMap(source: Source, check: PolicyCheck): Problem[][] {
  if (textOf(source, source.doc.contents, "kind") !== "ConfigMap") return [];
  const data = get(source, source.doc.contents, "data");
  if (!isMap(data)) return [];
  return data.items.flatMap(({ value }) => {
    if (!isScalar(value) || typeof value.value !== "string" || !value.value.includes(".wasm.v3.Wasm"))
      return [];
    const offsets = scalarOffsets(value, value.value, source.text);
    const problems = lintYaml(value.value, check, 1);
    return [problems.map((problem) => ({ ...problem, offset: offsets[problem.offset] ?? offsetOf(value) }))];
  });
}

function nothingFound(sources: Source[]): Problem {
  const root = sources[0]?.doc.contents;
  const keys = isMap(root) ? keysOf(root) : [];
  const policyKey = keys.find(({ key }) => POLICY_KEYS.includes(key));
  if (policyKey !== undefined) {
    const what = "this is a policy in YAML: a file with only a policy must be JSON";
    return {
      offset: policyKey.offset,
      level: "error",
      what,
      fix: `write it as { "profile": "${PROFILES[1]}", … }`,
    };
  }
  const httpOnly = sources.some(({ doc }) =>
    [...maps(doc)].some(({ map }) =>
      /http_filters/.test(
        keysOf(map)
          .map(({ key }) => key)
          .join(),
      ),
    ),
  );
  const what = httpOnly
    ? "there are HTTP filters here, but no wasm network filter"
    : "there is neither a wasm network filter nor a WasmPlugin here";
  return {
    offset: 0,
    level: "error",
    what,
    fix: 'add one: "smtp-inspector init" writes a complete configuration',
  };
}

const POLICY_KEYS = [
  "stat_prefix",
  "profile",
  "protections",
  "limits",
  "events",
  "exempt_sources",
  "trusted_sources",
  "shadow",
];

function parse(text: string): Document.Parsed[] {
  try {
    const docs = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: "error" });
    return Array.isArray(docs) ? docs : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error("nested too deep to be read", { cause: error });
  }
}

const rangeOf = (doc: Document.Parsed): [number, number] => [doc.range[0], doc.range[2]];
