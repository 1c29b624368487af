/** Makes vectors of sessions and runs them as those of host-test/vectors are run. */
import { parseLines } from "../../workbench/lines.js";
import type { SessionStart } from "../../workbench/model.js";
import type { Recording } from "../../workbench/recording.js";
import { spokenIn } from "../../workbench/transcript.js";
import { scriptOf } from "../../workbench/vector-script.js";
import { check } from "../support/vector-check.js";
import { byBytes, cutsOf } from "../support/vector-cuts.js";
import { parseVectorFile } from "../support/vector-file.js";
import { NodeVectors } from "../support/vector-node.js";

export const START: SessionStart = {
  id: 0,
  title: "",
  client: "198.51.100.77:40000",
  server: "203.0.113.5:25",
  startNs: 0n,
};

/** @param lines in the format of the vectors */
export const recordingOf = (lines: string): Recording => ({
  ...START,
  said: [...spokenIn(parseLines(lines.split("\n"), "test", 1))],
  stopped: null,
});

const hosts = new Map<string, NodeVectors>();
/** Runs the one case of a vector file as those of host-test/vectors are run. @param everywhere also cut at every byte */
export function runVector(id: string, text: string, everywhere: boolean): void {
  const [vector, ...others] = parseVectorFile(text, `${id}.md`).cases;
  if (vector === undefined || others.length > 0) throw new Error("one case was expected");
  const script = scriptOf(vector.lines, vector.host);
  const host = hosts.get(vector.policy) ?? new NodeVectors(vector.policy);
  hosts.set(vector.policy, host);
  const whole = host.run(script);
  check(vector, whole, "whole");
  check(vector, host.run(script, { joinEnd: true }), "whole, the server's end with its last bytes", whole);
  check(vector, host.run(script, { cut: byBytes, lenient: true }), "byte by byte", whole);
  if (!everywhere) return;
  for (const { how, manner } of cutsOf(script)) check(vector, host.run(script, manner), how, whole);
}
