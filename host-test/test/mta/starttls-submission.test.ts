/** Mail programs before the configuration of a submission server: a password reaches the server when it came inside TLS. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Authority } from "../../peers/authority.js";
import { AWKWARD, KeepingServer } from "../../peers/mail.js";
import { RawClient } from "../../peers/smtp-client.js";
import { WireTap } from "../../peers/wire-tap.js";
import { StarttlsSite } from "../support/starttls-site.js";
import { CLIENTS, type Sending, smtplib } from "../support/mail-programs.js";
import { without } from "../support/without-headers.js";

let authority: Authority;
let server: KeepingServer;
let tap: WireTap;
let site: StarttlsSite;
/** envoy.yaml of which the policy requires TLS for mail. */
let strict: StarttlsSite;

beforeAll(async () => {
  authority = await Authority.create();
  const certificate = await authority.issue(["DNS:mx.example.test", "IP:127.0.0.1"]);
  server = await KeepingServer.start({ hideSTARTTLS: true, authOptional: false });
  tap = await WireTap.start(server.port);
  site = await StarttlsSite.start({ file: "submission.yaml", upstream: tap.port, certificate });
  const starttls = { require: "mail" } as const;
  strict = await StarttlsSite.start({ file: "envoy.yaml", upstream: tap.port, certificate, starttls });
});

afterAll(async () => {
  await strict?.stop();
  await site?.stop();
  await tap?.stop();
  await server?.stop();
  await authority?.remove();
});

beforeEach(async () => {
  await site.sessions();
  site.findings();
  server.kept.length = tap.connections.length = 0;
});

const envelope = { from: "alice@example.org", to: "bob@example.test", content: AWKWARD };
const mail = (port: number): Sending => ({ port, ca: authority.ca, ...envelope });

describe.each(CLIENTS)("$name", ({ send, added }) => {
  test.each([
    ["submission", "starttls"],
    ["submissions", "tls"],
  ] as const)("says its password on %s", async (listener, how) => {
    const { code, said } = await send({ ...mail(site.port(listener)), how, user: "tester" });
    expect(code, said).toBe(0);
    const kept = (await server.received(1)).map(({ content, ...rest }) => ({
      ...rest,
      content: without(content, added),
    }));
    const to = [envelope.to];
    expect(kept).toEqual([{ ...envelope, to, user: "tester", secure: false }]);
    const summary = {
      verdict: "clean",
      messages: 1,
      tls: true,
      tls_terminated: true,
      tls_version: "TLSv1.3",
    };
    expect(await site.sessions()).toMatchObject([{ client: "TLSv1.3", server: "-", summary }]);
    expect(site.findings()).toEqual([]);
  });

  test("gets no mail through with a password in clear", async () => {
    const { code, said } = await send({ ...mail(site.port("submission")), how: "clear", user: "tester" });
    // msmtp, Exim and the others find no AUTH to use; OpenSMTPD's client says nothing without TLS.
    expect(code, said).not.toBe(0);
    await site.sessions();
    expect(server.kept).toEqual([]);
    expect(tap.connections.map(({ client }) => client).join("")).not.toContain("AUTH");
  });
});

/** The password of `tester`, as PLAIN and LOGIN say it. */
const PLAIN = "AUTH PLAIN AHRlc3RlcgBzZWNyZXQ=";
const REFUSED = "538 5.7.11 Encryption required for requested authentication mechanism";

test("AUTH in clear is not offered, gets 538, and does not reach the server", async () => {
  const client = await RawClient.connect(site.port("submission"));
  await client.reply();
  const offer = await client.ask("EHLO client.example.org");
  expect(offer).toMatch(/^250[- ]STARTTLS\r?$/m);
  expect(offer).not.toMatch(/AUTH/);
  for (const command of [PLAIN, "AUTH LOGIN", "AUTH PLAIN"]) expect(await client.ask(command)).toBe(REFUSED);
  expect(await client.ask("QUIT")).toMatch(/^221 /);
  await client.closed();
  expect(tap.connections.map((each) => each.client)).toEqual([
    "EHLO client.example.org\r\nNOOP\r\nNOOP\r\nNOOP\r\nQUIT\r\n",
  ]);
});

test("clear on the port of TLS gets no SMTP", async () => {
  const client = await RawClient.connect(site.port("submissions"));
  client.send("EHLO client.example.org\r\n");
  expect(await client.closed()).not.toMatch(/^\d{3}[- ]/m);
  expect(tap.connections.map((each) => each.client).join("")).toBe("");
});

describe("where the policy requires TLS for mail", () => {
  test("mail in clear gets 530, and does not reach the server", async () => {
    const client = await RawClient.connect(strict.port("smtp"));
    await client.reply();
    await client.ask("EHLO client.example.org");
    const refused = "530 5.7.0 Must issue a STARTTLS command first";
    for (const command of ["MAIL FROM:<a@example.org>", PLAIN, "VRFY root"])
      expect(await client.ask(command)).toBe(refused);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    await client.closed();
    expect(tap.connections.map((each) => each.client)).toEqual([
      "EHLO client.example.org\r\nNOOP\r\nNOOP\r\nNOOP\r\nQUIT\r\n",
    ]);
  });

  test("a client that can only clear learns why, and one with TLS delivers", async () => {
    const port = strict.port("smtp");
    const clear = await smtplib({ ...mail(port), how: "clear" });
    expect(clear.said).toContain("(530, b'5.7.0 Must issue a STARTTLS command first'");
    const { code, said } = await smtplib({ ...mail(port), user: "tester" });
    expect(code, said).toBe(0);
    expect((await server.received(1)).map(({ content }) => content)).toEqual([AWKWARD]);
  });
});
