/** Policies, modules and whole processes of Envoy are replaced while mail flows. */
import { describe, expect, test } from "vitest";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab, LONG } from "./lab.js";

const binary = await envoyOrNull("faults: updates");

const UPDATES = LONG ? 300 : 20;

describe.skipIf(binary === null)("mail flows on", () => {
  test(
    `${UPDATES} policy updates, every third refused`,
    async () => {
      const lab = await FaultLab.start({ binary: binary as string });
      const traffic = lab.traffic();
      await traffic.more(10);
      let refused = 0;
      for (let round = 0; round < UPDATES; round++) {
        const good = round % 3 !== 2;
        const policy = `{"stat_prefix":"faults","limits":{"held_bytes":${65_536 + round}}${good ? "" : ","}}`;
        expect(await lab.update({ policy })).toBe(good);
        if (!good) refused++;
        await traffic.more(2);
      }
      await lab.settle(traffic);
      await lab.quiet();
      expect(traffic.count("accepted")).toBeGreaterThan(2 * UPDATES);
      expect(traffic.count("refused")).toBe(0);
      expect(lab.envoy.wasmLogs.filter((line) => line.level === "error")).toHaveLength(refused);
    },
    LONG ? 900_000 : 60_000,
  );
});
