/** Modules, listeners and whole processes of Envoy are replaced or end while mail flows. */
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab, WASM } from "./lab.js";

const binary = await envoyOrNull("faults: restarts");

/** A base VM, the main thread's instance and the one worker's. */
const VMS = 3;

/** The module with a custom section at its end: other bytes, which do the same. */
async function variant(name: number): Promise<Buffer> {
  return Buffer.concat([await readFile(WASM), Buffer.from([0, 2, 1, 0x30 + name])]);
}

const vms = (lab: FaultLab, which: "created" | "active"): Promise<number> =>
  lab.stat(`wasm.envoy.wasm.runtime.v8.${which}`);

describe.skipIf(binary === null)("no mail is lost or doubled when", () => {
  test("the module is replaced by one at a new path", async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic();
    for (let round = 1; round <= 3; round++) {
      await traffic.more(10);
      const wasm = join(lab.folder, `module-${round}.wasm`);
      await writeFile(wasm, await variant(round));
      const before = await vms(lab, "created");
      expect(await lab.update({ wasm })).toBe(true);
      await waitFor(async () => (await vms(lab, "created")) >= before + VMS, "new VMs");
    }
    await traffic.more(10);
    await waitFor(async () => (await vms(lab, "active")) === VMS, "the old VMs to end");
    await lab.settle(traffic);
    expect(traffic.count("refused")).toBe(0);
    expect(lab.errors).toEqual([]);
    await lab.quiet();
  });

  test("the module's file is overwritten: taken at the next change of the policy, refused when it is half there", async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const path = join(lab.folder, "module.wasm");
    await copyFile(WASM, path);
    expect(await lab.update({ wasm: path })).toBe(true);
    const traffic = lab.traffic();
    await traffic.more(10);
    const policy = (held: number): string => `{"stat_prefix":"faults","limits":{"held_bytes":${held}}}`;
    await writeFile(path, (await variant(1)).subarray(0, 40_000));
    expect(await lab.update({ policy: policy(5000) })).toBe(false);
    await traffic.more(10);
    const created = await vms(lab, "created");
    await writeFile(`${path}.new`, await variant(1));
    await rename(`${path}.new`, path);
    // Another file alone changes nothing: Envoy reads it when the configuration changes.
    await traffic.more(10);
    expect(await vms(lab, "created")).toBe(created);
    expect(await lab.update({ policy: policy(6000) })).toBe(true);
    await traffic.more(10);
    expect(await vms(lab, "created")).toBeGreaterThanOrEqual(created + VMS);
    await lab.settle(traffic);
    await lab.quiet();
  });

  test("listeners are drained: open sessions end by themselves, new ones are refused", async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic({ clients: 6 });
    await traffic.more(20);
    const open = await RawClient.connect(lab.port);
    onTestFinished(() => open.destroy());
    await open.reply();
    await lab.envoy.admin("/drain_listeners", "POST");
    await waitFor(async () => (await RawClient.connect(lab.port).catch(() => null)) === null, "no listener");
    expect(await open.ask("EHLO client.example.org")).toMatch(/^250-/);
    expect(await open.ask("QUIT")).toBe("221 bye");
    await lab.settle(traffic);
    // Nothing was cut: who was connected went on to the end.
    expect([traffic.count("unknown"), traffic.count("unsent")]).toEqual([0, 0]);
    await lab.quiet();
  });

  test("Envoy is ended by SIGTERM, and another is started", async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic({ clients: 6 });
    await traffic.more(20);
    await lab.envoy.stop();
    lab.envoy = await lab.launch();
    await traffic.more(20);
    await lab.settle(traffic);
    expect(traffic.cut).toBeGreaterThan(0);
    await lab.quiet();
  });

  test("another Envoy takes over by a hot restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "faults-base-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const base = join(folder, "id");
    const times = ["--parent-shutdown-time-s", "3"];
    const envoy = { args: ["--base-id-path", base, ...times] };
    const lab = await FaultLab.start({ binary: binary as string, drainSeconds: 2, envoy });
    const traffic = lab.traffic({ clients: 6 });
    await traffic.more(20);
    const first = lab.envoy;
    const restart = { baseId: Number(await readFile(base, "utf8")), epoch: 1 };
    lab.envoy = await lab.launch({ restart, args: times });
    await traffic.more(20);
    expect(await first.exited).toBe(0);
    await traffic.more(20);
    await lab.settle(traffic);
    await lab.quiet();
  });
});
