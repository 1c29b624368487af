import { afterEach, describe, expect, test } from "vitest";
import type { Rig, RigOptions } from "../support/lab.js";
import { labs } from "../support/both-labs.js";

// The same bodies against our host and a real Envoy: each test states what Envoy does (host-test/host/README.md, 1 to 3).
describe.each(await labs())("buffers in $name", (lab) => {
  const given = test.skipIf(lab.missing !== null);
  let rig: Rig;
  const start = async (configuration: string, options?: RigOptions): Promise<Rig> =>
    (rig = await lab.start(configuration, options));
  afterEach(async () => void (await rig.stop()));

  given("bytes pass, and each callback sees only new ones", async () => {
    const session = await (await start("")).connect();
    await session.client.send("ONE");
    await session.client.send("TWO");
    await session.server.send("DREI");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 3 0", "down 2 3 0", "up 2 4 0"],
      server: "ONETWO",
      client: "DREI",
    });
  });

  given.each([
    ["prepends", "set 2 0 0 XX", "set 0", "XXABCD"],
    ["drains from the beginning", "set 2 0 2 XX", "set 0", "XXCD"],
    ["drains no more than there is", "set 2 0 99 XX", "set 0", "XX"],
    ["drops all", "set 2 0 4 ", "set 0", ""],
    ["appends at the end", "set 2 4 0 XX", "set 0", "ABCDXX"],
    ["appends after the end", "set 2 99 7 XX", "set 0", "ABCDXX"],
    ["refuses the middle", "set 2 1 1 XX", "set 2", "ABCD"],
    ["refuses an unknown buffer", "set 9 0 0 XX", "set 2", "ABCD"],
    ["refuses the other direction", "set 3 0 0 XX", "set 2", "ABCD"],
  ])("a downstream edit %s", async (_what, instruction, logged, received) => {
    const session = await (await start(`down = ${instruction}`)).connect();
    await session.client.send("ABCD");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0", logged],
      server: received,
      client: "",
    });
  });

  given("edits compose", async () => {
    const session = await (
      await start("down = set 2 99 0 END; set 2 0 2 ; set 2 0 0 >>; get 2 0 99")
    ).connect();
    await session.client.send("ABCD");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0", "set 0", "set 0", "set 0", "get 0 >>CDEND"],
      server: ">>CDEND",
    });
  });

  given("an upstream edit changes what the client gets, and may not touch the other buffer", async () => {
    const session = await (await start("up = set 2 0 0 XX; set 3 0 3 421; get 3 1 2")).connect();
    await session.server.send("220 hi");
    await session.sees({
      logs: ["create 2 1", "new 2", "up 2 6 0", "set 2", "set 0", "get 0 21"],
      server: "",
      client: "421 hi",
    });
  });

  given("both buffers are absent, not unknown, in on_new_connection", async () => {
    const session = await (
      await start("new = set 2 0 0 X; set 3 0 0 X; status 2; status 3; get 2 0 9")
    ).connect();
    await session.sees({
      logs: ["create 2 1", "new 2", "set 2", "set 2", "status 0 0 0", "status 0 0 0", "get 0 "],
    });
  });

  given("reads are clamped, also where 32 bits would overflow", async () => {
    const rules =
      "down = get 2 1 2; get 2 2 99; get 2 4 1; get 2 99 1; get 2 0 4294967295; get 2 1 4294967295; get 2 4294967295 2";
    const session = await (await start(rules)).connect();
    await session.client.send("ABCD");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0"].concat([
        "get 0 BC",
        "get 0 CD",
        "get 0 ",
        "get 0 ",
        "get 0 ABCD",
        "get 0 BCD",
        "get 0 ",
      ]),
    });
  });

  given("which buffers exist", async () => {
    const rules = "down = status 0; status 1; status 2; status 3; status 4; status 6; status 7; status 9";
    const session = await (await start(rules, { vmConfiguration: "vm!" })).connect();
    await session.client.send("ABCD");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0"].concat(
        ["status 0 0 0", "status 0 0 0", "status 0 4 0", "status 0 0 0"],
        ["status 1", "status 0 3 0", "status 1", "status 2"],
      ),
    });
  });

  given("StopIteration keeps the bytes, and the count is of all that is held", async () => {
    const session = await (await start("down ABCDEF = return 0\ndown = return 1")).connect();
    await session.client.send("AB");
    await session.client.send("CD");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 2 0", "down 2 4 0"], server: "" });
    await session.client.send("EF");
    await session.sees({ logs: ["down 2 6 0"], server: "ABCDEF" });
  });

  given("any result but 0 stops", async () => {
    const session = await (await start("down = return 7")).connect();
    await session.client.send("AB");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 2 0"], server: "" });
  });

  given("the end comes with what is held, and is held with it", async () => {
    const session = await (await start("down = return 1\nup = continue 2")).connect();
    await session.client.send("AB");
    await session.client.end();
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 2 0", "down 2 2 1"],
      server: "",
      serverEnded: false,
    });
    await session.server.send("GO");
    await session.sees({ logs: ["up 2 2 0", "continue 0"], server: "AB", serverEnded: true, client: "GO" });
  });

  given("bytes can be added in the callback of the end", async () => {
    const session = await (await start("down X = return 0\ndown = set 2 0 0 QUIT~")).connect();
    await session.client.send("X");
    await session.client.end();
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 1 0", "down 2 0 1", "set 0"],
      server: "XQUIT\r\n",
      serverEnded: true,
    });
  });

  given("a held buffer can be edited and released from the other direction", async () => {
    const session = await (await start("down = return 1\nup = status 2; set 2 0 2 XY; continue 2")).connect();
    await session.client.send("ABCD");
    await session.server.send("GO");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0", "up 2 2 0", "status 0 4 0", "set 0", "continue 0"],
      server: "XYCD",
      client: "GO",
    });
  });

  given("after stop and continue in one, the empty buffer still takes bytes for the server", async () => {
    const rules = "down = continue 2; return 1\nup = status 2; set 2 0 0 MORE; continue 2";
    const session = await (await start(rules)).connect();
    await session.client.send("ABCD");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 4 0", "continue 0"], server: "ABCD" });
    await session.server.send("GO");
    await session.sees({ logs: ["up 2 2 0", "status 0 0 0", "set 0", "continue 0"], server: "ABCDMORE" });
    await session.client.send("EF");
    await session.sees({ logs: ["down 2 2 0", "continue 0"], server: "ABCDMOREEF" });
  });

  given("once a callback has let bytes go, the buffer is closed to the other direction", async () => {
    const session = await (await start("up = status 2; set 2 0 0 XX; continue 2")).connect();
    await session.client.send("ABCD");
    await session.server.send("GO");
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 4 0", "up 2 2 0", "status 0 0 0", "set 2", "continue 0"],
      server: "ABCD",
    });
  });

  given("continue and return 0 together send the bytes once", async () => {
    const session = await (await start("down = continue 2; return 0")).connect();
    await session.client.send("ABCD");
    await session.sees({ logs: ["create 2 1", "new 2", "down 2 4 0", "continue 0"], server: "ABCD" });
  });

  given("upstream StopIteration accumulates; nothing but a later Continue lets it go", async () => {
    const session = await (await start("up 220-B = return 0\nup = continue 3; return 1")).connect();
    await session.server.send("220-");
    await session.sees({ logs: ["create 2 1", "new 2", "up 2 4 0", "continue 12"], client: "" });
    await session.server.send("B");
    await session.sees({ logs: ["up 2 5 0"], client: "220-B" });
  });

  given("what upstream StopIteration holds at the server's end is lost, and the end with it", async () => {
    const session = await (await start("up = return 1")).connect();
    await session.server.send("BYE");
    await session.server.end();
    await session.sees({
      logs: ["create 2 1", "new 2", "up 2 3 0", "up 2 3 1", "upclose 2 0"],
      client: "",
      clientEnded: false,
    });
  });

  given("the server's bytes that upstream StopIteration holds are readable from downstream", async () => {
    const session = await (await start("up = return 1\ndown = get 3 0 99; set 3 0 0 X")).connect();
    await session.server.send("220 hi");
    await session.client.send("A");
    await session.sees({ logs: ["create 2 1", "new 2", "up 2 6 0", "down 2 1 0", "get 0 220 hi", "set 0"] });
  });

  given("beyond the buffer limit a held connection is not read until it is released", async () => {
    const rules = "down = return 1\nup = continue 2";
    const session = await (await start(rules, { bufferLimit: 16384 })).connect();
    await session.client.send("A".repeat(16384));
    await session.client.send("B".repeat(10));
    await session.client.send("C".repeat(10));
    await session.client.end();
    await session.sees({
      logs: ["create 2 1", "new 2", "down 2 16384 0", "down 2 16394 0"],
      serverLength: 0,
    });
    await session.server.send("GO");
    await session.sees({
      logs: ["up 2 2 0", "continue 0", "down 2 10 1"],
      serverLength: 16394,
      serverEnded: false,
    });
  });
});

test("Envoy's chunks can be far larger than any scratch memory: one callback of 1 MiB and more", async () => {
  const [node] = await labs();
  const rig = await (node as Awaited<ReturnType<typeof labs>>[number]).start("down = get 2 0 4; set 2 0 1 X");
  const session = await rig.connect();
  await session.client.send("ABCD".repeat(300_000));
  await session.sees({
    logs: ["create 2 1", "new 2", "down 2 1200000 0", "get 0 ABCD", "set 0"],
    serverLength: 1_200_000,
  });
  await rig.stop();
  expect(rig.startLogs.length).toBeGreaterThan(0);
});
