/** A real load on a real Envoy with envoy/envoy.yaml: clean sessions, findings of several kinds, logins, TLS, hostile words. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createTransport } from "nodemailer";
import { adapted } from "../../cli/envoy-yaml.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { KeepingServer } from "../../peers/mail.js";
import { selfSigned } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WORKERS = 2;

const POLICY = {
  profile: "recommended",
  shadow: { profile: "strict", protections: { source_abuse: "off" } },
  // Sources are counted, and the only one here is not found for all that it does: 0 is no limit.
  protections: {
    source_abuse: { mode: "detect", refused_recipients: 65_535, auth_failures: 0, errors: 0, findings: 0 },
  },
};

/** Each is a session: words that could break a line, a label or a name. */
export const HOSTILE = [
  'EHLO evil"} 1',
  'EHLO x",smtp_action="forged"} 9 #',
  "HELO a.action.forged.verb.FORGED.class.9xx",
  'FORGED{a="b"} 1',
  "findings.protection.forged.reason.forged.action.forged",
  'MAIL FROM:<"\\"} 1 # TYPE forged counter"@example.org>',
  "EHLO ${jndi:x}\\n\\u0000{{forged}}",
];

const EHLO = "EHLO client.example.org";
const MAIL = "MAIL FROM:<a@example.org>";
const RCPT = "RCPT TO:<b@example.test>";
const plain = (password: string): string =>
  `AUTH PLAIN ${Buffer.from(`\0tester\0${password}`).toString("base64")}`;

/** Sessions of one kind each: what the client sends, every text once the one before is answered. */
const SESSIONS: Record<string, readonly string[]> = {
  clean: [EHLO, MAIL, RCPT, "DATA", `Subject: clean\r\n\r\n${"text\r\n".repeat(200)}.`, "QUIT"],
  small: [EHLO, MAIL, RCPT, "DATA", "Subject: small\r\n\r\nhi\r\n.", "QUIT"],
  rejected: [EHLO, "XADR alice", MAIL, "RSET", "QUIT"],
  exchange: [EHLO, "X-EXPS GSSAPI", "QUIT"],
  terminated: [EHLO, "GET / HTTP/1.1"],
  smuggled: [EHLO, MAIL, RCPT, "DATA", "Subject: a\r\n\r\nx\n.\r\nMAIL FROM:<c@example.org>\r\n."],
  recon: [EHLO, "VRFY root", "EXPN staff", "QUIT"],
  loggedIn: [EHLO, plain("secret"), "QUIT"],
  notLoggedIn: [EHLO, plain("wrong"), plain("worse"), "QUIT"],
  aborted: [EHLO, MAIL, RCPT],
};
/** Commands in one segment, with the number of replies. */
const PIPELINED = [MAIL, RCPT, "RCPT TO:<nobody@example.test>", "RCPT TO:<nobody@example.net>", "DATA"];

/** Envoy with two workers, in front of a server that refuses `nobody`; stopped with `stop`. */
export class Load {
  private running: Promise<void> | null = null;
  private stopped = false;
  /** Sessions of hostile words that have ended. */
  hostile = 0;

  private constructor(
    readonly envoy: EnvoyProcess,
    private readonly server: KeepingServer,
    /** Of the listener in clear, and of the one in TLS. */
    private readonly ports: { clear: number; tls: number },
    private readonly certificate: string,
  ) {}

  static async start(binary: string): Promise<Load> {
    const server = await KeepingServer.start({
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith("nobody@") ? new Error("no such user") : null),
    });
    const { directory, cert, key } = await selfSigned();
    const route = (stat_prefix: string): { port: number; upstream: number; policy: string } => {
      return { port: 0, upstream: server.port, policy: JSON.stringify({ stat_prefix, ...POLICY }) };
    };
    const bootstrap = adapted(readFileSync(`${ROOT}envoy/envoy.yaml`, "utf8"), {
      routes: [route("mail_in"), route("submissions")],
      wasm: `${ROOT}build/smtp-inspector.wasm`,
      adminPort: 0,
    });
    const [, inside] = bootstrap.static_resources.listeners;
    Object.assign(inside?.filter_chains[0] ?? {}, { transport_socket: tlsSocket(cert, key) });
    const envoy = await EnvoyProcess.start({
      binary,
      // Histograms are merged that often, after 5 s by default.
      bootstrap: { ...bootstrap, stats_flush_interval: "0.2s" },
      concurrency: WORKERS,
    });
    const ports = await envoy.ports();
    const [clear = 0, tls = 0] = ["smtp_0", "smtp_1"].map((name) => ports.get(name));
    return new Load(envoy, server, { clear, tls }, directory);
  }

  /** Sends sessions, one round after the other, until `stop`. */
  run(): void {
    this.running = (async () => {
      while (!this.stopped) await this.round();
    })();
  }

  /** One session of each kind, side by side. @param extra further sessions with findings */
  async round(extra = 0): Promise<void> {
    const kinds = [
      ...Object.values(SESSIONS),
      ...Array<readonly string[]>(extra).fill(SESSIONS["rejected"] ?? []),
    ];
    await Promise.all([
      ...kinds.map((commands) => this.session(commands)),
      ...HOSTILE.map((line) => this.session([line]).then(() => this.hostile++)),
      this.pipelined(),
      this.mail({ port: this.ports.clear, requireTLS: true }),
      this.mail({ port: this.ports.tls, secure: true }),
    ]);
  }

  /** A session that ends where the other side ends it. */
  private async session(commands: readonly string[]): Promise<void> {
    const client = await this.open();
    try {
      for (const command of commands) await client.ask(command);
      await client.end();
    } catch (error) {
      if (!client.ended) throw error;
    } finally {
      client.destroy();
    }
  }

  private async pipelined(): Promise<void> {
    const client = await this.open();
    await client.ask(EHLO);
    client.send(`${PIPELINED.join("\r\n")}\r\n`);
    await client.replies(PIPELINED.length);
    await client.ask("Subject: pipelined\r\n\r\nhi\r\n.");
    await client.ask("QUIT");
    await client.end();
  }

  private async open(): Promise<RawClient> {
    const client = await RawClient.connect(this.ports.clear);
    await client.reply();
    return client;
  }

  /** Mail inside TLS. */
  private async mail(options: { port: number; requireTLS?: boolean; secure?: boolean }): Promise<void> {
    const transport = createTransport({ host: "127.0.0.1", tls: { rejectUnauthorized: false }, ...options });
    await transport.sendMail({ from: "a@example.org", to: "b@example.test", subject: "inside", text: "TLS" });
    transport.close();
  }

  /** Ends the load after its round, then Envoy and the server. */
  async stop(): Promise<void> {
    this.stopped = true;
    try {
      await this.running;
    } finally {
      await this.envoy.stop();
      await this.server.stop();
      await rm(this.certificate, { recursive: true, force: true });
    }
  }
}

function tlsSocket(cert: string, key: string): object {
  const tls_certificates = [{ certificate_chain: { filename: cert }, private_key: { filename: key } }];
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      common_tls_context: { tls_certificates },
    },
  };
}
