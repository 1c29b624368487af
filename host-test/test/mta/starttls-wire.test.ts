/**
 * STARTTLS octet by octet, before the configuration of a submission server whose server behind speaks in clear, so that the
 * wire there shows what Envoy has read inside TLS: openssl's client in each version, and clients that go wrong.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Authority } from "../../peers/authority.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor, within } from "../../peers/net.js";
import { inClear, WireTap } from "../../peers/wire-tap.js";
import { StarttlsSite } from "../support/starttls-site.js";
import { askedForTls, connected, inside } from "../support/tls-client.js";
import { smtplib } from "../support/mail-programs.js";

let authority: Authority;
let server: KeepingServer;
/** Between the client and Envoy, and between Envoy and the server. */
let front: WireTap;
let back: WireTap;
let site: StarttlsSite;

beforeAll(async () => {
  authority = await Authority.create();
  const certificate = await authority.issue(["DNS:mx.example.test", "IP:127.0.0.1"]);
  server = await KeepingServer.start({ hideSTARTTLS: true });
  back = await WireTap.start(server.port);
  site = await StarttlsSite.start({ file: "submission.yaml", upstream: back.port, certificate });
  front = await WireTap.start(site.port("submission"));
});

afterAll(async () => {
  await front?.stop();
  await site?.stop();
  await back?.stop();
  await server?.stop();
  await authority?.remove();
});

beforeEach(async () => {
  await site.sessions();
  site.findings();
  for (const list of [server.kept, front.connections, back.connections]) list.length = 0;
});

const MESSAGE = "Subject: s_client\r\n\r\nhello\r\n";
const HELLO = "EHLO client.example.org\r\n";
const ENVELOPE = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.test>\r\n";

