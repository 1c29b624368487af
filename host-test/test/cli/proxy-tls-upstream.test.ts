/** `smtp-inspector proxy` with TLS towards the server: one that is verified, and those that are not. */
import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../../peers/net.js";
import { clientOf, mailServer, policyFile, RunningProxy } from "../support/running-proxy.js";
import { askedForTls, inside } from "../support/tls-client.js";

const ORIGINATE = '{"starttls":{"originate":"always"}}';

let made: { directory: string; cert: string; key: string };
beforeAll(async () => void (made = await selfSigned()));
afterAll(() => rmSync(made.directory, { recursive: true }));

/** A proxy that asks a server with STARTTLS for it. */
async function originating(...more: string[]) {
  const server = await mailServer({ cert: readFileSync(made.cert), key: readFileSync(made.key) });
  const policy = policyFile(ORIGINATE);
  const proxy = await RunningProxy.start([
    "--to",
    `127.0.0.1:${server.port}`,
    "--policy",
    policy,
    "--upstream-tls",
    ...more,
  ]);
  return { server, proxy };
}

describe("STARTTLS to the server", () => {
  test("a client in clear: its message reaches the server inside TLS", async () => {
    const { server, proxy } = await originating("--upstream-ca", made.cert);
    const client = await clientOf(proxy.port);
    await client.reply();
    expect(await client.ask("EHLO client.example.org")).not.toContain("STARTTLS");
    for (const command of ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.test>"]) {
      expect(await client.ask(command)).toMatch(/^250 /);
    }
    expect(await client.ask("DATA")).toMatch(/^354 /);
    client.send("Subject: s\r\n\r\nbody\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250 /);
    client.send("QUIT\r\n");
    await client.closed();
    expect((await server.received(1))[0]?.secure).toBe(true);
    const lines = await proxy.session(1);
    expect(lines.filter((line) => /STARTTLS|^==/.test(line))).toEqual([
      "S> 250 STARTTLS",
      "S< STARTTLS",
      "== TLS server",
      "== no findings; both sides ended",
    ]);
    expect(proxy.err).toEqual([]);
  });

  test.each<[string, () => string[], RegExp]>([
    ["is not signed by a known one", () => [], /self-signed certificate/],
    [
      "is for another name",
      () => ["--upstream-ca", made.cert, "--upstream-servername", "mx.example.org"],
      /mx\.example\.org/,
    ],
  ])("a server whose certificate %s gets nothing, and the client is let go", async (_how, options, why) => {
    const { server, proxy } = await originating(...options());
    const client = await clientOf(proxy.port);
    await client.reply();
    client.send("EHLO client.example.org\r\n");
    await client.closed();
    await proxy.said(/^TLS with the mail server 127\.0\.0\.1:\d+ failed: /, proxy.err);
    expect(proxy.err[0]).toMatch(why);
    expect(server.kept).toEqual([]);
    await proxy.session(1);
    await proxy.stop();
    expect(proxy.out.at(-1)).toMatch(/; 1 TLS handshake failed$/);
  });

  test("TLS on both sides of one session", async () => {
    const server = await mailServer({ cert: readFileSync(made.cert), key: readFileSync(made.key) });
    const policy = policyFile('{"starttls":{"terminate":true,"originate":"always"}}');
    const to = ["--to", `127.0.0.1:${server.port}`, "--policy", policy];
    const proxy = await RunningProxy.start([
      ...to,
      "--cert",
      made.cert,
      "--key",
      made.key,
      "--upstream-tls",
      "--upstream-ca",
      made.cert,
    ]);
    const { client } = await inside(await askedForTls(proxy.port), made.cert);
    await client.ask("EHLO client.example.org");
    expect(await client.ask("RCPT TO:<root>")).toMatch(/^5/);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    const marks = (await proxy.session(1)).filter((line) => line.startsWith("== TLS"));
    expect(marks).toEqual(["== TLS server", "== TLS client"]);
    expect(proxy.err).toEqual([]);
  });
});
