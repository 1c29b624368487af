/** Envoy's `PluginConfig` of the filter: what surrounds the policy, and the policy itself. */
import { isMap, isScalar, type Node, type YAMLMap } from "yaml";
import { capabilityProblems } from "./capabilities.js";
import { nearest } from "./nearest.js";
import { get, keyOffset, offsetOf, type Source, textOf, valueOffset } from "./nodes.js";
import { type PolicyCheck, mappedText, policyProblems, type PolicyText, wholeFile } from "./policy.js";
import type { Problem } from "./problem.js";
import { scalarOffsets } from "./scalar.js";
import { policyFromYaml } from "./to-json.js";

/** The problems, and the policy if it is valid. */
export interface Linted {
  problems: Problem[];
  policy: PolicyText | null;
}

/** @param config the map after `config:` in the filter's `typed_config` */
export function lintPluginConfig(source: Source, config: YAMLMap, check: PolicyCheck): Linted {
  const problems = [
    ...failurePolicy(source, config),
    ...outdatedList(source, config),
    ...vmConfig(source, config),
  ];
  const inner = configuration(source, config, check);
  return { problems: [...problems, ...inner.problems], policy: inner.policy };
}

/** A YAML policy and what it becomes: words that YAML changes are reported instead of the filter's message about them. */
export function lintYamlPolicy(source: Source, node: unknown, check: PolicyCheck): Linted {
  const { policy, words } = policyFromYaml(source, node);
  const problems = policyProblems(policy, check);
  const refused = problems.some(({ level }) => level === "error");
  const misread = problems.flatMap((problem) => words.filter(({ offset }) => offset === problem.offset));
  return { problems: misread.length > 0 ? words : problems, policy: refused ? null : policy };
}

function failurePolicy(source: Source, config: YAMLMap): Problem[] {
  const policy = textOf(source, config, "failure_policy");
  const open = textOf(source, config, "fail_open");
  const at = (key: string): number => valueOffset(source, config, key);
  if (policy !== null && open !== null) {
    return [
      {
        offset: at("fail_open"),
        level: "error",
        what: "fail_open together with failure_policy: Envoy refuses that",
        fix: "remove fail_open",
      },
    ];
  }
  if (policy === "FAIL_OPEN" || open === "true") {
    const offset = at(policy === null ? "fail_open" : "failure_policy");
    const what = "after one failure of the filter all mail of that worker passes uninspected";
    return [{ offset, level: "warning", what, fix: "failure_policy: FAIL_RELOAD" }];
  }
  if (policy === null) {
    const what =
      "no failure_policy: after one failure Envoy closes each new connection of that worker until it is restarted";
    return [{ offset: offsetOf(config), level: "warning", what, fix: "failure_policy: FAIL_RELOAD" }];
  }
  if (POLICIES.includes(policy)) return [];
  const guess = nearest(policy, POLICIES);
  const fix = guess === null ? "failure_policy: FAIL_RELOAD" : `did you mean ${guess}?`;
  return [{ offset: at("failure_policy"), level: "error", what: `unknown failure_policy ${policy}`, fix }];
}

function vmConfig(source: Source, config: YAMLMap): Problem[] {
  const vm = get(source, config, "vm_config");
  if (!isMap(vm)) {
    return [
      {
        offset: offsetOf(config),
        level: "error",
        what: "no vm_config: there is no module to load",
        fix: VM_CONFIG,
      },
    ];
  }
  const problems = capabilityProblems(source, vm);
  const runtime = textOf(source, vm, "runtime");
  if (runtime !== null && runtime !== "" && runtime !== V8) {
    const offset = valueOffset(source, vm, "runtime");
    problems.push({
      offset,
      level: "error",
      what: `Envoy's binaries do not have runtime ${runtime}`,
      fix: `runtime: ${V8}`,
    });
  }
  if (get(source, vm, "code") === null) {
    problems.push({
      offset: offsetOf(vm),
      level: "error",
      what: "no code: there is no module to load",
      fix: VM_CONFIG,
    });
  }
  return problems;
}

