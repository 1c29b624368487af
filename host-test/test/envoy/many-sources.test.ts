/** Envoy's memory while ever more sources come: 100,000 with SMTP_INSPECTOR_FAULTS=long, else 6,000. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { residentBytes } from "../../bench/envoy/memory.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { dial, sourceSite } from "../support/source-envoy.js";

const SOURCES = process.env["SMTP_INSPECTOR_FAULTS"] === "long" ? 100_000 : 6_000;
/** Connections at once. */
const AT_ONCE = 20;
const MIB = 1024 * 1024;

const binary = await envoyOrNull("many sources in Envoy");

const address = (nth: number): string => `10.${(nth >> 16) & 255}.${(nth >> 8) & 255}.${nth & 255}`;

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
  const comeAll = async (until: number): Promise<void> => {
    await Promise.all(Array.from({ length: AT_ONCE }, () => come(until)));
    await waitFor(async () => (await open()) === 0, "all connections to end");
  };
  const stat = async (name: string): Promise<number> =>
    (await envoy.stats()).get(`wasmcustom.smtp.sources.${name}`) ?? 0;
  const open = (): Promise<number> => stat("sessions_active");
  await comeAll(SOURCES / 2);
  const before = await residentBytes(envoy.pid);
  await comeAll(SOURCES);
  const grown = (await residentBytes(envoy.pid)) - before;
  // The whole table is 1.6 MiB with the map round it; the allocator keeps some more for a time.
  expect(grown).toBeLessThan(8 * MIB);
  expect((await stat("sources_recorded")) + (await stat("sources_contended"))).toBe(nth);
  expect(server.connections).toBe(nth);
});
