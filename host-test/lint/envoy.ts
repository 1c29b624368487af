/** The filter in Envoy's own configuration, also where Istio's EnvoyFilter or Envoy Gateway's EnvoyPatchPolicy carry it. */
import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import {
  above,
  get,
  keyOffset,
  maps,
  offsetOf,
  type Place,
  type Source,
  textOf,
  valueOffset,
} from "./nodes.js";
import { type PolicyCheck, limitOf, type PolicyText, starttlsOf } from "./policy.js";
import type { Problem } from "./problem.js";
import { lintListener } from "./proxy.js";
import { lintQuarantine } from "./quarantine.js";
import { lintStartTls } from "./starttls.js";
import { lintPluginConfig } from "./wasm-config.js";

/** A wasm filter in a document. */
export interface Found {
  /** The map with `@type`. */
  typed: YAMLMap;
  /** What holds `config`: `typed` itself, or the value of a TypedStruct. */
  body: unknown;
  parent: Place | null;
  http: boolean;
  /** Something in it is named after SMTP, so it is probably this filter. */
  named: boolean;
}

const NETWORK = "envoy.extensions.filters.network.wasm.v3.Wasm";
const HTTP = "envoy.extensions.filters.http.wasm.v3.Wasm";

/** All wasm filters of the document. */
export function wasmFilters(source: Source): Found[] {
  const found: Found[] = [];
  for (const { map, parent } of maps(source.doc)) {
    const type = textOf(source, map, "@type") ?? "";
    const wrapped = type.endsWith(".TypedStruct");
    const url = wrapped ? (textOf(source, map, "type_url") ?? "") : type;
    if (!url.endsWith(NETWORK) && !url.endsWith(HTTP)) continue;
    const [start, , end] = map.range ?? [0, 0, 0];
    const body = wrapped ? get(source, map, "value") : map;
    const named = /smtp/i.test(source.text.slice(start, end));
    found.push({ typed: map, body, parent, http: url.endsWith(HTTP), named });
  }
  return found;
}

/** Everything about one filter and its place. */
export function lintFilter(source: Source, found: Found, check: PolicyCheck): Problem[] {
  const { typed, body, parent, http } = found;
  const problems: Problem[] = [];
  if (http) {
    problems.push({
      offset: valueOffset(source, typed, "@type"),
      level: "error",
      what: "this is the HTTP filter: SMTP never passes through it",
      fix: `"@type": type.googleapis.com/${NETWORK}, in the filter chain before tcp_proxy`,
    });
  }
  const config = get(source, body, "config");
  if (!isMap(config)) {
    const fix = "config: { name, root_id, failure_policy, vm_config, configuration }";
    return [...problems, { offset: offsetOf(typed), level: "error", what: "the filter has no config", fix }];
  }
  const { problems: inner, policy } = lintPluginConfig(source, config, check);
  const listener = above(parent, (map) => get(source, map, "filter_chains") !== null);
  if (!http) problems.push(...order(source, parent, listener !== null), ...patch(source, parent));
  if (listener !== null)
    problems.push(...bufferLimit(source, listener, policy), ...lintListener(source, listener));
  if (listener !== null && policy !== null && !http)
    problems.push(...lintStartTls(source, parent, starttlsOf(policy)), ...lintQuarantine(source, policy));
  return [...problems, ...inner];
}

/** A bootstrap without the tags shows a statistic for each protection and action, and no labels. */
export function lintStatsTags(source: Source): Problem[] {
  const root = source.doc.contents;
  const stats = get(source, root, "stats_config");
  const isBootstrap = get(source, root, "static_resources") ?? get(source, root, "admin") ?? stats;
  if (!isMap(root) || isBootstrap === null) return [];
  const tags = get(source, stats, "stats_tags");
  const regexes = isSeq(tags) ? tags.items.map((tag) => textOf(source, tag, "regex") ?? "") : [];
  const lacking = TAGS.filter(
    ([, word]) => !regexes.some((regex) => regex.includes("smtp") && regex.includes(word)),
  );
  if (lacking.length === 0) return [];
  const names = lacking.map(([name]) => name).join(", ");
  const none = lacking.length === TAGS.length;
  return [
    {
      offset: isMap(stats) ? keyOffset(root, "stats_config") : offsetOf(root),
      level: "warning",
      what: `${none ? "no stats_tags for the filter" : `no stats_tags for ${names}`}: Prometheus gets long names instead of labels`,
      fix: "copy stats_config from envoy/stats.yaml",
    },
  ];
}

/** The labels of envoy/stats.yaml, each with the part of a statistic's name that its expression must remove. */
const TAGS: readonly [string, string][] = [
  ["smtp_prefix", "wasmcustom"],
  ...["protection", "reason", "action", "outcome", "verb", "class", "side"].map((word): [string, string] => {
    return [`smtp_${word}`, `(\\.${word}\\.`];
  }),
];

