/** Debian's OpenSMTPD with everything that it receives left in its queue, where a message is before its 250 is sent. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../peers/net.js";
import { ServerProcess } from "../child.js";
import { debianServer } from "../install.js";
import {
  DOMAIN,
  MESSAGE_LIMIT,
  RECIPIENT_LIMIT,
  type MailServer,
  type MailServerOptions,
  type Kept,
} from "../mail-server.js";

/** Compiled into the program, as is the socket in /var/run. */
const SPOOL = "/var/spool/smtpd";
const SHARED_QUEUE = `${SPOOL}/queue`;
const EMPTY = "/var/lib/opensmtpd/empty";
/** It asks for the client's name before it greets; a name server that is silent would silence it, too. */
const HOSTS_ONLY = "lookup file\n";

/** Starts OpenSMTPD. @throws Error that says what is missing */
export async function startOpenSmtpd(options: MailServerOptions): Promise<MailServer> {
  const program = await debianServer("opensmtpd", "usr/sbin/smtpd", ["opensmtpd", "opensmtpq"]);
  const alone = await namespaces();
  // What is there may be somebody's mail.
  if (!alone && existsSync(SHARED_QUEUE)) {
    throw new Error(
      `OpenSMTPD has one place for its queue, and without mount namespaces it is shared: remove ${SHARED_QUEUE}`,
    );
  }
  const directory = await newDirectory(options);
  const [port, nobody] = [await freePort(), await freePort()];
  const conf = join(directory, "conf");
  await writeFile(conf, configuration(directory, port, options.relay ?? `"smtp://127.0.0.1:${nobody}"`), {
    mode: 0o600,
  });
  const foreground = [program, "-d", "-f", conf];
  const [command, ...args] = alone ? inPrivate(directory, foreground) : foreground;
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const server = await ServerProcess.start({ command: command as string, args, port }).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  return {
    name: await nameOf(program),
    port,
    kept: () => messages(alone ? join(directory, "spool/queue") : SHARED_QUEUE),
    async stop() {
      await server.stop();
      await remove();
      if (!alone) await rm(SHARED_QUEUE, { recursive: true, force: true });
    },
  };
}

/** A directory with all that the server needs to start, and the shared ones that it insists on. */
async function newDirectory(options: MailServerOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-opensmtpd-"));
  await chmod(directory, 0o755);
  await mkdir(EMPTY, { recursive: true, mode: 0o755 });
  await mkdir(SPOOL, { recursive: true });
  await chmod(SPOOL, 0o711);
  for (const name of ["spool", "run"]) await mkdir(join(directory, name));
  await writeFile(join(directory, "resolv.conf"), HOSTS_ONLY);
  await chmod(join(directory, "spool"), 0o711);
  for (const name of ["cert", "key"] as const) {
    await copyFile(options[name], join(directory, name));
    await chmod(join(directory, name), 0o600);
  }
  return directory;
}

/** The paths that cannot be configured become private ones in a mount namespace, so that two runs do not meet. */
function inPrivate(directory: string, command: readonly string[]): string[] {
  const privately = { spool: SPOOL, run: "/var/run/", "resolv.conf": "/etc/resolv.conf" };
  const mounts = Object.entries(privately)
    .map(([own, shared]) => `mount --bind ${directory}/${own} ${shared}`)
    .join(" && ");
  return ["unshare", "-m", "sh", "-c", `${mounts} && exec ${command.join(" ")}`];
}

/** Name and version. */
async function nameOf(program: string): Promise<string> {
  const version = await promisify(execFile)(program, ["-h"]).then(
    ({ stderr }) => stderr,
    (error: { stderr?: string }) => error.stderr ?? "",
  );
  return `OpenSMTPD ${/OpenSMTPD (\S+)/i.exec(version)?.[1] ?? ""}`.trim();
}

/** Whether this process may make a mount namespace; in some containers root may not. */
async function namespaces(): Promise<boolean> {
  return promisify(execFile)("unshare", ["-m", "true"]).then(
    () => true,
    () => false,
  );
}

async function messages(queue: string): Promise<Kept[]> {
  const files = await readdir(queue, { recursive: true }).catch(() => []);
  const contents = files.filter((name) => name.endsWith("/message"));
  return Promise.all(
    contents.map(async (name) => {
      const id = name.slice(0, -"/message".length);
      const names = files.filter((file) => file.startsWith(`${id}/`) && /\/[0-9a-f]{16}$/.test(file));
      const envelopes = await Promise.all(names.map((file) => readFile(join(queue, file), "latin1")));
      const field = (text: string, key: string): string =>
        new RegExp(`^${key}: (.*)$`, "m").exec(text)?.[1] ?? "";
      // An address without a domain is given the name of the host.
      const to = envelopes.map((text) => field(text, "rcpt").replace(`@mx.${DOMAIN}`, `@${DOMAIN}`)).sort();
      const stored = await readFile(join(queue, name), "latin1");
      const received = stored.replace(/^Received: .*\n(?:[\t ].*\n)*/, "");
      const content = received.replace(OWN_HEADERS, "").replaceAll("\n", "\r\n");
      return { from: field(envelopes[0] ?? "", "sender"), to, content };
    }),
  );
}

/** What it puts in front of a message that lacks them. */
const OWN_HEADERS = /^(?:Date: [^\n]* \(\w+\)\n)?(?:Message-ID: <[0-9a-f]{16}@mx\.judge\.test>\n)?/;

function configuration(directory: string, port: number, relay: string): string {
  return `
queue ttl 1d
pki mx.${DOMAIN} cert "${directory}/cert"
pki mx.${DOMAIN} key "${directory}/key"
smtp max-message-size ${MESSAGE_LIMIT}
smtp limit max-rcpt ${RECIPIENT_LIMIT}
listen on 127.0.0.1 port ${port} tls pki mx.${DOMAIN} hostname mx.${DOMAIN}
action "keep" relay host ${relay}
match from any for any action "keep"
`;
}
