/**
 * Mail programs before the configuration of an MX: each begins TLS with Envoy, which the filter reads inside of, and the mail
 * arrives once and as it was sent, by TLS again where the server has it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startOpenSmtpd } from "../../judges/servers/opensmtpd.js";
import { Authority, type Certificate } from "../../peers/authority.js";
import { AWKWARD, bigMessage } from "../../peers/mail.js";
import { LEVELS, PostfixSender } from "../../peers/postfix-sender.js";
import { Postfix } from "../../peers/postfix.js";
import { StarttlsSite } from "../support/starttls-site.js";
import { CLIENTS, nodemailer, type Sending, smtplib } from "../support/mail-programs.js";
import { without } from "../support/without-headers.js";

let certificate: Certificate;
let authority: Authority;
let stranger: Authority;
let server: Postfix;
let site: StarttlsSite;
let sender: PostfixSender;

beforeAll(async () => {
  [authority, stranger] = [await Authority.create(), await Authority.create()];
  certificate = await authority.issue(["DNS:mx.example.test", "IP:127.0.0.1"]);
  server = await Postfix.start({ tls: certificate });
  site = await StarttlsSite.start({ file: "envoy.yaml", upstream: server.port, certificate });
  sender = await PostfixSender.start({
    nextHop: site.port("smtp"),
    name: "mx.example.test",
    ca: authority.ca,
  });
});

afterAll(async () => {
  await sender?.stop();
  await site?.stop();
  await server?.stop();
  for (const each of [authority, stranger]) await each?.remove();
});

beforeEach(async () => {
  await sender.forget();
  await server.clear();
  await site.sessions();
  site.findings();
});

/** A session in which a message was delivered, TLS on both sides. */
const delivered = (version: string): object => ({
  client: version,
  server: "TLSv1.3",
  summary: expect.objectContaining({
    verdict: "clean",
    findings: 0,
    protections: [],
    commands: expect.any(Number) as number,
    messages: 1,
    tls: true,
    tls_terminated: true,
    tls_version: version,
    upstream_tls_version: "TLSv1.3",
  }) as object,
});

/** One copy arrived for `to`, as it was sent but for headers that the client itself adds, and nothing was found. */
async function expectDelivered(to: string, content: string, added: string[] = []): Promise<void> {
  const copies = await server.delivered(1);
  expect(copies.map((copy) => [copy.from, copy.to])).toEqual([["alice@example.org", to]]);
  expect(without(copies[0]?.content ?? "", added)).toBe(content);
  expect(copies[0]?.received).toContain("with ESMTPS id");
  expect(await site.sessions()).toEqual([delivered("TLSv1.3")]);
  expect(site.findings()).toEqual([]);
}

const mail = (content = AWKWARD): Sending => ({
  ...{ port: site.port("smtp"), ca: authority.ca, from: "alice@example.org", to: "bob@example.test" },
  content,
});

describe.each(CLIENTS)("$name", ({ send, added }) => {
  test("delivers inside TLS", async () => {
    const { code, said } = await send(mail());
    expect(code, said).toBe(0);
    await expectDelivered("bob@example.test", AWKWARD, added);
  });
});

describe.each(CLIENTS.filter(({ name }) => name !== "OpenSMTPD's client"))("$name", ({ send }) => {
  test("sends nothing where the authority is one that it does not know", async () => {
    const { code, said } = await send({ ...mail(), ca: stranger.ca });
    expect(code, said).not.toBe(0);
    const sessions = await site.sessions();
    // Exim tries twice.
    expect(new Set(sessions.map(({ summary }) => `${summary.verdict} ${summary.messages}`))).toEqual(
      new Set(["clean 0"]),
    );
    expect(await server.delivered(0)).toEqual([]);
  });
});

describe("Postfix", () => {
  test.each(LEVELS)("delivers inside TLS at the level %s", async (level) => {
    const { code, said } = await nodemailer({
      ...mail(),
      port: sender.port,
      how: "clear",
      to: `${level}@example.test`,
    });
    expect(code, said).toBe(0);
    await sender.sent();
    await expectDelivered(`${level}@example.test`, AWKWARD, ["Received"]);
    const trust = /^(?:may|encrypt)$/.test(level) ? "Trusted" : "Verified";
    const made = (await sender.log()).match(/\w+ TLS connection established to \S+: \S+/g) ?? [];
    expect(made.at(-1)).toMatch(new RegExp(`^${trust} .*: TLSv1.3$`));
  });
});

test("OpenSMTPD's daemon delivers inside TLS", async () => {
  // It knows the machine's authorities only.
  const relay = `"smtp+tls://127.0.0.1:${site.port("smtp")}" tls no-verify`;
  const relaying = await startOpenSmtpd({ ...certificate, relay });
  onTestFinished(() => relaying.stop());
  const { code, said } = await nodemailer({ ...mail(), port: relaying.port, how: "clear" });
  expect(code, said).toBe(0);
  await server.delivered(1);
  // It would keep the session for further mail.
  await relaying.stop();
  await expectDelivered("bob@example.test", AWKWARD, ["Received", "Date", "Message-ID"]);
});

test("a client that never asks for TLS is served in clear", async () => {
  const { code, said } = await smtplib({ ...mail(), how: "clear" });
  expect(code, said).toBe(0);
  expect((await server.delivered(1)).map(({ content }) => content)).toEqual([AWKWARD]);
  expect(await site.sessions()).toMatchObject([
    { client: "-", server: "TLSv1.3", summary: { verdict: "clean", messages: 1, tls: false } },
  ]);
});

test("a megabyte", async () => {
  const big = bigMessage(1024 * 1024);
  const { code, said } = await smtplib(mail(big));
  expect(code, said).toBe(0);
  await expectDelivered("bob@example.test", big);
});
