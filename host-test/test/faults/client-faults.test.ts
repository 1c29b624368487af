/** Clients that leave, stall and dawdle wherever they can, next to clients that send mail. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor, within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab, LONG } from "./lab.js";
import type { Fault } from "./mail-server.js";
import type { Traffic } from "./traffic.js";

const binary = await envoyOrNull("faults: clients");

const ENVELOPE = [
  "EHLO client.example.org\r\n",
  "MAIL FROM:<a@example.org>\r\n",
  "RCPT TO:<b@example.test>\r\n",
];

/** What a client has sent, each after the reply to the one before, when it leaves. */
const MODES: [string, string[]][] = [
  ["before the greeting", []],
  ["between commands", ENVELOPE.slice(0, 1)],
  ["within a command", [...ENVELOPE, "DAT"]],
  ["when DATA is not answered yet", [...ENVELOPE.slice(0, 1), ENVELOPE.slice(1).join("") + "DATA\r\n"]],
  ["before the first octet of data", [...ENVELOPE, "DATA\r\n"]],
  ["within data", [...ENVELOPE, "DATA\r\n", "Subject: half\r\n\r\nhal"]],
  ["within the end of data", [...ENVELOPE, "DATA\r\n", "Subject: half\r\n\r\nhalf\r\n.\r"]],
  ["within a chunk", [...ENVELOPE, "BDAT 100\r\nSubject: half\r\n\r\n"]],
  ["between chunks", [...ENVELOPE, "BDAT 5\r\nhalf."]],
  ["within AUTH", [ENVELOPE[0] as string, "AUTH LOGIN\r\n"]],
  ["within a response of AUTH", [ENVELOPE[0] as string, "AUTH LOGIN\r\n", "dXNl"]],
  ["before TLS", [ENVELOPE[0] as string, "STARTTLS\r\n"]],
  ["within TLS", [ENVELOPE[0] as string, "STARTTLS\r\n", "\x16\x03\x01\x00\x05\x01\x00"]],
  ["after QUIT", [ENVELOPE[0] as string, "QUIT\r\n"]],
];

const HOW: [string, (socket: Socket) => void][] = [
  ["resets", (socket) => void socket.resetAndDestroy()],
  ["closes", (socket) => void socket.destroy()],
  ["half-closes", (socket) => void socket.end()],
];

/** Plays a client up to where it leaves, and waits until its connection has ended. */
async function leave(port: number, steps: string[], how: (socket: Socket) => void): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  const gone = once(socket, "close");
  socket.on("end", () => socket.end());
  if (steps.length > 0) await within(once(socket, "data"), "the greeting");
  for (const [index, step] of steps.entries()) {
    // The last one is left before its reply.
    const reply = index + 1 < steps.length ? once(socket, "data") : once(socket, "connect");
    socket.write(step, "latin1");
    if (index + 1 < steps.length) await within(reply, `a reply to ${JSON.stringify(step)}`);
  }
  // What was sent shall be read before the end is.
  await pause(20);
  how(socket);
  socket.resume();
  await within(gone, "the connection to end");
}

describe.skipIf(binary === null)("a client", () => {
  test.each(HOW)("%s in every mode: nothing of it stays, nothing of others is lost", async (_what, how) => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic({ clients: 2 });
    await traffic.more(5);
    for (let round = 0; round < (LONG ? 50 : 2); round++) {
      await Promise.all(MODES.map(([, steps]) => leave(lab.port, steps, how)));
      await traffic.more(2);
    }
    await lab.settle(traffic);
    expect([traffic.cut, traffic.count("accepted")]).toEqual([0, traffic.fates.size]);
    expect(lab.errors).toEqual([]);
    await lab.quiet();
  });

  test("that never reads its replies holds up itself only", async () => {
    const reply = `${`250-${"x".repeat(70)}\r\n`.repeat(99)}250 ok\r\n`;
    let answered = 0;
    const atLength: Fault = async (socket) => {
      await new Promise<void>((resolve) => socket.write(reply, () => resolve()));
      answered++;
    };
    const fault = (stage: string): Fault | undefined => (stage === "RSET" ? atLength : undefined);
    const lab = await FaultLab.start({ binary: binary as string, server: { fault } });
    const before = await lab.stat("server.memory_allocated");
    const socket = connect(lab.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    await once(socket, "data");
    socket.write("EHLO client.example.org\r\n");
    await once(socket, "data");
    socket.pause();
    // 30 MB of replies, of which the kernel keeps some and Envoy little.
    socket.write("RSET\r\n".repeat(4000));
    await waitFor(() => answered > 100, "the server to answer");
    const traffic = lab.traffic();
    await traffic.more(100);
    await lab.settle(traffic);
    expect(traffic.cut).toBe(0);
    expect(answered).toBeLessThan(4000);
    expect((await lab.stat("server.memory_allocated")) - before).toBeLessThan(10_000_000);
    socket.destroy();
    await lab.quiet();
  });

  test(`that sends one octet ${LONG ? "a second" : "every 10 ms"} is served, and others at their pace`, async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic = lab.traffic();
    const slow = await RawClient.connect(lab.port);
    onTestFinished(() => slow.destroy());
    const send = (text: string): Promise<void> => slow.sendSlowly([...text], LONG ? 1000 : 10);
    const content = "Subject: slow\r\n\r\n..\r\nslow\r\n";
    const sent = (async () => {
      const codes = [await slow.reply()];
      for (const line of [...ENVELOPE, "DATA\r\n", content.replace(/^\./gm, "..") + ".\r\n", "QUIT\r\n"]) {
        await send(line);
        codes.push(await slow.reply());
      }
      return codes.map((code) => code.slice(0, 3));
    })();
    await traffic.more(LONG ? 2000 : 100, 300_000);
    expect(await sent).toEqual(["220", "250", "250", "250", "354", "250", "221"]);
    await traffic.stop();
    expect(traffic.cut).toBe(0);
    expect(lab.server.kept.filter((each) => each === content)).toEqual([content]);
    await lab.quiet();
  }, 600_000);

  const drops = LONG ? 5000 : 1000;
  test(`opens and drops ${drops} connections`, async () => {
    const lab = await FaultLab.start({ binary: binary as string });
    const traffic: Traffic = lab.traffic();
    await traffic.more(5);
    const drop = async (index: number): Promise<void> => {
      const socket = connect(lab.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      if (index % 3 === 0) socket.resetAndDestroy();
      else socket.destroy();
    };
    for (let index = 0; index < drops; index += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, each) => drop(index + each)));
      // The cluster allows 4096: what is beyond it would be closed, mail among it.
      await waitFor(
        async () => (await lab.stat("cluster.smtp.upstream_cx_active")) < 1000,
        "fewer connections",
      );
    }
    await traffic.more(20);
    await lab.settle(traffic);
    expect([traffic.cut, traffic.count("accepted")]).toEqual([0, traffic.fates.size]);
    await waitFor(
      async () => (await lab.stat("listener.127.0.0.1_" + lab.port + ".downstream_cx_total")) >= drops,
      "all",
    );
    expect(lab.errors).toEqual([]);
    await lab.quiet();
  });
});
