import { afterEach, describe, expect, test } from "vitest";
import type { Rig, RigOptions } from "../support/lab.js";
import { labs } from "../support/both-labs.js";

/** How often each line stands in `lines`: instances of several threads start in any order. */
function counts(lines: string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of lines) found[line] = (found[line] ?? 0) + 1;
  return found;
}

// Instances, root contexts and configurations (host-test/host/README.md, "Lifecycle").
describe.each(await labs())("root contexts in $name", (lab) => {
  const given = test.skipIf(lab.missing !== null);
  let rig: Rig | undefined;
  const start = async (configuration: string, options?: RigOptions): Promise<Rig> =>
    (rig = await lab.start(configuration, options));
  afterEach(async () => void (await rig?.stop()));

  given.each([
    [1, 4],
    [2, 5],
  ])(
    "with %i workers: base, trial, main thread and workers; the trial is dropped unasked",
    async (workers, all) => {
      await start("say x", { workers, vmConfiguration: "vm!" });
      expect(counts(rig?.startLogs ?? [])).toEqual({
        initialize: all,
        "create 1 0": all - 1,
        "start 1 3": all - 1,
        "configure 1 5": all - 1,
      });
    },
  );

  given("exit ends every root: on_done, on_delete", async () => {
    const started = await start("");
    expect(counts(await started.stop())).toEqual({ "done 1": 2, "delete 1": 2 });
  });

  given("exit closes open connections before their root ends", async () => {
    const started = await start("down = return 1");
    const session = await started.connect();
    await session.client.send("HELD");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 4 0"] });
    const lines = await started.stop();
    expect(counts(lines)).toEqual({
      ...{ "downclose 2 1": 1, "done 2": 1, "log 2": 1, "delete 2": 1 },
      ...{ "done 1": 2, "delete 1": 2 },
    });
    expect(lines.lastIndexOf("done 1")).toBeGreaterThan(lines.indexOf("delete 2"));
  });

  given("a root that is not done is not deleted at exit", async () => {
    const started = await start("done = return 0");
    expect(counts(await started.stop())).toEqual({ "done 1": 2 });
  });

  given("proxy_done deletes a root that waited for it", async () => {
    const started = await start("done = finish; return 0\ndelete = finish");
    expect(counts(await started.stop())).toEqual({ "done 1": 2, "finish 1": 2 });
  });

  given("the configuration can be read while configuring and never else", async () => {
    const rules =
      "configure = get 7 0 13; status 7; set 7 0 0 X; set 6 0 0 X\nnew = status 7; get 6 0 99; status 6";
    const session = await (await start(rules, { vmConfiguration: "vm!" })).connect();
    await session.sees({ logs: ["create 2 1", "new 2", "status 1", "get 0 vm!", "status 0 3 0"] });
    expect(counts(rig?.startLogs ?? [])).toMatchObject({
      "get 0 configure = g": 3,
      "status 0 95 0": 3,
      "set 2": 6,
    });
  });

  given("a refusal at start carries the module's own words", async () => {
    const refused = await start("configure = shout 3 no such thing; shout 2 bye; return 0").then(
      () => "started",
      (error: Error) => error.message,
    );
    expect(refused).toBe("no such thing");
    rig = undefined;
  });

  given("a trap while configuring is a refusal", async () => {
    const failure = await start("configure = trap").then(
      () => "started",
      () => "refused",
    );
    expect(failure).toBe("refused");
    rig = undefined;
  });

  given("a host call in _initialize beyond logging is a refusal", async () => {
    const failure = await start("", { module: "initialize" }).then(
      () => "started",
      () => "refused",
    );
    expect(failure).toBe("refused");
    rig = undefined;
  });

  given("a new configuration is a new root in the same VM; old connections keep the old one", async () => {
    const started = await start("down = set 2 0 0 old ", { updates: true });
    const old = await started.connect();
    await old.client.send("A");
    await old.sees({ server: "old A" });
    expect(await started.update("down = set 2 0 0 new ")).toBe(true);
    const fresh = await started.connect();
    await fresh.client.send("A");
    await fresh.sees({ logs: ["create 4 3", "new 4", "down 4 1 0", "set 0"], server: "new A" });
    await old.client.send("B");
    await fresh.sees({ logs: ["down 2 1 0", "set 0"] });
    await old.sees({ server: "old Aold B", clientEnded: false });
    await started.drainOld();
    await old.sees({ clientEnded: true });
    // The main thread's root ends at a time of its own.
    await expect
      .poll(async () => counts(await fresh.peek()))
      .toEqual({ "downclose 2 1": 1, "done 2": 1, "log 2": 1, "delete 2": 1, "done 1": 2, "delete 1": 2 });
    const lines = await fresh.peek();
    expect(lines.lastIndexOf("done 1")).toBeGreaterThan(lines.indexOf("delete 2"));
    await fresh.client.send("C");
    await fresh.sees({ server: "new Anew C", clientEnded: false });
  });

  given("a refused new configuration leaves the old one serving", async () => {
    const started = await start("down = set 2 0 0 old ", { updates: true });
    expect(await started.update("configure = return 0")).toBe(false);
    const session = await started.connect();
    await session.client.send("A");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 1 0", "set 0"], server: "old A" });
  });

  given("two listeners share the VMs: context ids interleave, each keeps its configuration", async () => {
    const started = await start("down = set 2 0 0 first ", { second: "down = set 2 0 0 second " });
    const first = await started.connect(0);
    const second = await started.connect(1);
    const third = await started.connect(0);
    await first.client.send("A");
    await second.client.send("B");
    await third.client.send("C");
    await first.sees({
      logs: [
        ...["create 3 1", "new 3", "create 4 2", "new 4", "create 5 1", "new 5"],
        ...["down 3 1 0", "set 0", "down 4 1 0", "set 0", "down 5 1 0", "set 0"],
      ],
      server: "first A",
    });
    await second.sees({ server: "second B" });
    await third.sees({ server: "first C" });
  });
});
