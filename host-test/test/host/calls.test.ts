import { afterEach, describe, expect, test } from "vitest";
import type { Rig, RigOptions } from "../support/lab.js";
import { labs } from "../support/both-labs.js";

const OPENED = ["create 2 1", "new 2"];

// Host calls beyond buffers and streams (host-test/host/README.md, 7 to 10).
describe.each(await labs())("host calls in $name", (lab) => {
  const given = test.skipIf(lab.missing !== null);
  let rig: Rig;
  const start = async (configuration: string, options?: RigOptions): Promise<Rig> =>
    (rig = await lab.start(configuration, options));
  afterEach(async () => void (await rig.stop()));

  /** What `instructions` log in the callback of a new connection. */
  async function logged(instructions: string, more = ""): Promise<string[]> {
    const session = await (await start(`new = ${instructions}; say end${more}`)).connect();
    let lines: string[] = [];
    await expect
      .poll(async () => {
        lines = await session.peek();
        return lines.at(-1);
      })
      .toBe("end");
    return lines.slice(OPENED.length, -1);
  }

  given("properties of the plugin, and a trailing NUL", async () => {
    const names = [
      "plugin_name",
      "plugin_root_id",
      "plugin_vm_id",
      "plugin_name/",
      "xds/node/id",
      "xds/node/cluster",
    ];
    expect(await logged(names.map((name) => `property ${name}`).join("; "))).toEqual([
      "property 0 smtp_inspector",
      "property 0 smtp_inspector",
      "property 0 smtp_inspector",
      "property 0 smtp_inspector",
      "property 0 test-node",
      "property 0 test-cluster",
    ]);
  });

  given("numbers are 8 bytes, little endian", async () => {
    const lines = await logged(
      "number connection/id; number connection_id; number source/port; number connection/mtls",
    );
    expect(lines.map((line) => line.length)).toEqual([27, 27, 27, 13]);
    expect(lines[0]).toMatch(/^property 0 [0-9a-f]{4}000000000000$/);
    expect(lines[1]).toBe(lines[0]);
    expect(lines[2]).toMatch(/^property 0 [0-9a-f]{4}000000000000$/);
    expect(lines[3]).toBe("property 0 00");
  });

  given("addresses are ip:port", async () => {
    const lines = await logged("property source/address; property destination/address");
    for (const line of lines) expect(line).toMatch(/^property 0 \d+\.\d+\.\d+\.\d+:\d+$/);
  });

  given("what is not there yet, or never", async () => {
    const names = [
      "upstream/address",
      "nothing",
      "connection/nothing",
      "source.address",
      "node/id",
      "request/id",
    ];
    expect(await logged(names.map((name) => `property ${name}`).join("; "))).toEqual(
      names.map(() => "property 1"),
    );
  });

  given("the server's address can be read once there is a server", async () => {
    const session = await (await start("up = property upstream/address; number response/flags")).connect();
    await session.server.send("A");
    await expect.poll(async () => (await session.peek()).length).toBe(5);
    const lines = await session.peek();
    expect(lines[3]).toMatch(/^property 0 \d+\.\d+\.\d+\.\d+:\d+$/);
    expect(lines[4]).toBe("property 0 0000000000000000");
  });

  given("what is stored can be read back, written over, and shadows nothing", async () => {
    const instructions = [
      "store smtp.verdict clean; property smtp.verdict; store smtp.verdict bad; property smtp.verdict",
      "store plugin_name x; property plugin_name; store empty ; property empty",
    ];
    expect(await logged(instructions.join("; "))).toEqual([
      "store 0",
      "property 0 clean",
      "store 0",
      "property 0 bad",
      "store 0",
      "property 0 smtp_inspector",
      "store 0",
      "property 0 ",
    ]);
  });

  given("a root has no connection's properties, and nowhere to store", async () => {
    const started = await start(
      "configure = store a b; property source/address; property plugin_name; property xds/node/id",
    );
    expect(started.startLogs.filter((line) => line === "store 1").length).toBe(3);
    expect(started.startLogs.filter((line) => line === "property 1").length).toBe(3);
    expect(started.startLogs.filter((line) => line === "property 0 smtp_inspector").length).toBe(3);
    expect(started.startLogs.filter((line) => line === "property 0 test-node").length).toBe(3);
  });

  given("a counter only goes up; ids differ for one name, the value is shared", async () => {
    const instructions =
      "define c 0; increment 2; increment 0; increment -1; record 3; value; define c 0; value";
    expect(await logged(instructions)).toEqual(
      ["define 0 4", "increment 0", "increment 2", "increment 2", "record 0", "value 0 5"].concat([
        "define 0 8",
        "value 0 5",
      ]),
    );
    expect(await rig.metric("c")).toBe(5);
  });

  given("a gauge goes up and down and can be set", async () => {
    expect(await logged("define g 1; increment 5; increment -2; value; record 9; value")).toEqual([
      "define 0 5",
      "increment 0",
      "increment 0",
      "value 0 3",
      "record 0",
      "value 0 9",
    ]);
    expect(await rig.metric("g")).toBe(9);
  });

  given("a histogram only records; unknown types and ids are refused", async () => {
    expect(
      await logged("define h 2; increment 1; value; record 3; define x 3; value 400; value 401; value 402"),
    ).toEqual([
      "define 0 6",
      "increment 2",
      "value 2",
      "record 0",
      "define 2",
      "value 1",
      "value 1",
      "value 2",
    ]);
  });

  given("a statistic counts in every instance that defines it", async () => {
    const started = await start("configure = define c 0; increment 1", { workers: 2 });
    expect(await started.metric("c")).toBe(4);
  });

  given("shared data: a wrong cas is refused, 0 is none, and the trial's is seen", async () => {
    const more = "\nconfigure = share made 0 early";
    expect(
      await logged(
        "shared a; share a 0 x; shared a; share a 9999 y; share a 0 z; shared a; shared made",
        more,
      ),
    ).toEqual(["shared 1", "share 0", "shared 0 x", "share 8", "share 0", "shared 0 z", "shared 0 early"]);
  });

  const FUNCTION = "set_envoy_filter_state";
  /** A field of a protobuf message whose value is a text of fewer than 128 bytes, in hexadecimal. */
  const field = (number: number, value: string): string =>
    Buffer.from([(number << 3) | 2, value.length, ...Buffer.from(value)]).toString("hex");
  const CLUSTER = field(1, "envoy.tcp_proxy.cluster");
  // "first" is the lab's own cluster: Envoy closes a connection that is sent to one that it lacks.
  /** The span "connection". */
  const SPAN = "1802";

  given.each<[string, string, number]>([
    ["a cluster", `${CLUSTER}${field(2, "first")}${SPAN}`, 0],
    ["fields in another order, and one that is not known", `${SPAN}2a0178${field(2, "first")}${CLUSTER}`, 0],
    ["a key that no filter of Envoy's reads", `${field(1, "no.such.key")}${field(2, "first")}${SPAN}`, 1],
    ["no key", `${field(2, "first")}${SPAN}`, 1],
    ["no argument", "", 1],
    ["a message that ends in the middle", CLUSTER.slice(0, -2), 2],
    ["a tag without its value", `${CLUSTER}12`, 2],
    ["no message at all", "ffffffffffffffffffffff", 2],
  ])("the filter state of another filter: %s", async (_name, argument, result) => {
    expect(await logged(`foreign ${FUNCTION} ${argument}`)).toEqual([`foreign ${result}`]);
  });

  given("a root has no connection whose filter state could be set", async () => {
    const call = `foreign ${FUNCTION} ${CLUSTER}${field(2, "first")}${SPAN}`;
    const started = await start(`configure = ${call}`);
    expect(started.startLogs.filter((line) => line === "foreign 1").length).toBe(3);
  });

  given("log levels go from 0 to 5; those below the set one are dropped", async () => {
    const lines = await logged("level; shout 6 a; shout 1 quiet; shout 2 said; shout 5 loud");
    expect(lines).toEqual(["level 0 2", "shout 2", "shout 0", "said", "shout 0", "loud", "shout 0"]);
  });

  given("what a network stream does not have", async () => {
    expect(await logged("respond; header :path; foreign drain")).toEqual([
      "respond 0",
      "header 2",
      "foreign 1",
    ]);
  });

  given("an allocator that logs", async () => {
    expect(await logged("allocator 1; property plugin_name; status 2")).toEqual([
      "malloc",
      "property 0 smtp_inspector",
      "status 0 0 0",
    ]);
  });

  given("nothing is allocated for nothing", async () => {
    expect(await logged("allocator 1; get 2 0 9; store a ; property a")).toEqual([
      "get 0 ",
      "store 0",
      "property 0 ",
    ]);
  });

  given("an allocator that gives nothing", async () => {
    expect(await logged("allocator 3; property plugin_name")).toEqual(["property 6"]);
  });

  given("an allocator that calls the host traps the VM", async () => {
    const session = await (await start("down = allocator 2; property plugin_name; say after")).connect();
    await session.client.send("A");
    await session.sees({
      logs: [...OPENED, "down 2 1 0", "property 6", "after"],
      server: "",
      clientEnded: true,
    });
  });
});