/** What `openssl s_client` printed, all of it, when it has said these lines, each after the reply to the one before. */
async function sClient(args: string[], lines: string[]): Promise<string> {
  const starttls = ["-starttls", "smtp", "-name", "client.example.org"];
  const check = ["-CAfile", authority.ca, "-verify_return_error", "-verify_ip", "127.0.0.1"];
  const at = ["-connect", `127.0.0.1:${front.port}`];
  const child = spawn("openssl", ["s_client", ...at, ...starttls, ...check, "-ign_eof", "-crlf", ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("latin1").on("data", (text: string) => (said += text));
  const closed = once(child, "close");
  let left = (await prompt(() => said, 0)).length;
  for (const line of lines) {
    child.stdin.write(`${line}\n`);
    left += (await prompt(() => said, left)).length;
  }
  await within(closed, "openssl to end");
  return said;
}

/** Waits for the last line of a reply. @returns what came from `from` on */
async function prompt(said: () => string, from: number): Promise<string> {
  await waitFor(() => /^\d{3} [^\n]*\n/m.test(said().slice(from)), `a reply after ${said().slice(-300)}`);
  return said().slice(from);
}

/** A session of its own, in the worker that has just had to do with another. */
async function another(): Promise<void> {
  const sending = { port: site.port("submission"), ca: authority.ca, content: MESSAGE };
  const before = server.kept.length;
  const { code, said } = await smtplib({ ...sending, from: "a@example.org", to: "b@example.test" });
  expect(code, said).toBe(0);
  expect(server.kept).toHaveLength(before + 1);
}

describe.each(["TLSv1.2", "TLSv1.3"])("openssl s_client, %s", (version) => {
  const only = version === "TLSv1.2" ? "-tls1_2" : "-tls1_3";

  test("delivers; the wire before Envoy carries nothing else in clear, the one after it all", async () => {
    const lines = [HELLO.trimEnd(), ...ENVELOPE.trimEnd().split("\r\n"), "DATA"];
    const body = `${MESSAGE.replaceAll("\r\n", "\n")}.`;
    const said = await sClient([only], [...lines, body, "QUIT"]);
    expect(said).toContain("Verification: OK");
    expect(said).toContain(`New, ${version}, Cipher is`);
    expect(server.kept).toMatchObject([{ content: MESSAGE, secure: false }]);
    const [wire] = front.connections;
    expect(inClear(wire?.client ?? "")).toEqual({
      clear: `${HELLO}STARTTLS\r\n`,
      records: expect.any(Number) as number,
    });
    const answered = inClear(wire?.server ?? "").clear;
    expect(answered.match(/^250[- ]STARTTLS\r$/gm)).toHaveLength(1);
    expect(answered).toMatch(/\r\n220 2\.0\.0 Ready to start TLS\r\n$/);
    expect(back.connections.map(({ client }) => client)).toEqual([
      `${HELLO}NOOP\r\n${HELLO}${ENVELOPE}DATA\r\n${MESSAGE}.\r\nQUIT\r\n`,
    ]);
    // Inside TLS it is not offered again.
    expect(said.slice(said.indexOf("Verification: OK"))).not.toMatch(/^250[- ]STARTTLS/m);
    const summary = { verdict: "clean", messages: 1, tls: true, tls_version: version };
    expect(await site.sessions()).toMatchObject([{ client: version, summary }]);
    expect(site.findings()).toEqual([]);
  });

  test("resumes its session", async () => {
    const file = join(authority.directory, `session-${version}`);
    // With 1.3 tickets come after the handshake, so that something has to be read.
    expect(await sClient([only, "-sess_out", file], ["NOOP", "QUIT"])).toContain(`New, ${version}, `);
    expect(await sClient([only, "-sess_in", file], ["NOOP", "QUIT"])).toContain(`Reused, ${version}, `);
    expect(await site.sessions()).toMatchObject([{ client: version }, { client: version }]);
  });
});

test("a version that is too old gets no session, and the next client is served", async () => {
  const socket = await askedForTls(front.port);
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  await expect(inside(socket, authority.ca, old)).rejects.toThrow(/alert protocol version/);
  await another();
});

describe("a client", () => {
  test.each(["FIN", "RST"])(
    "that closes after the 220, by %s: the server's side ends, and others go on",
    async (how) => {
      const socket = await askedForTls(site.port("submission"));
      if (how === "FIN") socket.end();
      else socket.resetAndDestroy();
      const [session] = await site.sessions();
      expect(session).toMatchObject({ summary: { verdict: "clean", messages: 0, tls: false } });
      expect(session?.summary).not.toHaveProperty("tls_version");
      await waitFor(() => back.connections[0]?.client === `${HELLO}NOOP\r\n`, "all that the server was sent");
      await another();
    },
  );

  test.each([
    ["commands", `${HELLO}${ENVELOPE}`],
    ["zeros", "\0".repeat(3000)],
    ["half a record that never ends well", `\x16\x03\x01\0\x05\x01\xff\xff\xff\xff${"x".repeat(100)}`],
  ])("that sends %s in place of its hello: none of it is read as SMTP", async (_name, garbage) => {
    const socket = await askedForTls(site.port("submission"));
    let answer = "";
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.write(garbage, "latin1");
    await within(once(socket, "close"), "the end");
    expect(answer.slice(0, 2)).toBe("\x15\x03");
    expect(await site.sessions()).toMatchObject([{ summary: { messages: 0, tls: false, commands: 2 } }]);
    expect(back.connections.map(({ client }) => client)).toEqual([`${HELLO}NOOP\r\n`]);
    await another();
  });

  test.each([
    ["its hello", "\x16\x03\x01\0\x05\x01\0\0\x01\x03"],
    ["a command", ENVELOPE],
  ])("that sends %s in the segment of its STARTTLS: the session ends", async (_name, early) => {
    const socket = await connected(site.port("submission"));
    let answer = "";
    socket.on("data", (data) => (answer += data.toString("latin1")));
    await waitFor(() => answer.endsWith("\r\n"), "the greeting");
    socket.write(HELLO);
    await waitFor(() => /^250 .*\r\n/m.test(answer), "the reply to EHLO");
    const before = answer.length;
    socket.write(`STARTTLS\r\n${early}`, "latin1");
    await within(once(socket, "close"), "the end");
    expect(answer.slice(before)).toBe("421 4.7.0 starttls_injection: connection closed by policy\r\n");
    await site.sessions();
    expect(site.findings()).toMatchObject([{ protection: "starttls_injection", action: "terminate" }]);
    expect(back.connections.map(({ client }) => client)).toEqual([`${HELLO}QUIT\r\n`]);
    await another();
  });
});
