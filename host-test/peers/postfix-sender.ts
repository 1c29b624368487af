/** A private Postfix that sends: what it gets by SMTP goes on to one next hop, by STARTTLS as the recipient's name says. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./net.js";
import { findPostfix, PostfixInstance } from "./postfix-instance.js";
import { greets } from "./smtp-client.js";

/** `smtp_tls_security_level` for the mail to a recipient whose local part is the same word. */
export const LEVELS = ["may", "encrypt", "verify", "secure"] as const;

export interface SenderOptions {
  /** Port of 127.0.0.1 of the next hop. */
  nextHop: number;
  /** The name that its certificate must have at the levels "verify" and "secure". */
  name: string;
  /** The authority that Postfix trusts. */
  ca: string;
}

/** A running Postfix. `stop()` ends it and removes its directory. */
export class PostfixSender {
  private constructor(
    /** Port of 127.0.0.1 that takes mail. */
    readonly port: number,
    private readonly instance: PostfixInstance,
  ) {}

  /** Starts an instance and resolves when it takes mail. @throws Error that says what is missing */
  static async start({ nextHop, name, ca }: SenderOptions): Promise<PostfixSender> {
    const port = await freePort();
    const transports = LEVELS.map((level) => `{${level}@example.test = ${level}:[127.0.0.1]:${nextHop}}`);
    const instance = await PostfixInstance.start(await findPostfix(), {
      settings: () => ({
        myhostname: "relay.example.org",
        myorigin: "example.org",
        relay_domains: "example.test",
        transport_maps: `inline:{ ${transports.join(", ")} }`,
        smtpd_tls_security_level: "none",
        smtp_tls_CAfile: ca,
        smtp_tls_verify_cert_match: name,
        smtp_tls_secure_cert_match: name,
        smtp_tls_loglevel: "1",
        smtp_dns_support_level: "disabled",
      }),
      services: [
        `127.0.0.1:${port} inet n - n - - smtpd`,
        ...LEVELS.map((level) => `${level} unix - - n - - smtp -o smtp_tls_security_level=${level}`),
        ...["bounce", "defer", "trace"].map((each) => `${each} unix - - n - 0 bounce`),
        ...["error", "retry"].map((each) => `${each} unix - - n - - error`),
      ],
      ready: () => greets(port),
    });
    return new PostfixSender(port, instance);
  }

  /** Everything Postfix has logged so far. */
  log(): Promise<string> {
    return this.instance.log();
  }

  /** Waits until it has given all its mail to the next hop. @throws Error with its log */
  async sent(): Promise<void> {
    await this.instance.settled(20_000).catch(async (error: unknown) => {
      throw new Error(`${String(error)}; Postfix logged:\n${await this.log()}`);
    });
  }

  /** Forgets the mail that it could not send. */
  async forget(): Promise<void> {
    await promisify(execFile)("postsuper", ["-c", join(this.instance.directory, "etc"), "-d", "ALL"]);
  }

  stop(): Promise<void> {
    return this.instance.stop();
  }
}
