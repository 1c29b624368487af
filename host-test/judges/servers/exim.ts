/** Debian's Exim with everything that it receives left in its spool, where a message is before its 250 is sent. */
import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../peers/net.js";
import { ServerProcess } from "../child.js";
import { debianServer } from "../install.js";
import {
  DOMAIN,
  MESSAGE_LIMIT,
  PATIENCE,
  RECIPIENT_LIMIT,
  type MailServer,
  type MailServerOptions,
  type Kept,
} from "../mail-server.js";

const USER = "Debian-exim";

/** Starts Exim. @throws Error that says what is missing */
export async function startExim(options: MailServerOptions): Promise<MailServer> {
  const program = await debianServer("exim4-daemon-light", "usr/sbin/exim4", [USER]);
  const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-exim-"));
  await chmod(directory, 0o755);
  const [uid, gid] = await userIds();
  for (const name of ["spool", "log"]) {
    await mkdir(join(directory, name));
    await chown(join(directory, name), uid, gid);
  }
  // Exim reads them as its own user.
  for (const name of ["cert", "key"] as const) {
    await copyFile(options[name], join(directory, name));
    await chown(join(directory, name), uid, gid);
  }
  const port = await freePort();
  const conf = join(directory, "conf");
  await writeFile(conf, configuration(directory, program, options), { mode: 0o644 });
  const args = ["-C", conf, "-bdf", "-oX", `127.0.0.1.${port}`];
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const server = await ServerProcess.start({ command: program, args, port }).catch(async (error: unknown) => {
    const log = await readFile(join(directory, "log/mainlog"), "latin1").catch(() => "");
    await remove();
    throw new Error(`${String(error)}\n${log}`, { cause: error });
  });
  const version = (await promisify(execFile)(program, ["-bV"]).catch((e: { stdout: string }) => e)).stdout;
  return {
    name: `Exim ${/version (\S+)/.exec(version)?.[1] ?? ""}`.trim(),
    port,
    kept: () => messages(join(directory, "spool/input")),
    async stop() {
      await server.stop();
      await remove();
    },
  };
}

async function userIds(): Promise<[number, number]> {
  const ids = ["-u", "-g"].map(async (flag) =>
    Number((await promisify(execFile)("id", [flag, USER])).stdout),
  );
  return [(await ids[0]) as number, (await ids[1]) as number];
}

async function messages(input: string): Promise<Kept[]> {
  const headers = (await readdir(input).catch(() => [])).filter((name) => name.endsWith("-H"));
  return Promise.all(
    headers.map(async (name) => {
      const header = await readFile(join(input, name), "latin1");
      const data = await readFile(join(input, name.replace(/-H$/, "-D")), "latin1");
      return parse(header, data);
    }),
  );
}

/** Takes a message out of the two files of Exim's spool (Exim specification, chapter 56). */
function parse(header: string, data: string): Kept {
  const from = /^<(.*)>$/m.exec(header)?.[1] ?? "";
  const list = /^(?:XX|[YN][YN] .*(?:\n[YN][YN] .*)*)\n(\d+)\n((?:.*\n)*?)\n/m.exec(header);
  if (list === null) throw new Error(`not a spool file of Exim:\n${header.slice(0, 400)}`);
  const to = (list[2] ?? "").split("\n").filter((line) => line !== "");
  let rest = header.slice(list.index + list[0].length);
  let lines = "";
  for (;;) {
    const entry = /^(\d+)(.) ?/.exec(rest);
    if (entry === null) break;
    // Number of bytes, a letter for the kind, padding up to the fifth column: a star marks one to leave out.
    const text = rest.slice(5, 5 + Number(entry[1]));
    if (entry[2] !== "*") lines += text;
    rest = rest.slice(5 + Number(entry[1]));
  }
  // A recipient with DSN wishes has them after its address; the first line of the data file is its own name.
  const body = data.slice(data.indexOf("\n") + 1);
  const content = `${lines}\n${body}`.replaceAll("\n", "\r\n");
  return { from, to: to.map((line) => ADDRESS.exec(line)?.[0] ?? line), content };
}

/** Up to the first blank that is not quoted. */
const ADDRESS = /^(?:"(?:[^"\\]|\\.)*"|\\.|[^ "\\])*/;

function configuration(directory: string, program: string, options: MailServerOptions): string {
  const limits = ["smtp_max_synprot_errors", "smtp_max_unknown_commands"];
  return `${options.patient === true ? limits.map((name) => `${name} = ${PATIENCE}\n`).join("") : ""}
exim_path = ${program}
spool_directory = ${directory}/spool
log_file_path = ${directory}/log/%slog
pid_file_path = ${directory}/spool/exim.pid
primary_hostname = mx.${DOMAIN}
qualify_domain = ${DOMAIN}
allow_domain_literals = true
recipient_unqualified_hosts = *
sender_unqualified_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
timezone = UTC
queue_only = true
received_header_text =
message_size_limit = ${MESSAGE_LIMIT}
recipients_max = ${RECIPIENT_LIMIT}
smtp_accept_max = 0
smtp_accept_queue = 0
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 200
check_spool_space = 0
check_spool_inodes = 0
smtp_receive_timeout = 60s
dsn_advertise_hosts = *
auth_advertise_hosts = *
tls_advertise_hosts = ${options.hideTls === true ? "" : "*"}
tls_certificate = ${directory}/cert
tls_privatekey = ${directory}/key
acl_smtp_rcpt = accept
acl_smtp_data = accept
acl_smtp_auth = accept
acl_smtp_vrfy = accept
acl_smtp_starttls = accept

begin authenticators
${AUTHENTICATORS}`;
}

const AUTHENTICATORS = `plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = true
  server_set_id = $auth2
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = true
  server_set_id = anybody
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = true
  server_set_id = $auth1
`;
