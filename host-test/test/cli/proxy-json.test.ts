/** `smtp-inspector proxy --json` over real sockets: what a program reads. */
import { expect, onTestFinished, test } from "vitest";
import { proxy } from "../../cli/proxy.js";
import { waitFor, within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { mailServer } from "../support/running-proxy.js";

test("where it listens, each finding, each session at its end, and the totals", async () => {
  const server = await mailServer();
  const lines: Record<string, unknown>[] = [];
  const interrupt = new AbortController();
  onTestFinished(() => interrupt.abort());
  const to = `127.0.0.1:${server.port}`;
  const ended = proxy.run(["--to", to, "--listen", "127.0.0.1:0", "--json"], {
    out: (text) => void lines.push(JSON.parse(text) as Record<string, unknown>),
    err: () => {},
    signal: interrupt.signal,
  });
  await waitFor(() => lines.length > 0, "the first line");
  const { listen } = lines[0] as { listen: string };
  expect(lines[0]).toEqual({
    listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    to,
    policy: "recommended",
  });
  const client = await RawClient.connect(Number(listen.split(":")[1]));
  await client.reply();
  await client.ask("EHLO client.example");
  expect(await client.ask("XADR")).toMatch(/^502 5\.5\.1 /);
  expect(await client.ask("QUIT")).toMatch(/^221 /);
  await waitFor(() => lines.length === 3, "the session to end");
  expect(lines[1]).toMatchObject({
    session: 1,
    event_type: "alert",
    protection: "private_command",
    action: "reject",
    verb: "XADR",
    smtp: { helo: "client.example" },
  });
  expect(lines[2]).toEqual({
    session: 1,
    client: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    verdict: "prevented",
    findings: 1,
    ended: expect.stringMatching(/^(?:both sides ended|the server has gone away)$/) as string,
  });
  interrupt.abort();
  expect(await within(ended, "the proxy to end")).toBe(1);
  expect(lines[3]).toEqual({ sessions: 1, withFindings: 1, tlsFailures: 0 });
});
