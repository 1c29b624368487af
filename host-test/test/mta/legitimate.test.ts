/** Legitimate mail through real Envoy: every message arrives byte for byte, and the filter finds nothing in it. */
import { readFile, rm } from "node:fs/promises";
import { createTransport, type SendMailOptions } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { AWKWARD, bigMessage, KeepingServer, stuffed } from "../../peers/mail.js";
import { MtaLab, type Profile } from "../support/mta-lab.js";
import { selfSigned } from "../../peers/net.js";
import { Postfix } from "../../peers/postfix.js";
import { RawClient } from "../../peers/smtp-client.js";
import { swaks } from "../support/swaks.js";

const TIME = 60_000;
const servers = ["postfix", "npm"] as const;
const profiles: Profile[] = ["recommended", "strict", "submission"];

/** A message as either server kept it, once for each recipient. */
interface Copy {
  from: string;
  to: string;
  content: string;
  secure: boolean;
  user: string | undefined;
}

let certificate: Awaited<ReturnType<typeof selfSigned>>;
let postfix: Postfix;
let npm: KeepingServer;
let lab: MtaLab;

beforeAll(async () => {
  certificate = await selfSigned();
  postfix = await Postfix.start({ tls: certificate });
  const [cert, key] = await Promise.all([readFile(certificate.cert), readFile(certificate.key)]);
  npm = await KeepingServer.start({ cert, key });
  lab = await MtaLab.start({ postfix: postfix.port, npm: npm.port }, certificate);
}, TIME);

afterAll(async () => {
  await lab?.stop();
  await npm?.stop();
  await postfix?.stop();
  if (certificate !== undefined) await rm(certificate.directory, { recursive: true, force: true });
}, TIME);

beforeEach(async () => {
  npm.kept.length = 0;
  await postfix.clear();
});

/** What arrived, sorted by recipient. */
async function arrived(server: (typeof servers)[number], count: number): Promise<Copy[]> {
  if (server === "postfix") {
    return (await postfix.delivered(count)).map(({ from, to, content, received }) => ({
      from,
      to,
      content,
      secure: received.includes("with ESMTPS id"),
      user: undefined,
    }));
  }
  // The npm server keeps a message once for all its recipients.
  const kept = await npm.received(1);
  return kept
    .flatMap(({ to, ...rest }) => to.map((recipient) => ({ ...rest, to: recipient })))
    .sort((a, b) => (a.to < b.to ? -1 : 1));
}

async function send(port: number, mail: SendMailOptions, options: SMTPTransport.Options = {}): Promise<void> {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    name: "client.example.org",
    ignoreTLS: true,
    tls: { rejectUnauthorized: false },
    ...options,
  });
  await transport.sendMail(mail);
  transport.close();
}

const envelope = { from: "alice@example.org", to: ["bob@example.test"] };

