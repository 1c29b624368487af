import { afterEach, describe, expect, test } from "vitest";
import type { Rig, RigOptions } from "../support/lab.js";
import { labs } from "../support/both-labs.js";

const OPENED = ["create 2 1", "new 2"];

// Who is called with what and when, and which bytes still arrive (host-test/host/README.md, "Ends and half close").
describe.each(await labs())("connections in $name", (lab) => {
  const given = test.skipIf(lab.missing !== null);
  let rig: Rig;
  const start = async (configuration: string, options?: RigOptions): Promise<Rig> =>
    (rig = await lab.start(configuration, options));
  afterEach(async () => void (await rig.stop()));

  given("the client ends, then the server", async () => {
    const session = await (await start("")).connect();
    await session.client.end();
    await session.sees({ logs: [...OPENED, "down 2 0 1"], serverEnded: true, clientEnded: false });
    await session.server.send("BYE");
    await session.server.end();
    await session.sees({
      logs: ["up 2 3 0", "up 2 0 1", "upclose 2 0", "downclose 2 1", "done 2", "log 2", "delete 2"],
      client: "BYE",
      clientEnded: true,
    });
  });

  given("the server ends first: the client's bytes still flow", async () => {
    const session = await (await start("")).connect();
    await session.server.end();
    await session.sees({
      logs: [...OPENED, "up 2 0 1", "upclose 2 0"],
      clientEnded: true,
      serverEnded: false,
    });
    await session.client.send("MORE");
    await session.sees({ logs: ["down 2 4 0"], server: "MORE" });
    await session.client.end();
    await session.sees({
      logs: ["down 2 0 1", "downclose 2 2", "done 2", "log 2", "delete 2"],
      serverEnded: true,
    });
  });

  given("a client's end that is held after the server's is lost: the connection closes", async () => {
    const session = await (await start("down = return 1")).connect();
    await session.server.end();
    await session.client.send("HELD");
    await session.client.end();
    await session.sees({
      logs: [...OPENED, "up 2 0 1", "upclose 2 0", "down 2 4 0", "down 2 4 1"].concat([
        "downclose 2 2",
        "done 2",
        "log 2",
        "delete 2",
      ]),
      server: "",
      serverEnded: true,
    });
  });

  given("the server's end is held: the client's end still closes", async () => {
    const session = await (await start("up = return 1")).connect();
    await session.server.send("LOST");
    await session.server.end();
    await session.client.end();
    await session.sees({
      logs: [...OPENED, "up 2 4 0", "up 2 4 1", "upclose 2 0", "down 2 0 1"].concat([
        "downclose 2 1",
        "done 2",
        "log 2",
        "delete 2",
      ]),
      client: "",
      clientEnded: true,
    });
  });

  given("the client resets", async () => {
    const session = await (await start("downclose = status 2; get 2 0 9")).connect();
    await session.client.send("A");
    await session.client.reset();
    await session.sees({
      logs: [
        ...OPENED,
        "down 2 1 0",
        "downclose 2 2",
        "status 0 0 0",
        "get 0 ",
        "done 2",
        "log 2",
        "delete 2",
      ],
      server: "A",
      serverEnded: true,
    });
  });

  given("bytes that are held when the client resets are still readable while closing", async () => {
    const session = await (
      await start("down = return 1\ndownclose = get 2 0 9\ndelete = get 2 0 9")
    ).connect();
    await session.client.send("HELD");
    await session.client.reset();
    await session.sees({
      logs: [...OPENED, "down 2 4 0", "downclose 2 2", "get 0 HELD"].concat([
        "done 2",
        "log 2",
        "delete 2",
        "get 0 HELD",
      ]),
      server: "",
      serverEnded: true,
    });
  });

  given("the server resets: the client sees an end", async () => {
    const session = await (await start("downclose = number response/flags")).connect();
    await session.server.send("HI");
    await session.sees({ client: "HI" });
    await session.server.reset();
    await session.sees({
      logs: [
        ...OPENED,
        "up 2 2 0",
        "downclose 2 1",
        "property 0 1000000000000000",
        "done 2",
        "log 2",
        "delete 2",
      ],
      clientEnded: true,
    });
  });

  given(
    "a held new connection has no server; what the client said early comes before the greeting",
    async () => {
      const rules = "configure = tickms 20\nnew = arm; return 1\ntick = as last; continue 2";
      const session = await (await start(rules)).connect();
      await session.client.send("EARLY");
      if (lab.name === "node") await session.server.send("220 hi");
      await rig.tick();
      if (lab.name === "envoy") await session.server.send("220 hi");
      await session.sees({
        logs: [...OPENED, "tick 1", "as 0", "continue 0", "down 2 5 0", "up 2 6 0"],
        server: "EARLY",
        client: "220 hi",
      });
    },
  );

  given(
    "the effective context is the connection's until the callback returns; a deleted one is refused",
    async () => {
      const rules =
        "configure = tickms 20\ndown X = arm\ndelete = as self\ntick = number connection_id; as last; property plugin_name";
      const session = await (await start(rules)).connect();
      await session.client.reset();
      await session.sees({ logs: [...OPENED, "downclose 2 2", "done 2", "log 2", "delete 2", "as 0"] });
      const other = await rig.connect();
      await other.client.send("X");
      await rig.tick();
      await other.sees({
        logs: [
          "create 3 1",
          "new 3",
          "down 3 1 0",
          "tick 1",
          "property 1",
          "as 0",
          "property 0 smtp_inspector",
        ],
      });
      await other.client.reset();
      await other.sees({ logs: ["downclose 3 2", "done 3", "log 3", "delete 3", "as 0"] });
    },
  );

  given("a deleted context is refused", async () => {
    const rules = "down X = as 2; as 0; as 3; as 99";
    const session = await (await start(rules)).connect();
    await session.client.reset();
    await session.sees({ logs: [...OPENED, "downclose 2 2", "done 2", "log 2", "delete 2"] });
    const other = await rig.connect();
    await other.client.send("X");
    await other.sees({ logs: ["create 3 1", "new 3", "down 3 1 0", "as 2", "as 0", "as 0", "as 2"] });
  });

  given("a trap closes its connection at once, others at their next data, and new ones", async () => {
    const started = await start("down TRAP = trap");
    const other = await started.connect();
    const session = await started.connect();
    await other.client.send("A");
    await other.server.send("B");
    await session.client.send("TRAP");
    await session.sees({
      logs: [...OPENED, "create 3 1", "new 3", "down 2 1 0", "up 2 1 0", "down 3 4 0"],
      clientEnded: true,
      serverEnded: true,
    });
    await other.sees({ logs: [], client: "B", server: "A", clientEnded: false });
    await other.server.send("LOST");
    await other.sees({ logs: [], client: "B", clientEnded: true, serverEnded: true });
    expect(started.startLogs).toContain("configure 1 16");
  });
});
