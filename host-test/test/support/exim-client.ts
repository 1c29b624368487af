/** Debian's Exim as a client: each message is delivered at once over SMTP, with what it learnt of the server before. */
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianServer } from "../../judges/install.js";

const USER = "Debian-exim";

/** One installation of Exim, with a spool and a cache of its own. */
export class EximClient {
  private constructor(
    private readonly program: string,
    private readonly directory: string,
  ) {}

  /**
   * @param port of 127.0.0.1, where all mail goes
   * @param tls whether it uses STARTTLS where that is offered
   * @throws Error that says what is missing
   */
  static async start(port: number, tls: boolean): Promise<EximClient> {
    const program = await debianServer("exim4-daemon-light", "usr/sbin/exim4", [USER]);
    const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-exim-client-"));
    await chmod(directory, 0o755);
    const id = async (flag: string): Promise<number> =>
      Number((await promisify(execFile)("id", [flag, USER])).stdout);
    for (const name of ["spool", "log"]) {
      await mkdir(join(directory, name));
      await chown(join(directory, name), await id("-u"), await id("-g"));
    }
    await writeFile(join(directory, "conf"), configuration(directory, program, port, tls), { mode: 0o644 });
    return new EximClient(program, directory);
  }

  /** Delivers one message. @throws Error with the log unless it was delivered */
  async send(from: string, to: string[], content: string): Promise<void> {
    const args = ["-C", join(this.directory, "conf"), "-odf", "-oi", "-f", from, ...to];
    const done = promisify(execFile)(this.program, args, { timeout: 60_000 });
    done.child.stdin?.end(content);
    await done;
    const left = await this.log();
    if (/==|\*\*/.test(left)) throw new Error(`Exim did not deliver:\n${left}`);
  }

  /** Its main log so far. */
  log(): Promise<string> {
    return readFile(join(this.directory, "log/mainlog"), "latin1").catch(() => "");
  }

  stop(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

const configuration = (directory: string, program: string, port: number, tls: boolean): string => `
exim_path = ${program}
spool_directory = ${directory}/spool
log_file_path = ${directory}/log/%slog
log_selector = +pipelining
primary_hostname = client.example.org
host_lookup =
keep_environment =
timezone = UTC

begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = out

begin transports
out:
  driver = smtp
  port = ${port}
  hosts_pipe_connect = *
  hosts_avoid_tls = ${tls ? "" : "*"}
  tls_verify_hosts =
`;