describe.each(servers)("%s", (server) => {
  describe.each(profiles)("profile %s", (profile) => {
    let port: number;
    beforeEach(() => (port = lab.port(server, profile)));

    /** One copy for bob with this content, in the clear, and nothing found. */
    const expectPlain = async (content: string): Promise<void> => {
      const [copy, ...more] = await arrived(server, 1);
      expect(more).toEqual([]);
      expect(copy).toMatchObject({ from: "alice@example.org", to: "bob@example.test", secure: false });
      expect(copy?.content).toBe(content);
    };

    test("nodemailer, plain", { timeout: TIME }, async () => {
      await send(port, { envelope, raw: Buffer.from(AWKWARD, "latin1") });
      await expectPlain(AWKWARD);
      expect(await lab.findings(port)).toEqual([]);
    });

    test("swaks, plain", { timeout: TIME }, async () => {
      const mail = ["--from", "alice@example.org", "--to", "bob@example.test"];
      const { exitCode, transcript } = await swaks(port, [...mail, "--data", "Subject: swaks\\n\\nhello"]);
      expect(exitCode, transcript).toBe(0);
      await expectPlain("Subject: swaks\r\n\r\nhello\r\n");
      expect(await lab.findings(port)).toEqual([]);
    });

    test("pipelined in groups, two messages", { timeout: TIME }, async () => {
      const client = await RawClient.connect(port);
      onTestFinished(() => client.destroy());
      expect(await client.reply()).toMatch(/^220 /);
      expect(await client.ask("EHLO client.example.org")).toMatch(/^250[- ]PIPELINING\r?$/m);
      client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<a@example.test>\r\nDATA\r\n");
      expect((await client.replies(3)).map(code)).toEqual(["250", "250", "354"]);
      // RFC 2920 3.1: the next transaction may follow the final dot in the same group.
      client.send(`${stuffed(AWKWARD)}MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n`);
      expect((await client.replies(4)).map(code)).toEqual(["250", "250", "250", "354"]);
      client.send(`${stuffed(AWKWARD)}QUIT\r\n`);
      expect((await client.replies(2)).map(code)).toEqual(["250", "221"]);
      await client.closed();
      if (server === "npm") await npm.received(2);
      const copies = await arrived(server, 2);
      expect(copies.map((copy) => copy.to)).toEqual(["a@example.test", "b@example.test"]);
      expect(copies.map((copy) => copy.content)).toEqual([AWKWARD, AWKWARD]);
      expect(await lab.findings(port)).toEqual([]);
    });

    test("one MiB", { timeout: TIME }, async () => {
      const big = bigMessage(1024 * 1024);
      await send(port, { envelope, raw: big });
      await expectPlain(big);
      expect(await lab.findings(port)).toEqual([]);
    });

    test("20 recipients", { timeout: TIME }, async () => {
      const to = Array.from(
        { length: 20 },
        (_, index) => `user${String(index).padStart(2, "0")}@example.test`,
      );
      await send(port, { envelope: { ...envelope, to }, raw: Buffer.from(AWKWARD, "latin1") });
      const copies = await arrived(server, 20);
      expect(copies.map((copy) => copy.to)).toEqual(to);
      expect(new Set(copies.map((copy) => copy.content))).toEqual(new Set([AWKWARD]));
      expect(await lab.findings(port)).toEqual([]);
    });

    test("STARTTLS where the client would like it", { timeout: TIME }, async () => {
      await send(port, { envelope, raw: Buffer.from(AWKWARD, "latin1") }, { ignoreTLS: false });
      const [copy] = await arrived(server, 1);
      expect(copy?.content).toBe(AWKWARD);
      // Allowed, the mail goes over TLS unseen; stripped, the client does not know of TLS and sends in the clear.
      expect(copy?.secure).toBe(profile !== "strict");
      expect(await lab.findings(port)).toEqual([]);
    });

    test("STARTTLS where swaks insists on it", { timeout: TIME }, async () => {
      const mail = ["--from", "alice@example.org", "--to", "bob@example.test", "--tls"];
      const { exitCode, transcript } = await swaks(port, [...mail, "--data", "Subject: swaks\\n\\nhello"]);
      // 29: TLS was demanded and not offered (swaks(1)).
      expect(exitCode, transcript).toBe(profile !== "strict" ? 0 : 29);
      if (profile !== "strict") {
        const [copy] = await arrived(server, 1);
        expect(copy).toMatchObject({ content: "Subject: swaks\r\n\r\nhello\r\n", secure: true });
      }
      expect(await lab.findings(port)).toEqual([]);
    });
  });
});

/** In strict and submission a password in clear is refused (cleartext_auth). */
const authenticating: [Profile, "clear" | "TLS"][] = [
  ["recommended", "clear"],
  ["recommended", "TLS"],
  ["strict", "TLS"],
  ["submission", "TLS"],
];

describe.each(authenticating)("AUTH under %s, in %s", (profile, how) => {
  const secure = how === "TLS";
  let port: number;
  beforeEach(() => (port = secure ? lab.tlsPort("npm", profile) : lab.port("npm", profile)));

  test.each(["PLAIN", "LOGIN"])("nodemailer, %s", { timeout: TIME }, async (authMethod) => {
    const auth = { user: "tester", pass: "secret" };
    await send(port, { envelope, raw: Buffer.from(AWKWARD, "latin1") }, { auth, authMethod, secure });
    const [copy] = await arrived("npm", 1);
    expect(copy).toMatchObject({ user: "tester", content: AWKWARD });
    expect(await lab.findings(port)).toEqual([]);
  });

  test.each(["PLAIN", "LOGIN"])("swaks, %s", { timeout: TIME }, async (method) => {
    const mail = ["--from", "alice@example.org", "--to", "bob@example.test", "--auth", method];
    const user = ["--auth-user", "tester", "--auth-password", "secret", ...(secure ? ["--tlsc"] : [])];
    const { exitCode, transcript } = await swaks(port, [...mail, ...user, "--data", "Subject: s\\n\\nhello"]);
    expect(exitCode, transcript).toBe(0);
    const [copy] = await arrived("npm", 1);
    expect(copy).toMatchObject({ user: "tester", content: "Subject: s\r\n\r\nhello\r\n" });
    expect(await lab.findings(port)).toEqual([]);
  });
});

test.each(["clear", "TLS"])(
  "mail of the machine itself, to a mere name, under submission in %s",
  { timeout: TIME },
  async (how) => {
    const port = how === "TLS" ? lab.tlsPort("postfix", "submission") : lab.port("postfix", "submission");
    const mail = ["--from", "cron@example.org", "--to", "root", ...(how === "TLS" ? ["--tlsc"] : [])];
    const { exitCode, transcript } = await swaks(port, [...mail, "--data", "Subject: s\\n\\nhello"]);
    expect(exitCode, transcript).toBe(0);
    expect(transcript).toMatch(/RCPT TO:<root>/);
    const [copy] = await arrived("postfix", 1);
    expect(copy).toMatchObject({ from: "cron@example.org", content: "Subject: s\r\n\r\nhello\r\n" });
    expect(await lab.findings(port)).toEqual([]);
  },
);

const code = (reply: string): string => reply.slice(0, 3);
