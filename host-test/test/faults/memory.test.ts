/** The memory that all connections share (`limits.memory_bytes`) is asked for by many at once, by two roads. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab } from "./lab.js";
import type { Fault } from "./mail-server.js";

const binary = await envoyOrNull("faults: memory");

const BUDGET = 2 * 1024 * 1024;
const ATTACKERS = 40;
/** What each of them would have the filter keep: 10 MB together, five times the budget. */
const EACH = 250_000;

interface Attacker {
  socket: Socket;
  heard: string;
}

/** Connects, and sends `early`; what it gets is remembered. */
async function attack(port: number, early: string): Promise<Attacker> {
  const attacker: Attacker = { socket: connect(port, "127.0.0.1"), heard: "" };
  onTestFinished(() => void attacker.socket.destroy());
  attacker.socket.on("error", () => {});
  attacker.socket.on("data", (chunk: Buffer) => (attacker.heard += chunk.toString("latin1")));
  await once(attacker.socket, "connect");
  attacker.socket.write(early, "latin1");
  return attacker;
}

const stall: Fault = () => {};

/** The attackers are the connections from 1 on; they get no reply from `stage` on. */
const slowTo =
  (stage: string) =>
  (at: string, connection: number): Fault | undefined =>
    at === stage && connection >= 1 && connection <= ATTACKERS ? stall : undefined;

const LINE = `NOOP ${"x".repeat(493)}\r\n`;

describe.skipIf(binary === null)("connections that want five times the memory there is", () => {
  test.each([
    // What follows EHLO is held until its reply says what it means.
    ["pipelined behind an EHLO that is not answered", "recommended", "EHLO", "EHLO attacker.example.org\r\n"],
    ["before the greeting, where nothing prevents", "monitor", "greeting", ""],
  ])("%s: the largest lose, mail flows, nothing traps", async (_road, profile, stage, first) => {
    const policy = JSON.stringify({
      stat_prefix: "faults",
      profile,
      limits: { memory_bytes: BUDGET, close_deadline_ms: 1000 },
    });
    const lab = await FaultLab.start({ binary: binary as string, policy, server: { fault: slowTo(stage) } });
    const older = await RawClient.connect(lab.port);
    onTestFinished(() => older.destroy());
    await older.reply();
    expect(await older.ask("EHLO older.example.org")).toMatch(/^250-/);
    const early = first + LINE.repeat(EACH / LINE.length);
    const attackers = await Promise.all(Array.from({ length: ATTACKERS }, () => attack(lab.port, early)));
    await waitFor(() => lab.server.connections === 1 + ATTACKERS, "the attackers' connections");
    const over = (): Promise<number> => lab.filterStat("sessions_over_memory");
    await waitFor(async () => (await over()) > 0, "the memory to be full");
    const traffic = lab.traffic({ clients: 2 });
    await traffic.more(30);
    await lab.settle(traffic);
    expect([traffic.cut, traffic.count("accepted")]).toEqual([0, traffic.fates.size]);
    // A trap would have cut every connection of the worker and made Envoy load the filter anew.
    expect(await lab.stat("wasm.smtp_inspector.vm_reload_success")).toBe(0);
    // Where all is only detected, those who ask for too much go on without inspection; else they end at the deadline.
    const ended = (): number => attackers.filter(({ socket }) => socket.readableEnded).length;
    const expected = profile === "monitor" ? 0 : await over();
    await waitFor(() => ended() === expected, `${expected} attackers to be ended`);
    expect(expected).toBeLessThan(ATTACKERS);
    const messages = lab.envoy.logs.filter((line) => /RuntimeError|critical/.test(line));
    expect(messages).toEqual([]);
    expect([await older.ask("NOOP"), await older.ask("QUIT")]).toEqual(["250 ok", "221 bye"]);
    for (const { socket } of attackers) socket.destroy();
    // Envoy reads no further while bytes are held, so that only the server's reply or end shows it that a client left.
    lab.server.hangUp();
    await lab.quiet();
  });
});
