/** `smtp-inspector proxy` and the Node proxy under it: a source over the line is refused, or sent to the server of --quarantine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../peers/net.js";
import { proxy } from "../../cli/proxy.js";
import { quarantineNotes } from "../../cli/quarantine-notes.js";
import { clientOf, RunningProxy } from "../support/running-proxy.js";
import { Answering } from "../support/source-envoy.js";

async function answering(name: string, answer: (line: string) => string): Promise<Answering> {
  const server = await Answering.start(name, answer);
  onTestFinished(() => server.stop());
  return server;
}

const unknown = (line: string): string => (line.startsWith("RCPT") ? "550 5.1.1 unknown" : "250 ok");

/** A proxy whose policy sends whom it knows to a cluster, in front of a server that knows no recipient. */
async function site(options: object, ...args: string[]): Promise<{ running: RunningProxy; mx: Answering }> {
  const folder = mkdtempSync(join(tmpdir(), "quarantine-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const policy = join(folder, "policy.json");
  const abuse = { mode: "prevent", refused_recipients: 1, quarantine_cluster: "tarpit", ...options };
  writeFileSync(policy, JSON.stringify({ profile: "monitor", protections: { source_abuse: abuse } }));
  const mx = await answering("mx", unknown);
  const running = await RunningProxy.start(["--to", `127.0.0.1:${mx.port}`, "--policy", policy, ...args]);
  const client = await clientOf(running.port);
  await client.reply();
  expect(await client.ask("RCPT TO:<a@mx.example>")).toMatch(/^550 /);
  await client.ask("QUIT");
  await running.session(1);
  return { running, mx };
}

test("a source over the line is sent to the server of --quarantine, where nothing is judged", async () => {
  const tarpit = await answering("tarpit", () => "250 how nice");
  const { running, mx } = await site({}, "--quarantine", `127.0.0.1:${tarpit.port}`);
  const client = await clientOf(running.port);
  expect(await client.reply()).toBe("220 tarpit ESMTP");
  expect(await client.ask("XADR")).toBe("250 how nice");
  expect(await client.ask("QUIT")).toBe("250 how nice");
  expect([mx.connections, tarpit.connections]).toEqual([1, 1]);
  expect(tarpit.heard).toEqual(["XADR", "QUIT"]);
  expect((await running.session(2)).filter((line) => /XADR|source_abuse/.test(line))).toEqual(["C: XADR"]);
  expect(running.err).toEqual([]);
  expect(await running.stop()).toBe(1);
});

test.each([
  [{}, 421, "421 4.7.0 source_abuse: connection closed by policy"],
  [{ permanent: true }, 554, "554 5.7.1 source_abuse: no SMTP service here"],
])(
  "without --quarantine it is refused, and the proxy says so at its start: %j",
  async (more, code, reply) => {
    const { running, mx } = await site(more);
    const client = await clientOf(running.port);
    expect(await client.reply()).toBe(reply);
    await running.session(2);
    expect(mx.heard).not.toContain("XADR");
    expect(running.err).toEqual([
      `the policy has "quarantine_cluster": "tarpit", but without --quarantine its connections are refused with ${code}`,
    ]);
    expect(await running.stop()).toBe(1);
  },
);

test("a quarantine that cannot be reached is named, and the connection ends", async () => {
  const port = await freePort();
  const { running, mx } = await site({}, "--quarantine", `127.0.0.1:${port}`);
  const client = await clientOf(running.port);
  await expect.poll(() => client.ended).toBe(true);
  expect([client.transcript, mx.connections]).toEqual(["", 1]);
  await expect.poll(() => running.err).toHaveLength(1);
  expect(running.err[0]).toContain(`the mail server 127.0.0.1:${port} cannot be reached`);
  expect(await running.stop()).toBe(1);
});

test("--quarantine without a policy that uses it is said", () => {
  expect(quarantineNotes("", true)).toEqual([
    '--quarantine is not used: source_abuse of the policy has no "quarantine_cluster"',
  ]);
  expect(quarantineNotes('{"protections":{"source_abuse":"prevent"}}', true)).toHaveLength(1);
  expect(quarantineNotes('{"protections":{"source_abuse":{"quarantine_cluster":"t"}}}', true)).toEqual([]);
  expect(quarantineNotes("", false)).toEqual([]);
});

test.each(["nowhere", "127.0.0.1:0", "127.0.0.1:99999"])("--quarantine %s is refused", async (where) => {
  const io = { out: () => {}, err: () => {}, signal: AbortSignal.abort() };
  await expect(proxy.run(["--to", "127.0.0.1:25", "--quarantine", where], io)).rejects.toThrow(
    `--quarantine needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not "${where}"`,
  );
});
