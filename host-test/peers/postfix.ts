/** A private Postfix whose smtpd delivers every recipient of `example.test` into one maildir. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort, waitFor } from "./net.js";
import { findPostfix, type Installation, PostfixInstance } from "./postfix-instance.js";
import { greets } from "./smtp-client.js";

/** One message as Postfix stored it, once for each recipient. */
export interface Delivered {
  /** Envelope sender, without angle brackets. */
  from: string;
  /** The one recipient this copy is for. */
  to: string;
  /** Postfix's trace header: says which protocol and whether TLS was used. */
  received: string;
  /** What the client sent between DATA and the final dot, unstuffed, with CRLF line ends as it was sent. */
  content: string;
}

/** Settings of the instance; all have defaults. */
export interface PostfixOptions {
  /** Certificate and key files (PEM) for STARTTLS; without them Postfix does not offer it. */
  tls?: { cert: string; key: string };
  /** Further lines of main.cf. */
  settings?: Record<string, string>;
  /**
   * Whether postscreen takes the connections and passes on to smtpd those that it does not turn away. It expects the
   * PROXY protocol, so that a test can come from any address.
   */
  postscreen?: boolean;
}

/** A running Postfix. `stop()` ends it and removes its directory. */
export class Postfix {
  private constructor(
    /** Port of smtpd on 127.0.0.1. */
    readonly port: number,
    private readonly instance: PostfixInstance,
  ) {}

  /**
   * Starts an instance and resolves when smtpd greets.
   * @throws Error that names what to install or what Postfix logged.
   */
  static async start(options: PostfixOptions = {}): Promise<Postfix> {
    const installation = await findPostfix();
    const port = await freePort();
    const screened = options.postscreen === true;
    const front = screened ? POSTSCREEN : ["inet n - n - - smtpd"];
    const instance = await PostfixInstance.start(installation, {
      settings: (directory) => settingsOf(directory, installation, options),
      services: [`127.0.0.1:${port} ${front.join("\n")}`, ...SERVICES],
      owned: ["mail"],
      ready: () => greets(port, screened ? "PROXY TCP4 127.0.0.1 127.0.0.1 1 25\r\n" : ""),
    });
    return new Postfix(port, instance);
  }

  /** Everything Postfix has logged so far. */
  log(): Promise<string> {
    return this.instance.log();
  }

  /** Waits until exactly `count` copies are delivered (one each recipient) and returns them, sorted by recipient. */
  async delivered(count: number): Promise<Delivered[]> {
    const inbox = join(this.instance.directory, "mail/inbox/new");
    const names = (): Promise<string[]> => readdir(inbox).catch(() => []);
    await waitFor(async () => (await names()).length >= count, `${count} deliveries`, 20_000).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}; Postfix logged:\n${await this.log()}`);
      },
    );
    await this.instance.settled(SETTLED_MS);
    const copies = await Promise.all(
      (await names()).map(async (name) => parse(await readFile(join(inbox, name), "latin1"))),
    );
    return copies.sort((a, b) => (a.to < b.to ? -1 : 1));
  }

  /** Forgets what was delivered so far. */
  async clear(): Promise<void> {
    await this.instance.settled(SETTLED_MS);
    await rm(join(this.instance.directory, "mail/inbox"), { recursive: true, force: true });
  }

  /** Ends all processes of the instance and removes its directory. */
  stop(): Promise<void> {
    return this.instance.stop();
  }
}

/** What is not delivered then never will be. */
const SETTLED_MS = 20_000;

/** Takes Postfix's own headers off the front and gives the rest the line ends that SMTP carried. */
function parse(stored: string): Delivered {
  const own = /^Return-Path: <(.*)>\nX-Original-To: (.*)\nDelivered-To: .*\n(Received: .*\n(?:[\t ].*\n)*)/;
  const match = own.exec(stored);
  if (match === null) throw new Error(`not a message as Postfix stores one:\n${stored.slice(0, 400)}`);
  const content = stored.slice(match[0].length).replaceAll("\n", "\r\n");
  return { from: match[1] ?? "", to: match[2] ?? "", received: match[3] ?? "", content };
}

function settingsOf(directory: string, owner: Installation, options: PostfixOptions): Record<string, string> {
  return {
    myhostname: "mx.example.test",
    // An address without a domain becomes one of ours: let through, RCPT TO:<root> would be delivered and seen.
    myorigin: "example.test",
    virtual_mailbox_domains: "example.test",
    virtual_mailbox_base: `${directory}/mail`,
    virtual_mailbox_maps: "static:inbox/",
    virtual_uid_maps: `static:${owner.uid}`,
    virtual_gid_maps: `static:${owner.gid}`,
    virtual_minimum_uid: "1",
    virtual_mailbox_limit: "0",
    // The fix for CVE-2023-51764: what a client sends before its turn is refused.
    smtpd_forbid_unauth_pipelining: "yes",
    ...(options.tls === undefined
      ? { smtpd_tls_security_level: "none" }
      : {
          smtpd_tls_security_level: "may",
          smtpd_tls_cert_file: options.tls.cert,
          smtpd_tls_key_file: options.tls.key,
        }),
    ...(options.postscreen === true && { postscreen_upstream_proxy_protocol: "haproxy" }),
    ...options.settings,
  };
}

/** Its own service, and the smtpd that takes over from it (Postfix's POSTSCREEN_README). */
const POSTSCREEN = ["inet n - n - 1 postscreen", "smtpd pass - - n - - smtpd"];

const SERVICES =
  "bounce:bounce defer:bounce trace:bounce error:error retry:error discard:discard virtual:virtual"
    .split(" ")
    .map((pair) => pair.replace(":", " unix - n n - - "));
