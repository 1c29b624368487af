/** What the filter says about a policy that is being edited. */
import { filterCheck } from "../lint/filter-check.js";
import { policyProblems, wholeFile } from "../lint/policy.js";
import { located } from "../lint/problem.js";
import type { TextProblem } from "./messages.js";

/** @param text the policy as it is in the editor @throws WasmTrap */
export function policyTextProblems(module: WebAssembly.Module, text: string): TextProblem[] {
  const policy = wholeFile(new TextEncoder().encode(text));
  return located(text, policyProblems(policy, filterCheck(module)));
}
