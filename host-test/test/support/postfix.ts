/**
 * A private Postfix: its own configuration, queue and log under a temporary directory, smtpd on a free port of
 * 127.0.0.1, every recipient of `example.test` delivered into one maildir. Nothing of the machine's own Postfix is
 * read or touched. Needs root, as Postfix does, because its daemons change to the user `postfix`.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, waitFor } from "./net.js";
import { greets } from "./smtp-client.js";

const run = promisify(execFile);

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
}

/** A running Postfix. `stop()` ends it and removes its directory. */
export class Postfix {
  private constructor(
    /** Port of smtpd on 127.0.0.1. */
    readonly port: number,
    private readonly directory: string,
    private readonly master: ChildProcess,
  ) {}

  /**
   * Starts an instance and resolves when smtpd greets.
   * @throws Error that names what to install or what Postfix logged.
   */
  static async start(options: PostfixOptions = {}): Promise<Postfix> {
    const { daemons, uid, gid } = await installation();
    const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-postfix-"));
    const port = await freePort();
    const owned = { uid, gid };
    await chmod(directory, 0o755);
    for (const name of ["etc", "queue"]) await mkdir(join(directory, name), { mode: 0o755 });
    for (const name of ["data", "mail"]) {
      await mkdir(join(directory, name), { mode: 0o700 });
      await chown(join(directory, name), owned.uid, owned.gid);
    }
    await writeFile(join(directory, "etc/main.cf"), mainCf(directory, owned, options));
    await writeFile(join(directory, "etc/master.cf"), masterCf(port));
    await run("postfix", ["-c", join(directory, "etc"), "check"]).catch(async (error: unknown) => {
      await rm(directory, { recursive: true, force: true });
      throw new Error(`Postfix refuses the test instance: ${String(error)}`);
    });
    // -d: stay in the foreground, so that the child's end is the instance's end.
    const master = spawn(join(daemons, "master"), ["-c", join(directory, "etc"), "-d"], {
      stdio: "ignore",
      detached: true,
    });
    const postfix = new Postfix(port, directory, master);
    process.once("exit", postfix.killNow);
    try {
      await waitFor(() => master.exitCode === null && greets(port), "Postfix greets", 20_000);
    } catch (error) {
      const log = await postfix.log();
      await postfix.stop();
      throw new Error(`Postfix did not start: ${String(error)}\n${log}`, { cause: error });
    }
    return postfix;
  }

  /** Everything Postfix has logged so far. */
  log(): Promise<string> {
    return readFile(join(this.directory, "log"), "latin1").catch(() => "");
  }

