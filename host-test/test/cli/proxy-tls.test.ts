/** `smtp-inspector proxy` with TLS towards the client: real clients, and those that go wrong. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { selfSigned, waitFor, within } from "../../peers/net.js";
import { floodsAtThePaceOf } from "../support/backpressure.js";
import { clientOf, mailServer, policyFile, RunningProxy } from "../support/running-proxy.js";
import { askedForTls, connected, inside } from "../support/tls-client.js";

const TERMINATE = '{"starttls":{"terminate":true}}';

let made: { directory: string; cert: string; key: string };
beforeAll(async () => void (made = await selfSigned()));
afterAll(() => rmSync(made.directory, { recursive: true }));

const own = (): string[] => ["--cert", made.cert, "--key", made.key];

/** A proxy that offers STARTTLS, in front of a server that does not. */
async function terminating(...more: string[]) {
  const server = await mailServer();
  const policy = policyFile(TERMINATE);
  const proxy = await RunningProxy.start([
    "--to",
    `127.0.0.1:${server.port}`,
    "--policy",
    policy,
    ...own(),
    ...more,
  ]);
  return { server, proxy };
}

describe("STARTTLS from the client", () => {
  test("nodemailer's message arrives, and is shown with the place where TLS starts", async () => {
    const { server, proxy } = await terminating();
    const transport = createTransport({
      port: proxy.port,
      host: "127.0.0.1",
      requireTLS: true,
      name: "client.example.org",
      tls: { ca: readFileSync(made.cert) },
    });
    await transport.sendMail({ from: "a@example.org", to: "b@example.test", subject: "s", text: "inside" });
    transport.close();
    expect((await server.received(1))[0]?.content).toContain("inside");
    const lines = await proxy.session(1);
    const at = lines.indexOf("== TLS client");
    expect(lines.slice(at - 4, at + 2)).toEqual([
      "C> STARTTLS",
      "S< NOOP",
      "S> 250 OK",
      "C< 220 2.0.0 Ready to start TLS",
      "== TLS client",
      "C: EHLO client.example.org",
    ]);
    expect(lines.at(-1)).toBe("== no findings; both sides ended");
    expect(await proxy.stop()).toBe(0);
    expect(proxy.out.at(-1)).toBe("== 1 session, 0 with findings");
    expect(proxy.err).toEqual([]);
  });

  test.each(["-tls1_2", "-tls1_3"])("openssl s_client %s: a command inside is refused", async (version) => {
    const { proxy } = await terminating();
    const client = spawn("openssl", [
      "s_client",
      "-connect",
      `127.0.0.1:${proxy.port}`,
      "-starttls",
      "smtp",
      "-CAfile",
      made.cert,
      "-verify_return_error",
      "-quiet",
      "-crlf",
      version,
    ]);
    let seen = "";
    client.stdout.on("data", (chunk) => (seen += String(chunk)));
    client.stdin.write("EHLO inside.example.org\n");
    await waitFor(() => /^250 /m.test(seen), "the reply to EHLO");
    client.stdin.write("X-EXPS GSSAPI\n");
    await waitFor(() => seen.includes("502 5.5.1"), "the refusal");
    client.stdin.write("QUIT\n");
    await within(once(client, "exit"), "openssl to end");
    expect(seen).toContain("502 5.5.1 exchange_command: rejected by policy");
    expect(seen).not.toContain("STARTTLS");
    expect((await proxy.session(1)).join("\n")).toContain(
      "C> X-EXPS GSSAPI\n^ exchange_command/exchange_verb: prevented (reject)",
    );
  });

  test("Python's smtplib sends 3 MB", async () => {
    const { server, proxy } = await terminating();
    const script = [
      "import smtplib, ssl, sys",
      "s = smtplib.SMTP('127.0.0.1', int(sys.argv[1]))",
      "s.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))",
      "s.sendmail('a@example.org', ['b@example.test'], b'Subject: x\\r\\n\\r\\n' + b'0123456789\\r\\n' * 250000)",
      "s.quit()",
    ].join("\n");
    await promisify(execFile)("python3", ["-c", script, String(proxy.port), made.cert]);
    expect((await server.received(1))[0]?.content.length).toBe(14 + 12 * 250_000);
  });

  test("a client that sends garbage, or goes, is let go and counted, and the next one is served", async () => {
    const { proxy } = await terminating();
    const garbage = await askedForTls(proxy.port);
    garbage.on("error", () => {});
    garbage.write("EHLO in.clear\r\nMAIL FROM:<a@example.org>\r\n");
    await within(once(garbage, "close"), "the connection to close");
    const gone = await askedForTls(proxy.port);
    gone.end();
    await proxy.said(/^TLS with the client \S+ failed: the connection was closed before/, proxy.err);
    await inside(await askedForTls(proxy.port), made.cert);
    expect(proxy.err[0]).toMatch(/^TLS with the client 127\.0\.0\.1:\d+ failed: wrong version number$/);
    const lines = await proxy.session(1);
    expect(lines.join("\n")).not.toContain("in.clear");
    expect(await proxy.stop()).toBe(0);
    expect(proxy.out.at(-1)).toBe("== 3 sessions, 0 with findings; 2 TLS handshakes failed");
  });

  test("what comes in one segment with STARTTLS is not taken for said inside TLS", async () => {
    const { server, proxy } = await terminating();
    const client = await clientOf(proxy.port);
    await client.reply();
    await client.ask("EHLO client.example.org");
    client.send("STARTTLS\r\nMAIL FROM:<injected@example.org>\r\n");
    expect(await client.closed()).not.toContain("220 2.0.0");
    expect((await proxy.session(1)).join("\n")).toContain("starttls_injection");
    expect(server.kept).toEqual([]);
  });

  test("a half-close inside TLS passes on, and the client still gets the answers", async () => {
    const { proxy } = await terminating();
    const { client } = await inside(await askedForTls(proxy.port), made.cert);
    await client.ask("EHLO client.example.org");
    client.send("MAIL FROM:<a@example.org>\r\nQUIT\r\n");
    expect(await client.end()).toMatch(/250 Accepted\r\n221 Bye\r\n$/);
    expect((await proxy.session(1)).at(-1)).toBe("== no findings; both sides ended");
  });

  test("a slow server slows the client inside TLS, and everything arrives", async () => {
    const slow = await slowServer();
    const to = ["--to", `127.0.0.1:${slow.port}`, "--policy", policyFile(TERMINATE)];
    const proxy = await RunningProxy.start([...to, ...own()]);
    const { client } = await inside(await askedForTls(proxy.port), made.cert);
    await floodsAtThePaceOf(slow, client, 60_000);
  });

  test("with --tls the client speaks TLS at once, and STARTTLS is not offered", async () => {
    const { proxy } = await terminating("--tls");
    const { client } = await inside(await connected(proxy.port), made.cert);
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.ask("EHLO client.example.org")).not.toContain("STARTTLS");
    expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    client.send("QUIT\r\n");
    await client.closed();
    const clear = await connected(proxy.port);
    clear.on("error", () => {});
    clear.write("EHLO in.clear\r\n");
    await within(once(clear, "close"), "the connection to close");
    await proxy.said(/^TLS with the client 127\.0\.0\.1:\d+ failed: wrong version number$/, proxy.err);
    await proxy.session(1);
    expect(await proxy.stop()).toBe(1);
    expect(proxy.out.at(-1)).toBe("== 1 session, 1 with findings; 1 TLS handshake failed");
  });
});

/** Answers every command, and after DATA reads no more until it is told to. */
async function slowServer() {
  let heard = 0;
  let socket: Socket | undefined;
  const server = createServer((accepted) => {
    socket = accepted;
    onTestFinished(() => void accepted.destroy());
    accepted.on("error", () => {});
    accepted.write("220 slow\r\n");
    accepted.on("data", (chunk: Buffer) => {
      heard += chunk.length;
      if (heard > 10_000) return;
      const isData = chunk.includes("DATA");
      accepted.write(isData ? "354 go\r\n" : "250 ok\r\n");
      if (isData) accepted.pause();
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, heard: () => heard, readOn: () => void socket?.resume() };
}
