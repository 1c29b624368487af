import { afterEach, describe, test } from "vitest";
import type { Rig, RigOptions } from "../support/lab.js";
import { labs } from "../support/both-labs.js";

const OPENED = ["create 2 1", "new 2"];
const CLOSED = ["downclose 2 1", "done 2", "log 2", "delete 2"];

// What the module can do to a connection, when it happens, and which bytes still arrive (host-test/host/README.md, "Continue, stop and close").
describe.each(await labs())("closing in $name", (lab) => {
  const given = test.skipIf(lab.missing !== null);
  let rig: Rig;
  const start = async (configuration: string, options?: RigOptions): Promise<Rig> =>
    (rig = await lab.start(configuration, options));
  afterEach(async () => void (await rig.stop()));

  given.each([
    ["close 0", "close 0", true],
    ["close 1", "close 0", true],
    ["close 9", "close 2", true],
    ["continue 0", "continue 0", true],
    ["continue 3", "continue 12", true],
    ["continue 9", "continue 2", true],
    ["respond", "respond 0", true],
    ["close 2", "close 0", false],
    ["close 3", "close 0", false],
  ])("%s in a downstream callback", async (instruction, logged, passes) => {
    const session = await (await start(`down = ${instruction}`)).connect();
    await session.client.send("A");
    const closed = ["downclose 2 1", "done 2", "log 2", "delete 2"];
    await session.sees({
      logs: [...OPENED, "down 2 1 0", logged, ...(passes ? [] : closed)],
      server: passes ? "A" : "",
      serverEnded: !passes,
      clientEnded: !passes,
    });
  });

  given(
    "a close in the callback of an upstream edit loses the edited bytes, not the earlier ones",
    async () => {
      const session = await (await start("up 550 = set 3 0 99 421 bye~; close 2")).connect();
      await session.server.send("220 hi");
      await session.server.send("550 no");
      await session.sees({
        logs: [...OPENED, "up 2 6 0", "up 2 6 0", "set 0", "close 0"].concat([
          "downclose 2 1",
          "done 2",
          "log 2",
          "delete 2",
        ]),
        client: "220 hi",
        clientEnded: true,
        serverEnded: true,
      });
    },
  );

  given("bytes continued before a close in the same callback still reach the server", async () => {
    const session = await (await start("down B = continue 2; close 2; return 1")).connect();
    await session.client.send("A");
    await session.client.send("B");
    await session.sees({
      logs: [...OPENED, "down 2 1 0", "down 2 1 0", "continue 0", "close 0", ...CLOSED],
      server: "AB",
      serverEnded: true,
    });
  });

  given("bytes continued after a close in the same callback do not", async () => {
    const session = await (await start("down B = close 2; continue 2; return 1")).connect();
    await session.client.send("A");
    await session.client.send("B");
    await session.sees({
      logs: [...OPENED, "down 2 1 0", "down 2 1 0", "close 0", "continue 0", ...CLOSED],
      server: "A",
      serverEnded: true,
    });
  });

  given("held bytes released in the upstream callback that closes reach the server", async () => {
    const rules = "down = return 1\nup = set 2 0 99 QUIT~; continue 2; close 2";
    const session = await (await start(rules)).connect();
    await session.client.send("HELD");
    await session.server.send("220 hi");
    await session.sees({
      logs: [...OPENED, "down 2 4 0", "up 2 6 0", "set 0", "continue 0", "close 0", ...CLOSED],
      server: "QUIT\r\n",
      client: "",
      serverEnded: true,
    });
  });

  given("a close at a later tick lets the edited bytes arrive", async () => {
    const rules = "configure = tickms 20\nup 550 = set 3 0 99 421 bye; arm\ntick = as last; close 2";
    const session = await (await start(rules)).connect();
    await session.server.send("550 no");
    await rig.tick();
    await session.sees({
      logs: [...OPENED, "up 2 6 0", "set 0", "tick 1", "as 0", "close 0"].concat([
        "downclose 2 1",
        "done 2",
        "log 2",
        "delete 2",
      ]),
      client: "421 bye",
      clientEnded: true,
    });
  });

  given(
    "a close in the callback of the server's end: the closed context still hears of the server",
    async () => {
      const session = await (await start("up = close 2\nupclose = as self; status 2")).connect();
      await session.server.end();
      await session.sees({
        logs: [...OPENED, "up 2 0 1", "close 0", "downclose 2 1", "done 2", "log 2", "delete 2"].concat([
          "upclose 2 0",
          "as 0",
          "status 0 0 0",
        ]),
        clientEnded: true,
      });
    },
  );

  given("a close in on_new_connection", async () => {
    const session = await (await start("new = close 2; return 1")).connect();
    await session.sees({
      logs: [...OPENED, "close 0", "downclose 2 1", "done 2", "log 2", "delete 2"],
      clientEnded: true,
    });
  });
});
