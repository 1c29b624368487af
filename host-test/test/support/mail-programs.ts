/** Mail programs as clients that speak TLS: each sends one message to a port of 127.0.0.1. */
import { spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { debianServer } from "../../judges/install.js";
import { swaks } from "./swaks.js";

/** A message, and how it is to go. */
export interface Sending {
  port: number;
  /** TLS from the first octet on in place of STARTTLS; "clear" for neither. */
  how?: "clear" | "starttls" | "tls";
  /** The authority whose certificates are good. */
  ca: string;
  from: string;
  to: string;
  /** Lines end in CRLF, one character an octet. */
  content: string;
  /** With the password "secret". */
  user?: string;
  /** HELO in place of EHLO, of swaks only. */
  helo?: boolean;
}

/** How a program ended, and what it printed. */
export interface Outcome {
  code: number;
  said: string;
}

/** Runs a program to its end. @throws Error when there is no such program */
export function run(command: string, args: string[], input = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 30_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("latin1").on("data", (text: string) => (said += text));
    child.stdin.on("error", () => {}).end(input, "latin1");
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, said }));
  });
}

/** In a folder that is removed afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tls-client-"));
  try {
    await chmod(folder, 0o755);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const lf = (content: string): string => content.replaceAll("\r\n", "\n");
const HELO = "client.example.org";

/** Python's own client, which lets the context of the machine's OpenSSL check the name. */
export function smtplib(sending: Sending): Promise<Outcome> {
  const { port, how = "starttls", ca, from, to, content, user } = sending;
  const options = JSON.stringify({ port, how, ca, from, to, user: user ?? "" });
  return run("python3", ["-c", PYTHON, options], content);
}

const PYTHON = `
import json, smtplib, ssl, sys
o = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=o["ca"])
where = dict(host="127.0.0.1", port=o["port"], local_hostname="${HELO}", timeout=20)
with smtplib.SMTP_SSL(context=context, **where) if o["how"] == "tls" else smtplib.SMTP(**where) as client:
    if o["how"] == "starttls":
        client.starttls(context=context)
    if o["user"]:
        client.login(o["user"], "secret")
    if o["how"] != "clear":
        print(client.sock.version())
    client.sendmail(o["from"], o["to"], sys.stdin.buffer.read())
`;

/** swaks with its own check of the certificate. */
export async function swaksTls({ port, how = "starttls", ca, ...sending }: Sending): Promise<Outcome> {
  return inFolder(async (folder) => {
    const message = join(folder, "message");
    // It ends the last line itself.
    await writeFile(message, lf(sending.content).replace(/\n$/, ""), "latin1");
    const args = ["--from", sending.from, "--to", sending.to, "--data", `@${message}`];
    if (sending.helo === true) args.push("--protocol", "SMTP");
    if (how !== "clear") args.push(how === "tls" ? "--tls-on-connect" : "--tls");
    if (how !== "clear") args.push("--tls-verify", "--tls-ca-path", ca);
    if (sending.user !== undefined)
      args.push("--auth", "PLAIN", "--auth-user", sending.user, "--auth-password", "secret");
    const { exitCode, transcript } = await swaks(port, args);
    return { code: exitCode, said: transcript };
  });
}

/** nodemailer as an application uses it. */
export async function nodemailer(sending: Sending & { tls?: object }): Promise<Outcome> {
  const { port, how = "starttls", ca, from, to, content, user } = sending;
  const transport = createTransport({
    ...{ host: "127.0.0.1", port, name: HELO, secure: how === "tls" },
    ...(how === "starttls" ? { requireTLS: true } : { ignoreTLS: how === "clear" }),
    tls: { ca: await readFile(ca), ...sending.tls },
    ...(user === undefined ? {} : { auth: { user, pass: "secret" } }),
  });
  const mail = { envelope: { from, to }, raw: Buffer.from(content, "latin1") };
  return transport.sendMail(mail).then(
    ({ response }) => ({ code: 0, said: response }),
    (error: Error) => ({ code: 1, said: error.message }),
  );
}

