/**
 * A private Postfix as files and processes: its own configuration, queue and log under a temporary directory. Nothing of
 * the machine's own Postfix is read or touched. Needs root, as Postfix does, because its daemons change to the user
 * `postfix`.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "./net.js";

const run = promisify(execFile);

/** Postfix as it is installed: where its daemons are, and whom they run as. */
export interface Installation {
  daemons: string;
  uid: number;
  gid: number;
}

/** What makes one instance. */
export interface InstanceOptions {
  /** Lines of main.cf beyond or instead of those that every instance has. `directory` is the instance's. */
  settings: (directory: string) => Record<string, string>;
  /** Lines of master.cf beyond those that every instance has. */
  services: string[];
  /** Folders that the daemons own, beside `data`. */
  owned?: string[];
  /** Whether it serves. */
  ready: () => Promise<boolean>;
}

/** A running instance. `stop()` ends it and removes its directory. */
export class PostfixInstance {
  private constructor(
    readonly directory: string,
    private readonly master: ChildProcess,
  ) {}

  /** Starts an instance and resolves when it is ready. @throws Error with what Postfix logged */
  static async start(
    { daemons, uid, gid }: Installation,
    options: InstanceOptions,
  ): Promise<PostfixInstance> {
    const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-postfix-"));
    await chmod(directory, 0o755);
    for (const name of ["etc", "queue"]) await mkdir(join(directory, name), { mode: 0o755 });
    for (const name of ["data", ...(options.owned ?? [])]) {
      await mkdir(join(directory, name), { mode: 0o700 });
      await chown(join(directory, name), uid, gid);
    }
    const settings = { ...commonSettings(directory), ...options.settings(directory) };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(directory, "etc/main.cf"), lines.join(""));
    await writeFile(join(directory, "etc/master.cf"), [...options.services, ...SERVICES, ""].join("\n"));
    // It makes the queue's directories.
    await run("postfix", ["-c", join(directory, "etc"), "check"]).catch(async (error: unknown) => {
      await rm(directory, { recursive: true, force: true });
      throw new Error(`Postfix refuses its settings: ${String(error)}`);
    });
    // -d: stay in the foreground, so that the child's end is the instance's end.
    const master = spawn(join(daemons, "master"), ["-c", join(directory, "etc"), "-d"], {
      stdio: "ignore",
      detached: true,
    });
    const instance = new PostfixInstance(directory, master);
    process.once("exit", instance.killNow);
    try {
      const serves = (): Promise<boolean> => {
        if (master.exitCode !== null) throw new Error("it ended");
        return options.ready();
      };
      await waitFor(serves, "Postfix to serve", 20_000);
    } catch (error) {
      const log = await instance.log();
      await instance.stop();
      throw new Error(`Postfix did not start: ${String(error)}\n${log}`, { cause: error });
    }
    return instance;
  }

  /** The process group that all its daemons are in. */
  get leader(): number {
    return this.master.pid ?? 0;
  }

  /** Everything Postfix has logged so far. */
  log(): Promise<string> {
    return readFile(join(this.directory, "log"), "latin1").catch(() => "");
  }

  /** Resolves when no message is in the queue. @throws Error after `limitMs` milliseconds */
  async settled(limitMs: number): Promise<void> {
    const queued = async (): Promise<number> => {
      let count = 0;
      // In the order in which a message moves on, so that none slips through between two looks.
      for (const stage of ["maildrop", "incoming", "active", "deferred"]) {
        const folder = join(this.directory, "queue", stage);
        const names = await readdir(folder, { recursive: true }).catch(() => []);
        // `deferred` holds one directory for each hash letter; a queue id is longer than one letter.
        count += names.filter((name) => (name.split("/").pop() ?? "").length > 1).length;
      }
      return count;
    };
    await waitFor(async () => (await queued()) === 0, "an empty queue", limitMs);
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
export async function findPostfix(): Promise<Installation> {
  if (process.getuid?.() !== 0) throw new Error("Postfix needs root: its daemons change their user");
  try {
    const { stdout } = await run("postconf", ["-dh", "daemon_directory"]);
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "postfix"])).stdout)),
    );
    return { daemons: stdout.trim(), uid: uid ?? NaN, gid: gid ?? NaN };
  } catch (error) {
    throw new Error(`Postfix is missing: apt-get install postfix (${String(error)})`, { cause: error });
  }
}

function commonSettings(directory: string): Record<string, string> {
  return {
    compatibility_level: "3.6",
    queue_directory: `${directory}/queue`,
    data_directory: `${directory}/data`,
    maillog_file: `${directory}/log`,
    maillog_file_prefixes: directory,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.1/32",
    mydestination: "",
    local_header_rewrite_clients: "",
    smtpd_peername_lookup: "no",
    smtpd_client_connection_rate_limit: "0",
    smtpd_error_sleep_time: "0",
  };
}

const SERVICES = [
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "tlsmgr unix - - n 1000? 1 tlsmgr",
  "proxymap unix - - n - - proxymap",
  "anvil unix - - n - 1 anvil",
  "postlog unix-dgram n - n - 1 postlogd",
];
