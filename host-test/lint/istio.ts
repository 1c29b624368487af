/** The filter in Istio's WasmPlugin, or in its successor TrafficExtension. */
import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { get, keyOffset, offsetOf, type Source, textOf, valueOffset } from "./nodes.js";
import type { PolicyCheck } from "./policy.js";
import type { Problem } from "./problem.js";
import { unknownKeys } from "./shape.js";
import { lintYamlPolicy } from "./wasm-config.js";

/** The part of the document with module and policy; null when it is neither of the two kinds. */
export function wasmPlugin(source: Source): YAMLMap | null {
  const root = source.doc.contents;
  const kind = textOf(source, root, "kind");
  if (kind !== "WasmPlugin" && kind !== "TrafficExtension") return null;
  const spec = get(source, root, "spec");
  const part = kind === "WasmPlugin" ? spec : get(source, spec, "wasm");
  return isMap(part) ? part : null;
}

/** Everything about one plugin. @param spec what `wasmPlugin` gave */
export function lintPlugin(source: Source, spec: YAMLMap, check: PolicyCheck): Problem[] {
  const problems = unknownKeys(spec, FIELDS);
  const type = textOf(source, spec, "type");
  if (type !== "NETWORK") {
    const offset = type === null ? offsetOf(spec) : valueOffset(source, spec, "type");
    const what = `${type === null ? "no type" : `type: ${type}`}: Istio puts the module among the HTTP filters, where SMTP never passes`;
    problems.push({ offset, level: "error", what, fix: "type: NETWORK" });
  }
  if (type === "NETWORK") problems.push(...everyPort(source, spec));
  const strategy = textOf(source, spec, "fail_strategy");
  if (strategy === null || strategy === "FAIL_OPEN") {
    const what =
      strategy === null
        ? "no failStrategy: after one failure Envoy closes each new connection of that worker until it is restarted"
        : "after one failure of the filter all mail of that worker passes uninspected";
    const offset = strategy === null ? offsetOf(spec) : valueOffset(source, spec, "fail_strategy");
    problems.push({ offset, level: "warning", what, fix: "failStrategy: FAIL_RELOAD" });
  }
  const config = get(source, spec, "plugin_config");
  if (config === null || (isScalar(config) && config.value === null)) return problems;
  if (!isMap(config)) {
    const offset = keyOffset(spec, "plugin_config");
    const what = "pluginConfig is a string: Istio needs a map, which it converts to JSON";
    return [...problems, { offset, level: "error", what, fix: 'remove the "|"; the braces may stay' }];
  }
  return [...problems, ...lintYamlPolicy(source, config, check).problems];
}

/** Without ports a network filter is put on all of the workload's TCP ports, whatever is spoken there. */
function everyPort(source: Source, spec: YAMLMap): Problem[] {
  const match = get(source, spec, "match");
  const items = isSeq(match) ? match.items : [];
  const open = items.find((item) => {
    const ports = get(source, item, "ports");
    return !isSeq(ports) || ports.items.length === 0;
  });
  if (items.length > 0 && open === undefined) return [];
  const offset = open === undefined ? keyOffset(spec, "match") : offsetOf(open);
  const what = "no match with ports: Istio puts the filter on every TCP port, and ends what is not SMTP";
  return [{ offset, level: "warning", what, fix: "match: [{ mode: SERVER, ports: [{ number: 25 }] }]" }];
}

/** Fields of WasmPlugin's and TrafficExtension's spec; `get` also accepts them in snake_case. */
const FIELDS = [
  "selector",
  "targetRef",
  "targetRefs",
  "url",
  "sha256",
  "imagePullPolicy",
  "imagePullSecret",
  "verificationKey",
  "pluginConfig",
  "pluginName",
  "phase",
  "priority",
  "failStrategy",
  "vmConfig",
  "match",
  "type",
];
