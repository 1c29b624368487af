/**
 * Applications in clear before the configuration for mail that goes out, with real servers as the provider: the mail arrives
 * by TLS, and the wire to the provider carries nothing else in clear than the commands that ask for it.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startExim } from "../../judges/servers/exim.js";
import { Authority, type Certificate } from "../../peers/authority.js";
import { AWKWARD, bigMessage, KeepingServer } from "../../peers/mail.js";
import { Postfix } from "../../peers/postfix.js";
import { inClear, WireTap } from "../../peers/wire-tap.js";
import { StarttlsSite } from "../support/starttls-site.js";
import { nodemailer, type Outcome, type Sending, smtplib, swaksTls } from "../support/mail-programs.js";

/** What the tests need of a server. */
interface Provider {
  port: number;
  /** The contents of all mail that came by TLS, from `from` to `to`. */
  mails: () => Promise<string[]>;
  stop: () => Promise<void>;
}

const ENVELOPE = { from: "app@example.org", to: "bob@example.test" };

const PROVIDERS: Record<string, (certificate: Certificate) => Promise<Provider>> = {
  async Postfix(certificate) {
    const postfix = await Postfix.start({ tls: certificate });
    const mails = async (): Promise<string[]> => {
      const all = await postfix.delivered(0);
      const ours = all.filter(({ from, to }) => from === ENVELOPE.from && to === ENVELOPE.to);
      return ours.filter(({ received }) => received.includes("SMTPS id")).map(({ content }) => content);
    };
    return { port: postfix.port, mails, stop: () => postfix.stop() };
  },
  async Exim(certificate) {
    const exim = await startExim(certificate);
    const mails = async (): Promise<string[]> =>
      (await exim.kept()).filter(({ from }) => from === ENVELOPE.from).map(({ content }) => content);
    return { port: exim.port, mails, stop: () => exim.stop() };
  },
  async "npm's smtp-server"({ cert, key }) {
    const server = await KeepingServer.start({ cert: await readFile(cert), key: await readFile(key) });
    const mails = async (): Promise<string[]> =>
      server.kept.filter(({ secure }) => secure).map(({ content }) => content);
    return { port: server.port, mails, stop: () => server.stop() };
  },
};

const HELO = "client.example.org";
const ASKED = `EHLO ${HELO}\r\nSTARTTLS\r\n`;

/** The applications, and what Envoy says to the provider in clear. */
const APPLICATIONS: [name: string, send: (sending: Sending) => Promise<Outcome>, clear: string][] = [
  ["Python's smtplib", smtplib, ASKED.replace("EHLO", "ehlo")],
  ["nodemailer", nodemailer, ASKED],
  ["swaks", swaksTls, ASKED],
  ["swaks with HELO", (sending) => swaksTls({ ...sending, helo: true }), `HELO ${HELO}\r\n${ASKED}`],
];

/**
 * nodemailer ends its stream without QUIT. Envoy tells a server that by the end of TLS alone, without the end of TCP, and
 * Exim then waits for commands in clear, until its time limit ends the session.
 */
const applicationsOf = (provider: string): typeof APPLICATIONS =>
  APPLICATIONS.filter(([application]) => provider !== "Exim" || application !== "nodemailer");

describe.each(Object.entries(PROVIDERS))("to %s", (name, start) => {
  let authority: Authority;
  let provider: Provider;
  let tap: WireTap;
  let site: StarttlsSite;

  beforeAll(async () => {
    authority = await Authority.create();
    provider = await start(await authority.issue(["DNS:smtp.provider.example"]));
    tap = await WireTap.start(provider.port);
    site = await StarttlsSite.start({ file: "egress.yaml", upstream: tap.port, ca: authority.ca });
  });

  afterAll(async () => {
    await site?.stop();
    await tap?.stop();
    await provider?.stop();
    await authority?.remove();
  });

  beforeEach(async () => {
    await site.sessions();
    site.findings();
    tap.connections.length = 0;
  });

  const sending = (content: string): Sending => ({
    ...{ port: site.port("smtp"), how: "clear", ca: authority.ca, content },
    ...ENVELOPE,
  });

  test.each(applicationsOf(name))("%s", async (_application, send, clear) => {
    const before = await provider.mails();
    const { code, said } = await send(sending(AWKWARD));
    expect(code, said).toBe(0);
    expect(await provider.mails()).toEqual([...before, AWKWARD]);
    const [wire] = tap.connections;
    expect(tap.connections).toHaveLength(1);
    expect(inClear(wire?.client ?? "").clear).toBe(clear);
    expect(wire?.client.slice(clear.length)).toContain("smtp.provider.example");
    expect(inClear(wire?.server ?? "").clear).toMatch(/\r\n220 [^\r\n]*\r\n$/);
    const summary = { verdict: "clean", messages: 1, tls: false, upstream_tls_version: "TLSv1.3" };
    expect(await site.sessions()).toMatchObject([{ client: "-", server: "TLSv1.3", summary }]);
    expect(site.findings()).toEqual([]);
  });

  test("a megabyte", async () => {
    const big = bigMessage(1024 * 1024);
    const { code, said } = await smtplib(sending(big));
    expect(code, said).toBe(0);
    // A server lists its mail in no order.
    expect((await provider.mails()).filter((content) => content !== AWKWARD)).toEqual([big]);
    expect(inClear(tap.connections[0]?.client ?? "").clear).toBe(ASKED.replace("EHLO", "ehlo"));
  });
});
