/**
 * Providers that give no TLS, or none that can be trusted: with "always" nothing of the mail leaves, whatever the application
 * does; with "offered" it goes in clear only where the provider has no TLS, and never after something went wrong with it.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startExim } from "../../judges/servers/exim.js";
import { Authority, type Certificate } from "../../peers/authority.js";
import { AWKWARD, KeepingServer } from "../../peers/mail.js";
import { OddServer } from "../../peers/odd-server.js";
import { Postfix } from "../../peers/postfix.js";
import { RawClient } from "../../peers/smtp-client.js";
import { inClear, WireTap } from "../../peers/wire-tap.js";
import { StarttlsSite } from "../support/starttls-site.js";
import { nodemailer, type Sending, smtplib, swaksTls } from "../support/mail-programs.js";

interface Provider {
  port: number;
  /** The contents of all mail that it has. */
  mails: () => Promise<string[]>;
  stop: () => Promise<void>;
}

let authority: Authority;
let stranger: Authority;
let tap: WireTap;
let always: StarttlsSite;
let offered: StarttlsSite;

beforeAll(async () => {
  [authority, stranger] = [await Authority.create(), await Authority.create()];
  tap = await WireTap.start(0);
  const options = { file: "egress.yaml", upstream: tap.port, ca: authority.ca } as const;
  always = await StarttlsSite.start(options);
  offered = await StarttlsSite.start({ ...options, starttls: { originate: "offered" } });
});

afterAll(async () => {
  for (const each of [offered, always, tap]) await each?.stop();
  for (const each of [authority, stranger]) await each?.remove();
});

async function keeping(certificate: Promise<Certificate>): Promise<Provider> {
  const { cert, key } = await certificate;
  const server = await KeepingServer.start({ cert: await readFile(cert), key: await readFile(key) });
  return {
    port: server.port,
    mails: async () => server.kept.map(({ content }) => content),
    stop: () => server.stop(),
  };
}

async function odd(toStarttls: string): Promise<Provider> {
  const server = await OddServer.start(toStarttls);
  return { port: server.port, mails: async () => server.kept, stop: () => server.stop() };
}

const NAME = ["DNS:smtp.provider.example"];

/** A provider, and what comes of it: the reason of the finding, "" where the handshake fails, which is Envoy's to tell. */
interface Case {
  name: string;
  start: () => Promise<Provider>;
  protection: "starttls_unavailable" | "starttls_reply_injection" | "";
  reason: string;
  /** Whether "offered" sends the mail in clear. */
  goesOn: boolean;
}

const CASES: Case[] = [
  {
    name: "Postfix without TLS",
    async start() {
      const postfix = await Postfix.start();
      const mails = async (): Promise<string[]> => (await postfix.delivered(0)).map(({ content }) => content);
      return { port: postfix.port, mails, stop: () => postfix.stop() };
    },
    ...{ protection: "starttls_unavailable", reason: "not_offered", goesOn: true },
  },
  {
    name: "Exim without TLS",
    async start() {
      const exim = await startExim({ ...(await authority.issue(NAME)), hideTls: true });
      const mails = async (): Promise<string[]> => (await exim.kept()).map(({ content }) => content);
      return { port: exim.port, mails, stop: () => exim.stop() };
    },
    ...{ protection: "starttls_unavailable", reason: "not_offered", goesOn: true },
  },
  {
    name: "one that offers STARTTLS and refuses it",
    start: () => odd("454 4.7.0 not now\r\n"),
    ...{ protection: "starttls_unavailable", reason: "refused", goesOn: true },
  },
  {
    name: "one that says something after its 220",
    start: () => odd("220 2.0.0 go\r\n250-odd.example.test\r\n250 AUTH PLAIN\r\n"),
    ...{ protection: "starttls_reply_injection", reason: "reply", goesOn: false },
  },
  {
    name: "one that says 220 and speaks no TLS",
    start: () => odd("220 2.0.0 go\r\n"),
    ...{ protection: "", reason: "", goesOn: false },
  },
  {
    name: "one whose certificate nobody knows",
    start: () => keeping(stranger.issue(NAME)),
    ...{ protection: "", reason: "", goesOn: false },
  },
  {
    name: "one whose certificate has another name",
    start: () => keeping(authority.issue(["DNS:smtp.other.example", "IP:127.0.0.1"])),
    ...{ protection: "", reason: "", goesOn: false },
  },
  {
    name: "one whose certificate has expired",
    start: () => keeping(authority.issue(NAME, -1)),
    ...{ protection: "", reason: "", goesOn: false },
  },
];

