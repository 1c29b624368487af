/** The mail server fails in the middle of mail: what the client believes must be what the server has. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { within } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab, LONG, type Resource } from "./lab.js";
import { type Fault, MailServer, type ServerOptions, type Stage } from "./mail-server.js";
import { ALL_WELL } from "./traffic.js";

const binary = await envoyOrNull("faults: the server");

const STAGES: Stage[] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end of data"];
/** Connections with a fault at each stage. */
const ROUNDS = LONG ? 50 : 3;

/** Every second connection has the fault, at one stage after the other; `done` counts them by stage. */
function everySecond(fault: Fault): { server: ServerOptions; done: Map<Stage, number> } {
  const done = new Map<Stage, number>();
  const choose = (stage: Stage, connection: number): Fault | undefined => {
    const chosen = STAGES[(connection >> 1) % STAGES.length];
    if (connection % 2 === 0 || stage !== chosen) return undefined;
    done.set(stage, (done.get(stage) ?? 0) + 1);
    return fault;
  };
  return { server: { fault: choose }, done };
}

const reset: Fault = (socket) => void socket.resetAndDestroy();
const close: Fault = (socket) => void socket.end();
const closeInReply: Fault = (socket, reply) => void socket.end(reply.slice(0, 2), "latin1");
const closeBeforeLineEnd: Fault = (socket, reply) => void socket.end(reply.slice(0, -2), "latin1");
const stall: Fault = () => {};
const octets: Fault = async (socket, reply) => {
  for (const octet of reply) {
    socket.write(octet, "latin1");
    await pause(1);
  }
};

describe.skipIf(binary === null)("no mail is lost or doubled when the server", () => {
  test.each([
    ["resets the connection", reset],
    ["closes instead of a reply", close],
    ["closes within the code of a reply", closeInReply],
    ["closes before the end of a reply's line", closeBeforeLineEnd],
    ["does not answer, and the client leaves", stall],
  ])("%s, at each stage", async (_what, fault) => {
    const { server, done } = everySecond(fault);
    const lab = await FaultLab.start({ binary: binary as string, server });
    const traffic = lab.traffic({ clients: 6, patienceMs: fault === stall ? 300 : 20_000 });
    while (!STAGES.every((stage) => (done.get(stage) ?? 0) >= ROUNDS)) await traffic.more(1);
    await lab.settle(traffic);
    // The server had the mail when it failed to say so; only these the client cannot know of.
    expect(traffic.count("unknown")).toBe(done.get("end of data"));
    expect(lab.errors).toEqual([]);
    await lab.quiet();
  });

  test("answers octet by octet, at each stage", async () => {
    const { server, done } = everySecond(octets);
    const lab = await FaultLab.start({ binary: binary as string, server });
    const traffic = lab.traffic();
    while (!STAGES.every((stage) => (done.get(stage) ?? 0) >= ROUNDS)) await traffic.more(1);
    await lab.settle(traffic);
    expect([traffic.cut, traffic.count("accepted")]).toEqual([0, traffic.fates.size]);
    await lab.quiet();
  });

  test("goes away, refuses connections, and comes back", async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic({ clients: 6 });
    await traffic.more(20);
    await lab.server.stop();
    const refused = async (): Promise<number> => lab.stat("cluster.smtp.upstream_cx_connect_fail");
    while ((await refused()) < 20) await pause(20);
    const again = await MailServer.start({ port: lab.server.port });
    onTestFinished(() => again.stop());
    await traffic.more(20);
    await traffic.stop();
    expect(traffic.account([...lab.server.kept, ...again.kept])).toEqual(ALL_WELL);
    expect(traffic.cut).toBeGreaterThan(10);
    expect(lab.errors).toEqual([]);
  });
});

test.skipIf(binary === null)(
  "more connections than the cluster allows are closed, no mail is lost",
  async () => {
    const cluster = (resource: Resource): void => {
      resource["circuit_breakers"] = { thresholds: [{ max_connections: 3 }] };
    };
    const lab = await FaultLab.start({ binary: binary as string, change: { cluster } });
    const traffic = lab.traffic({ clients: 8 });
    await traffic.more(30);
    await lab.settle(traffic);
    expect(traffic.cut).toBeGreaterThan(0);
    expect(await lab.stat("cluster.smtp.upstream_cx_overflow")).toBeGreaterThan(0);
    await lab.quiet();
  },
);

const FLOOD_BYTES = 100 * 1024 * 1024;

const flood: Fault = async (socket) => {
  const piece = Buffer.alloc(65_536, "x");
  for (let sent = 0; sent < FLOOD_BYTES && !socket.destroyed; sent += piece.length) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  socket.end();
};

/** Everything that one client gets which says EHLO and waits: the octets of the end, and how many in all. */
async function listen(port: number): Promise<{ total: number; first: string }> {
  const socket: Socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let [total, first] = [0, ""];
  socket.on("data", (chunk: Buffer) => {
    if (total === 0) socket.write("EHLO flooded.example.org\r\n");
    if (total < 1000) first += chunk.toString("latin1", 0, 1000);
    total += chunk.length;
  });
  socket.on("error", () => {});
  await within(once(socket, "close"), "the flood to end", 60_000);
  return { total, first };
}

describe.skipIf(binary === null)("a server that answers EHLO by 100 MB without a line end", () => {
  const isFlooded = (stage: Stage, connection: number): Fault | undefined =>
    stage === "EHLO" && connection === 0 ? flood : undefined;

  test.each([
    ["recommended", "the client gets 421 at once"],
    ["monitor", "the client gets all of it"],
  ])("%s: %s, and other mail flows", async (profile) => {
    const policy = `{"stat_prefix":"faults","profile":"${profile}"}`;
    const lab = await FaultLab.start({ binary: binary as string, policy, server: { fault: isFlooded } });
    const before = await lab.stat("server.memory_allocated");
    const heard = listen(lab.port);
    while (lab.server.connections === 0) await pause(5);
    const traffic = lab.traffic();
    await traffic.more(20);
    const { total, first } = await heard;
    expect(first).toMatch(/^220 mx.example.test ESMTP\r\n/);
    if (profile === "monitor") expect(total).toBeGreaterThan(FLOOD_BYTES);
    else
      expect(first).toBe(
        "220 mx.example.test ESMTP\r\n421 4.7.0 reply_too_long: connection closed by policy\r\n",
      );
    expect((await lab.stat("server.memory_allocated")) - before).toBeLessThan(20_000_000);
    await lab.settle(traffic);
    expect(traffic.cut).toBe(0);
    await lab.quiet();
  });
});