/** msmtp, which has GnuTLS and takes the place of sendmail on workstations. */
export async function msmtp({ port, how = "starttls", ca, ...sending }: Sending): Promise<Outcome> {
  const program = await debianServer("msmtp", "usr/bin/msmtp", []);
  const args = [`--file=/dev/null`, "--host=127.0.0.1", `--port=${port}`, `--domain=${HELO}`];
  args.push(`--tls=${how === "clear" ? "off" : "on"}`, `--tls-starttls=${how === "starttls" ? "on" : "off"}`);
  args.push(`--tls-trust-file=${ca}`, "--timeout=20", `--from=${sending.from}`);
  args.push("--set-from-header=off", "--set-date-header=off", "--set-msgid-header=off");
  if (sending.user !== undefined)
    args.push("--auth=plain", `--user=${sending.user}`, "--passwordeval=echo secret");
  return run(program, [...args, sending.to], lf(sending.content));
}

/** OpenSMTPD's command line client, which has the client's part of its daemon. */
export async function opensmtpd({ port, how = "starttls", ...sending }: Sending): Promise<Outcome> {
  const server = await debianServer("opensmtpd", "usr/sbin/smtpd", ["opensmtpd", "opensmtpq"]);
  const program = server.replace(/sbin\/smtpd$/, "bin/smtp");
  const scheme = { clear: "smtp+notls", starttls: "smtp+tls", tls: "smtps" }[how];
  const user = sending.user === undefined ? "" : `${sending.user}:secret@`;
  // -C: it knows the machine's authorities only.
  const args = ["-C", "-H", HELO, "-F", sending.from, "-s", `${scheme}://${user}127.0.0.1:${port}`];
  return run(program, [...args, sending.to], lf(sending.content));
}

const EXIM = "Debian-exim";

/** Exim, which takes the message on its standard input and delivers it before it ends. */
export async function exim({ port, how = "starttls", ca, ...sending }: Sending): Promise<Outcome> {
  const program = await debianServer("exim4-daemon-light", "usr/sbin/exim4", [EXIM]);
  const ids = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, EXIM])).said)),
  );
  return inFolder(async (folder) => {
    for (const name of ["spool", "log"]) {
      await mkdir(join(folder, name));
      await chown(join(folder, name), ids[0] as number, ids[1] as number);
    }
    const conf = join(folder, "conf");
    await writeFile(conf, eximConfiguration(folder, program, { port, how, ca, ...sending }));
    const args = ["-C", conf, "-odf", "-oi", "-f", sending.from, sending.to];
    const { code, said } = await run(program, args, lf(sending.content));
    const log = await run("cat", [join(folder, "log/mainlog")]);
    return { code: code === 0 && / => /.test(log.said) ? 0 : 1, said: said + log.said };
  });
}

/** A client of the table. */
export interface Client {
  name: string;
  send: (sending: Sending) => Promise<Outcome>;
  /** The headers that it adds. */
  added: string[];
}

/** All of them. */
export const CLIENTS: Client[] = [
  { name: "Exim", send: exim, added: ["Received", "Message-Id", "Date"] },
  { name: "OpenSMTPD's client", send: opensmtpd, added: [] },
  { name: "msmtp", send: msmtp, added: [] },
  { name: "swaks", send: swaksTls, added: [] },
  { name: "Python's smtplib", send: smtplib, added: [] },
  { name: "nodemailer", send: nodemailer, added: [] },
];

function eximConfiguration(folder: string, program: string, sending: Sending): string {
  const tls = sending.how === "tls" ? "protocol = smtps\n" : "";
  const isClear = sending.how === "clear";
  const auth = sending.user === undefined ? "" : "hosts_require_auth = *\n";
  return `exim_path = ${program}
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
primary_hostname = ${HELO}
trusted_users = root
keep_environment =
timezone = UTC
log_selector = +tls_certificate_verified
begin routers
out:
  driver = manualroute
  transport = out
  route_list = * 127.0.0.1
  self = send
begin transports
out:
  driver = smtp
  port = ${sending.port}
  ${isClear ? "hosts_avoid_tls" : "hosts_require_tls"} = *
  tls_verify_certificates = ${sending.ca}
  tls_verify_hosts = *
  tls_verify_cert_hostnames =
${tls}${auth}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^${sending.user ?? ""}^secret
`;
}
