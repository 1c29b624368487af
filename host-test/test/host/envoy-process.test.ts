import { describe, expect, test } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyFailed, EnvoyProcess } from "../../host/envoy-process.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { freePort } from "../../peers/net.js";
import { buildProbe } from "../support/probe.js";

const binary = await envoyOrNull("running Envoy as a process");

describe.skipIf(binary === null)("an Envoy process", () => {
  const start = async (policy: string, port = 0): Promise<EnvoyProcess> => {
    const listener = { name: "smtp", port, wasm: await buildProbe(), policy, upstreamPort: 1 };
    return EnvoyProcess.start({ binary: binary as string, bootstrap: envoyBootstrap([listener]) });
  };

  test("is ready when start returns, tells its ports and statistics, and is gone after stop", async () => {
    const envoy = await start("configure = define seen 0; increment 2");
    expect((await envoy.ports()).get("smtp")).toBeGreaterThan(0);
    expect((await envoy.stats()).get("wasmcustom.seen")).toBe(6);
    await expect(envoy.admin("/nowhere")).rejects.toThrow("Envoy's admin interface answers 404 to /nowhere");
    await envoy.stop();
    expect(await envoy.exited).toBe(0);
    await expect(envoy.admin("/ready")).rejects.toThrow();
    await envoy.stop();
  });

  test("a message of a filter is one entry, byte for byte, whatever it holds", async () => {
    const message = `say {"a":"\\\\ é€ '\t"} \u0001 \\n`;
    const envoy = await start(
      `configure = say one~[info][wasm] wasm log x: two; say ${message}; shout 3 warned`,
    );
    const logged = envoy.wasmLogs.map((line) => [line.level, line.message]);
    expect(logged).toContainEqual(["info", "one\r\n[info][wasm] wasm log x: two"]);
    expect(logged).toContainEqual(["info", message]);
    expect(logged).toContainEqual(["warn", "warned"]);
    expect(logged).not.toContainEqual(["info", "two"]);
    await envoy.stop();
  });

  test("a filter's refusal, a taken port and a missing binary each say why", async () => {
    await expect(start("configure = shout 4 no such key; return 0")).rejects.toThrow(/^no such key$/);
    const port = await freePort();
    const first = await start("", port);
    const failure = await start("", port).catch((error: unknown) => error);
    await first.stop();
    expect(failure).toBeInstanceOf(EnvoyFailed);
    expect((failure as Error).message).toContain("Address already in use");
    await expect(EnvoyProcess.start({ binary: "/nowhere/envoy", bootstrap: {} })).rejects.toThrow("ENOENT");
  });
});