/** The policy in an Any. What Envoy 1.40 does with each type was seen on its binary. */
function configuration(source: Source, config: YAMLMap, check: PolicyCheck): Linted {
  const any = get(source, config, "configuration");
  const none: PolicyText = { bytes: new Uint8Array(0), at: () => offsetOf(config) };
  if (any === null) return { problems: [], policy: none };
  const type = textOf(source, any, "@type");
  if (!isMap(any) || type === null) {
    const what = "the configuration has no @type";
    return { problems: [{ offset: offsetOf(any), level: "error", what, fix: STRING_VALUE }], policy: null };
  }
  const value = get(source, any, "value");
  const text = isScalar(value) && typeof value.value === "string" ? value.value : null;
  if (value === null) return { problems: withoutValue(source, config, any), policy: none };
  if (type.endsWith("/google.protobuf.BytesValue") && text !== null) {
    const policy = { ...wholeFile(base64(text)), at: () => offsetOf(value) };
    return accepted(policyProblems(policy, check), policy);
  }
  if (type.endsWith("/google.protobuf.StringValue")) {
    if (isScalar(value) && text !== null) {
      const policy = mappedText(text, scalarOffsets(value, text, source.text));
      return accepted(policyProblems(policy, check), policy);
    }
    const what = "value is YAML, but a StringValue needs a string";
    const wrong: Problem = {
      offset: offsetOf(value),
      level: "error",
      what,
      fix: `write "value: |" and the policy as JSON, indented, below it`,
    };
    return { problems: [wrong, ...lintYamlPolicy(source, value, check).problems], policy: null };
  }
  return { problems: unreadable(source, any, type, value, check), policy: null };
}

/** Envoy 1.40 still takes the list beside vm_config, and says that a later one will not. */
function outdatedList(source: Source, config: YAMLMap): Problem[] {
  const key = "capability_restriction_config";
  if (get(source, config, key) === null) return [];
  const outdated: Problem = {
    offset: keyOffset(config, key),
    level: "warning",
    what: `${key} beside vm_config is deprecated in Envoy 1.40`,
    fix: "move it into vm_config",
  };
  return [outdated, ...capabilityProblems(source, config)];
}

/** @returns nothing where the value stands beside its place, which is an unknown field of that place */
function withoutValue(source: Source, config: YAMLMap, any: YAMLMap): Problem[] {
  if (get(source, config, "value") !== null) return [];
  const what = "the configuration has no value: the policy is that of profile recommended";
  const fix = "value: '{}', or the policy as JSON text";
  return [{ offset: valueOffset(source, any, "@type"), level: "warning", what, fix }];
}

/** An Any of a type that the filter cannot read; what is in it is judged all the same. */
function unreadable(source: Source, any: YAMLMap, type: string, value: Node, check: PolicyCheck): Problem[] {
  const name = type.slice(type.lastIndexOf(".") + 1);
  const what = type.endsWith("/google.protobuf.Struct")
    ? "a Struct reaches a network filter as binary protobuf, not as JSON: the filter refuses it"
    : `the configuration is a ${name}, which the filter cannot read`;
  const wrong: Problem = {
    offset: valueOffset(source, any, "@type"),
    level: "error",
    what,
    fix: STRING_VALUE,
  };
  return [wrong, ...(isMap(value) ? lintYamlPolicy(source, value, check).problems : [])];
}

const accepted = (problems: Problem[], policy: PolicyText): Linted => ({
  problems,
  policy: problems.some(({ level }) => level === "error") ? null : policy,
});

function base64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new TextEncoder().encode(text);
  }
}

const V8 = "envoy.wasm.runtime.v8";
const VM_CONFIG = `vm_config: { runtime: ${V8}, code: { local: { filename: /etc/envoy/smtp-inspector.wasm } } }`;
const STRING_VALUE =
  '"@type": type.googleapis.com/google.protobuf.StringValue, and the policy as JSON text in value';
const POLICIES = ["FAIL_RELOAD", "FAIL_CLOSED", "FAIL_OPEN", "UNSPECIFIED"];
