/** That a proxy passes the pace of a slow server on to the client, instead of keeping what it cannot send. */
import { expect } from "vitest";
import { waitFor, within } from "../../peers/net.js";
import type { RawClient } from "../../peers/smtp-client.js";

/** A server that says "250 ok" to every command, "354 go" to DATA, and then reads no further until it is told. */
export interface SlowServer {
  readOn(): void;
  /** Octets that it has read. */
  heard(): number;
}

/** Sends 64 MB of message data. @param patienceMs for all of it to arrive once the server reads on */
export async function floodsAtThePaceOf(
  server: SlowServer,
  client: RawClient,
  patienceMs: number,
): Promise<void> {
  for (const command of ["HELO c.example.org", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.test>"]) {
    expect(await client.ask(command)).toBe("250 ok");
  }
  expect(await client.ask("DATA")).toBe("354 go");
  const before = process.memoryUsage().arrayBuffers;
  const total = 64 * 1024 * 1024;
  const sent = client.flood(`${"x".repeat(76)}\r\n`.repeat(1024), total);
  // What fits into the sockets' own buffers goes; then the client's stands still.
  await waitFor(async () => {
    const was = client.flushed;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return client.flushed === was;
  }, "the flood to stand still");
  expect(client.flushed).toBeLessThan(total / 2);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(total / 4);
  server.readOn();
  await within(sent, "the flood to be over", patienceMs);
  await waitFor(() => server.heard() >= total, "everything to arrive", patienceMs);
}
