/** A policy that was written as YAML, as the JSON text that the filter gets, with the origin of each byte. */
import { isMap, isScalar, isSeq, type Scalar } from "yaml";
import { POLICY_BYTES } from "../../assembly/policy/fields.js";
import { isYesOrNo, offsetOf, resolved, type Source } from "./nodes.js";
import { mappedText, type PolicyText } from "./policy.js";
import type { Problem } from "./problem.js";

/** The policy, and the words in it that are not strings although they look like it. */
export interface FromYaml {
  policy: PolicyText;
  /** One problem for each `off` or `on` without quotes. */
  words: Problem[];
}

/** Reads `node` as Kubernetes and Envoy do: YAML 1.1, where `off` is false. Stops where no policy can continue. */
export function policyFromYaml(source: Source, node: unknown): FromYaml {
  const out = new Writer();
  const words: Problem[] = [];
  const write = (item: unknown, depth: number): void => {
    const value = resolved(source, item);
    const offset = offsetOf(value);
    if (depth > DEEPEST || out.text.length > POLICY_BYTES) return;
    if (isMap(value)) {
      out.add("{", offset);
      value.items.forEach((pair, index) => {
        const at = offsetOf(pair.key);
        out.add(`${index > 0 ? "," : ""}`, at);
        out.add(JSON.stringify(isScalar(pair.key) ? String(pair.key.value) : "?"), at);
        out.add(":", at);
        write(pair.value, depth + 1);
      });
      out.add("}", offset);
    } else if (isSeq(value)) {
      out.add("[", offset);
      value.items.forEach((each, index) => {
        out.add(index > 0 ? "," : "", offsetOf(each));
        write(each, depth + 1);
      });
      out.add("]", offset);
    } else if (isScalar(value)) {
      if (isYesOrNo(value)) words.push(unquoted(value));
      out.add(scalarJson(value), offset);
    } else {
      out.add("null", offset);
    }
  };
  write(node, 0);
  return { policy: mappedText(out.text, [...out.offsets, offsetOf(node)]), words };
}

/** Text that grows, with the origin of each of its characters. */
class Writer {
  text = "";
  readonly offsets: number[] = [];

  add(text: string, offset: number): void {
    this.text += text;
    for (let index = 0; index < text.length; index++) this.offsets.push(offset);
  }
}

function scalarJson(node: Scalar): string {
  if (isYesOrNo(node)) return String(/^(?:y|yes|on)$/i.test(String(node.source ?? node.value)));
  const { value } = node;
  if (typeof value === "number" && !Number.isFinite(value))
    return JSON.stringify(node.source ?? String(value));
  const plain = value === null || typeof value === "boolean" || typeof value === "number";
  return JSON.stringify(plain ? value : String(value));
}

function unquoted(node: Scalar): Problem {
  const word = String(node.source ?? node.value);
  const meant = /^(?:y|yes|on)$/i.test(word);
  return {
    offset: offsetOf(node),
    level: "error",
    what: `${word} without quotes is ${meant} in YAML 1.1, which Envoy and Kubernetes read`,
    fix: /^off$/i.test(word) ? 'write "off"' : `write ${meant}, or quotes around it`,
  };
}

/** No policy is nested deeper than five. */
const DEEPEST = 20;