const HELO = "client.example.org";
const mail = (site: StarttlsSite): Sending => ({
  ...{ port: site.port("smtp"), how: "clear", ca: authority.ca },
  ...{ from: "app@example.org", to: "bob@example.test", content: AWKWARD },
});

/** Everything that Envoy has said to the provider in clear, of all connections. */
const said = (): string => tap.connections.map(({ client }) => inClear(client).clear).join("");

describe.each(CASES)("$name", ({ start, protection, reason, goesOn }) => {
  let provider: Provider;

  beforeAll(async () => {
    provider = await start();
    tap.target = provider.port;
  });
  afterAll(() => provider?.stop());
  beforeEach(async () => {
    for (const site of [always, offered]) {
      await site.sessions();
      site.findings();
    }
    tap.connections.length = 0;
  });

  test.each([
    ["smtplib", smtplib],
    ["nodemailer", nodemailer],
    ["swaks", swaksTls],
    ["swaks with HELO", (sending: Sending) => swaksTls({ ...sending, helo: true })],
  ])("gets nothing of the mail of %s where TLS must be had", async (_name, send) => {
    const { code, said: printed } = await send(mail(always));
    expect(code, printed).not.toBe(0);
    const [session] = await always.sessions();
    expect(session?.summary).toMatchObject({ messages: 0, tls: false });
    expect(session?.summary).not.toHaveProperty("upstream_tls_version");
    expect(said()).toMatch(/^(?:(?:EHLO|ehlo|HELO) client\.example\.org\r\n|STARTTLS\r\n|QUIT\r\n)+$/);
    expect(await provider.mails()).toEqual([]);
  });

  test("lets an application that says everything at once have nothing but the refusal", async () => {
    const client = await RawClient.connect(always.port("smtp"));
    await client.reply();
    client.send(`EHLO ${HELO}\r\nMAIL FROM:<app@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n`);
    const answer = (await client.closed()).split("\r\n").slice(1).join("\r\n");
    expect(answer).toBe(protection === "" ? "" : `421 4.7.0 ${protection}: connection closed by policy\r\n`);
    await always.sessions();
    const early = always.findings().filter((each) => each.protection !== "pipelining_early");
    expect(early).toMatchObject(protection === "" ? [] : [{ protection, reason, action: "terminate" }]);
    expect(said()).toMatch(/^EHLO client\.example\.org\r\n(?:STARTTLS\r\n)?(?:QUIT\r\n)?$/);
    expect(await provider.mails()).toEqual([]);
  });

  test(`gets the mail ${goesOn ? "in clear" : "not either"} where TLS is only asked for`, async () => {
    const { code, said: printed } = await smtplib(mail(offered));
    expect(code === 0, printed).toBe(goesOn);
    const sessions = await offered.sessions();
    expect(sessions.map(({ summary }) => summary)).toMatchObject([{ messages: goesOn ? 1 : 0, tls: false }]);
    expect(sessions[0]?.summary).not.toHaveProperty("upstream_tls_version");
    const action = goesOn ? "detect" : "terminate";
    expect(offered.findings()).toMatchObject(protection === "" ? [] : [{ protection, reason, action }]);
    expect(await provider.mails()).toEqual(goesOn ? [AWKWARD] : []);
    if (!goesOn) expect(said()).not.toMatch(/MAIL|RCPT|DATA/);
  });
});
