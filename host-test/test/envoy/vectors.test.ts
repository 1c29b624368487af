/** Every conversation of host-test/vectors through a real Envoy, whole and byte by byte: the same as in the Node host. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lastingRecord } from "../../workbench/events.js";
import { type Script, scriptOf } from "../../workbench/vector-script.js";
import type { Manner } from "../../workbench/vector-schedule.js";
import type { Outcome, TracePoint } from "../../workbench/vector-run.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { check } from "../support/vector-check.js";
import { byBytesOrChunks } from "../support/vector-cuts.js";
import { type EnvoyRun, EnvoyVectors } from "../support/vector-envoy.js";
import { type VectorCase, type VectorFile, vectorFiles } from "../support/vector-file.js";
import { NodeVectors } from "../support/vector-node.js";

const MANNERS: Record<string, Manner> = {
  whole: {},
  "byte by byte": { cut: byBytesOrChunks, lenient: true, answersAtOnce: true },
};
/** Cases of one policy that follow each other on one listener; more listeners run more cases side by side. */
const LANE = 8;

interface Result {
  node: Outcome;
  run: EnvoyRun;
}

const files: VectorFile[] = vectorFiles().map(({ id, cases }) => ({
  id,
  cases: cases.filter((each) => each.only !== "node"),
}));
const binary = await envoyOrNull("the vectors in Envoy");

describe.skipIf(binary === null)("in Envoy", () => {
  const results = new Map<VectorCase, Map<string, Result>>();
  let envoy: EnvoyVectors | undefined;
  let stopped = false;

  beforeAll(async () => {
    const lanes = lanesOf(files.flatMap((file) => file.cases));
    envoy = await EnvoyVectors.start(
      binary as string,
      lanes.map((lane) => lane[0] as VectorCase),
    );
    await Promise.all(lanes.map((lane, index) => runLane(envoy as EnvoyVectors, index, lane, results)));
    stopped = true;
    await envoy.stop();
  }, 240_000);

  afterAll(async () => {
    if (!stopped) await envoy?.stop();
  });

  describe.each(files)("$id", ({ cases }) => {
    describe.each(Object.keys(MANNERS))("%s", (how) => {
      test.each(cases)("$title", (vector) => {
        const result = results.get(vector)?.get(how) as Result;
        const outcome = (envoy as EnvoyVectors).outcome(result.run);
        check(vector, outcome, `Envoy, ${how}`, result.node);
        expect(lastingRecord(outcome.summary)).toBe(lastingRecord(result.node.summary));
      });
    });
  });
});

/** Cases of one policy and host, at most `LANE` of them, follow each other. */
function lanesOf(cases: VectorCase[]): VectorCase[][] {
  const lanes: VectorCase[][] = [];
  const kindOf = ({ policy, host }: VectorCase): string => `${JSON.stringify(host)} ${policy}`;
  for (const kind of new Set(cases.map(kindOf))) {
    const same = cases.filter((each) => kindOf(each) === kind);
    for (let at = 0; at < same.length; at += LANE) lanes.push(same.slice(at, at + LANE));
  }
  return lanes;
}

async function runLane(
  envoy: EnvoyVectors,
  index: number,
  lane: VectorCase[],
  results: Map<VectorCase, Map<string, Result>>,
): Promise<void> {
  const host = new NodeVectors(lane[0]?.policy as string);
  for (const vector of lane) {
    const script: Script = scriptOf(vector.lines, vector.host);
    const ofCase = new Map<string, Result>();
    results.set(vector, ofCase);
    for (const [how, manner] of Object.entries(MANNERS)) {
      const trace: TracePoint[] = [];
      const node = host.run(script, manner, trace);
      ofCase.set(how, { node, run: await envoy.run(index, script, manner, trace) });
    }
  }
  host.shutdown();
}