  /** Waits until exactly `count` copies are delivered (one each recipient) and returns them, sorted by recipient. */
  async delivered(count: number): Promise<Delivered[]> {
    const inbox = join(this.directory, "mail/inbox/new");
    const names = (): Promise<string[]> => readdir(inbox).catch(() => []);
    await waitFor(async () => (await names()).length >= count, `${count} deliveries`, 20_000).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}; Postfix logged:\n${await this.log()}`);
      },
    );
    await this.settled();
    const copies = await Promise.all(
      (await names()).map(async (name) => parse(await readFile(join(inbox, name), "latin1"))),
    );
    return copies.sort((a, b) => (a.to < b.to ? -1 : 1));
  }

  /** Forgets what was delivered so far. */
  async clear(): Promise<void> {
    await this.settled();
    await rm(join(this.directory, "mail/inbox"), { recursive: true, force: true });
  }

  /** Resolves when no message is in the queue: what is not delivered now never will be. */
  private async settled(): Promise<void> {
    const queued = async (): Promise<number> => {
      let count = 0;
      // In the order in which a message moves on, so that none slips through between two looks.
      for (const stage of ["maildrop", "incoming", "active", "deferred"]) {
        const names = await readdir(join(this.directory, "queue", stage), { recursive: true }).catch(
          () => [],
        );
        // `deferred` holds one directory for each hash letter; a queue id is longer than one letter.
        count += names.filter((name) => (name.split("/").pop() ?? "").length > 1).length;
      }
      return count;
    };
    await waitFor(async () => (await queued()) === 0, "an empty queue", 20_000);
  }

  /** Ends all processes of the instance and removes its directory. */
  async stop(): Promise<void> {
    process.removeListener("exit", this.killNow);
    if (this.master.exitCode === null && this.master.signalCode === null) {
      const ended = once(this.master, "exit");
      this.master.kill("SIGTERM");
      await ended;
    }
    this.killNow();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /** The daemons share the process group of the master, which is a group of its own. */
  private readonly killNow = (): void => {
    try {
      if (this.master.pid !== undefined) process.kill(-this.master.pid, "SIGKILL");
    } catch {
      // the group is empty already
    }
  };
}

/** Finds Postfix and its user. @throws Error that says what to install. */
async function installation(): Promise<{ daemons: string; uid: number; gid: number }> {
  const hint = "the mail server tests need Postfix: apt-get install postfix swaks";
  if (process.getuid?.() !== 0) throw new Error("the mail server tests need root: Postfix changes its user");
  try {
    const { stdout } = await run("postconf", ["-dh", "daemon_directory"]);
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "postfix"])).stdout)),
    );
    return { daemons: stdout.trim(), uid: uid ?? NaN, gid: gid ?? NaN };
  } catch (error) {
    throw new Error(`${hint} (${String(error)})`, { cause: error });
  }
}

/** Takes Postfix's own headers off the front and gives the rest the line ends that SMTP carried. */
function parse(stored: string): Delivered {
  const own = /^Return-Path: <(.*)>\nX-Original-To: (.*)\nDelivered-To: .*\n(Received: .*\n(?:[\t ].*\n)*)/;
  const match = own.exec(stored);
  if (match === null) throw new Error(`not a message as Postfix stores one:\n${stored.slice(0, 400)}`);
  const content = stored.slice(match[0].length).replaceAll("\n", "\r\n");
  return { from: match[1] ?? "", to: match[2] ?? "", received: match[3] ?? "", content };
}

function mainCf(directory: string, owner: { uid: number; gid: number }, options: PostfixOptions): string {
  const settings: Record<string, string> = {
    compatibility_level: "3.6",
    queue_directory: `${directory}/queue`,
    data_directory: `${directory}/data`,
    maillog_file: `${directory}/log`,
    maillog_file_prefixes: directory,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.1/32",
    myhostname: "mx.example.test",
    // An address without a domain becomes one of ours: let through, RCPT TO:<root> would be delivered and seen.
    myorigin: "example.test",
    mydestination: "",
    virtual_mailbox_domains: "example.test",
    virtual_mailbox_base: `${directory}/mail`,
    virtual_mailbox_maps: "static:inbox/",
    virtual_uid_maps: `static:${owner.uid}`,
    virtual_gid_maps: `static:${owner.gid}`,
    virtual_minimum_uid: "1",
    virtual_mailbox_limit: "0",
    local_header_rewrite_clients: "",
    // The fix for CVE-2023-51764: what a client sends before its turn is refused.
    smtpd_forbid_unauth_pipelining: "yes",
    smtpd_peername_lookup: "no",
    smtpd_client_connection_rate_limit: "0",
    smtpd_error_sleep_time: "0",
    ...(options.tls === undefined
      ? { smtpd_tls_security_level: "none" }
      : {
          smtpd_tls_security_level: "may",
          smtpd_tls_cert_file: options.tls.cert,
          smtpd_tls_key_file: options.tls.key,
        }),
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function masterCf(port: number): string {
  const unix =
    "bounce:bounce defer:bounce trace:bounce error:error retry:error discard:discard virtual:virtual";
  return [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "proxymap unix - - n - - proxymap",
    "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
    ...unix.split(" ").map((pair) => `${pair.replace(":", " unix - n n - - ")}`),
    "",
  ].join("\n");
}