/** tcp_proxy ends a chain: a filter after it never sees a byte, and Envoy refuses the listener. */
function order(source: Source, parent: Place | null, inListener: boolean): Problem[] {
  const filter = parent?.node;
  const filters = parent?.parent?.node;
  if (!isMap(filter) || !isSeq(filters)) return [];
  const own = filters.items.indexOf(filter);
  const proxy = (filters as YAMLSeq).items.findIndex((item) => isTcpProxy(source, item));
  const behind = proxy >= 0 && proxy < own;
  if (!behind && (!inListener || own < filters.items.length - 1)) return [];
  const what = behind
    ? "the filter comes after tcp_proxy, which ends the chain"
    : "no filter after it sends the mail on";
  const fix = behind ? "move it before tcp_proxy" : "put envoy.filters.network.tcp_proxy after it";
  return [{ offset: offsetOf(filter), level: "error", what, fix }];
}

function isTcpProxy(source: Source, filter: unknown): boolean {
  const type = textOf(source, get(source, filter, "typed_config"), "@type") ?? "";
  return type.endsWith(".TcpProxy") || textOf(source, filter, "name") === TCP_PROXY;
}

/** Where an EnvoyFilter or an EnvoyPatchPolicy would put the filter. */
function patch(source: Source, parent: Place | null): Problem[] {
  const has = (map: YAMLMap, key: string): boolean => get(source, map, key) !== null;
  const istio = above(parent, (map) => has(map, "apply_to") && has(map, "patch"));
  const gateway = above(parent, (map) => has(map, "op") && has(map, "path"));
  return [
    ...(istio === null ? [] : istioPatch(source, istio)),
    ...(gateway === null ? [] : gatewayPatch(source, gateway)),
  ];
}

function istioPatch(source: Source, istio: YAMLMap): Problem[] {
  const to = textOf(source, istio, "apply_to");
  if (to === "HTTP_FILTER") {
    const what = "applyTo: HTTP_FILTER puts the filter where SMTP never passes";
    const offset = valueOffset(source, istio, "apply_to");
    return [{ offset, level: "error", what, fix: "applyTo: NETWORK_FILTER" }];
  }
  const inner = get(source, istio, "patch");
  if (!isMap(inner) || to !== "NETWORK_FILTER") return [];
  const operation = textOf(source, inner, "operation");
  const isBehind = operation === "ADD" || (operation === "INSERT_AFTER" && matches(source, istio, TCP_PROXY));
  if (!isBehind) return [];
  const what = `operation: ${operation} puts the filter after tcp_proxy, which ends the chain`;
  const fix =
    "operation: INSERT_BEFORE, with match.listener.filterChain.filter.name: envoy.filters.network.tcp_proxy";
  return [{ offset: valueOffset(source, inner, "operation"), level: "error", what, fix }];
}

function gatewayPatch(source: Source, gateway: YAMLMap): Problem[] {
  if (textOf(source, gateway, "path")?.endsWith("/filters/-") !== true) return [];
  const what = "the path ends in /-, which puts the filter after tcp_proxy";
  const fix = "path: /filter_chains/0/filters/0";
  return [{ offset: valueOffset(source, gateway, "path"), level: "error", what, fix }];
}

/** Whether the EnvoyFilter's `match` names this filter. */
function matches(source: Source, patched: YAMLMap, filter: string): boolean {
  const [start, , end] = get(source, patched, "match")?.range ?? [0, 0, 0];
  return source.text.slice(start, end).includes(filter);
}

/** Envoy's default is 1 MiB; this limit also bounds what the filter has to read in one callback. */
function bufferLimit(source: Source, listener: YAMLMap, policy: PolicyText | null): Problem[] {
  const key = "per_connection_buffer_limit_bytes";
  const node = get(source, listener, key);
  const fix = `${key}: 65536`;
  if (node === null || !isScalar(node)) {
    const what = `no ${key}: with Envoy's default a slow reader costs 1 MiB, and one callback may carry that much`;
    return [{ offset: offsetOf(listener), level: "warning", what, fix }];
  }
  const limit = Number(node.value);
  const line = policy === null ? 0 : limitOf(policy, "command_line_bytes");
  if (limit >= line && limit > 0) return [];
  const what =
    limit === 0
      ? `${key} is 0, which is no limit`
      : `${key} is ${limit}, less than limits.command_line_bytes (${line}): a held command line of that length is never complete`;
  return [{ offset: offsetOf(node), level: "warning", what, fix }];
}

const TCP_PROXY = "envoy.filters.network.tcp_proxy";
