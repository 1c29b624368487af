/** Envoy's memory while ever more sources come: 100,000 with SMTP_INSPECTOR_FAULTS=long, else 6,000. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { moduleMemories, residentBytes } from "../../bench/envoy/memory.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { dial, sourceSite } from "../support/source-envoy.js";

const SOURCES = process.env["SMTP_INSPECTOR_FAULTS"] === "long" ? 100_000 : 6_000;
/** What is compared: the first and the last this many. */
const STEP = SOURCES / 10;
/** Connections at once. */
const AT_ONCE = 20;
const MIB = 1024 * 1024;

const binary = await envoyOrNull("many sources in Envoy");

const address = (nth: number): string => `10.${(nth >> 16) & 255}.${(nth >> 8) & 255}.${nth & 255}`;

/** What there is of Envoy after some sources. */
interface Figures {
  /** Of the modules of the main thread and of both workers, and of the one that they were cloned from. */
  modules: readonly number[];
  /** Of the process. */
  resident: number;
  /** What Envoy's own allocator has given out, shared data included. */
  allocated: number;
}

test.skipIf(binary === null)("Envoy's memory stays as it was", { timeout: 900_000 }, async () => {
  // Counted at once and never refused: each source takes a place.
  const { envoy, port, server } = await sourceSite(binary as string, { connections: 60_000, duration: 60 });
  let nth = 0;
  const come = async (until: number): Promise<void> => {
    while (nth < until) {
      const socket = await dial(port, address(nth++));
      await once(socket, "data");
      socket.resetAndDestroy();
    }
  };
  const stat = async (name: string): Promise<number> =>
    (await envoy.stats()).get(`wasmcustom.smtp.sources.${name}`) ?? 0;
  const open = (): Promise<number> => stat("sessions_active");
  const comeAll = async (until: number): Promise<Figures> => {
    await Promise.all(Array.from({ length: AT_ONCE }, () => come(until)));
    await waitFor(async () => (await open()) === 0, "all connections to end");
    const { allocated } = JSON.parse(await envoy.admin("/memory")) as { allocated: string };
    const [modules, resident] = [await moduleMemories(envoy.pid), await residentBytes(envoy.pid)];
    return { modules, resident, allocated: Number(allocated) };
  };
  const first = await comeAll(STEP);
  const middle = await comeAll(SOURCES - STEP);
  const last = await comeAll(SOURCES);
  expect(last.modules).toEqual(first.modules);
  // Nothing grows by source: the last tenth takes what the pages of an allocator go up and down by.
  expect(last.resident - middle.resident).toBeLessThan(2 * MIB);
  expect(last.allocated - middle.allocated).toBeLessThan(MIB / 2);
  // The whole table is 1.6 MiB with the map round it, and after the first tenth some of it may still be missing.
  expect(last.allocated - first.allocated).toBeLessThan(2 * MIB);
  expect(last.resident - first.resident).toBeLessThan(8 * MIB);
  expect((await stat("sources_recorded")) + (await stat("sources_contended"))).toBe(nth);
  expect(server.connections).toBe(nth);
});
