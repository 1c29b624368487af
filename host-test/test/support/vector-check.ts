/** Fails a test where what came of a case is not what its file says. */
import { expect } from "vitest";
import { findingText, mismatch } from "../../workbench/vector-outcome.js";
import type { Outcome } from "../../workbench/vector-run.js";
import type { VectorCase } from "./vector-file.js";

/**
 * @param how the way the case was run, for the message
 * @param other a run that must have told the very same findings, those included that the file does not look at
 * @throws AssertionError with both sides' bytes, escaped
 */
export function check(vector: VectorCase, outcome: Outcome, how: string, other?: Outcome): void {
  const wrong = mismatch(vector, outcome);
  if (wrong !== null) expect(wrong.seen, `${vector.title} (${how})`).toBe(wrong.wanted);
  if (other === undefined) return;
  const [mine, others] = [outcome, other].map((each) => each.findings.map((event) => findingText(event)));
  if (mine?.join("\n") === others?.join("\n")) return;
  expect(mine, `${vector.title} (${how}): all findings, beside those of another run`).toEqual(others);
}
