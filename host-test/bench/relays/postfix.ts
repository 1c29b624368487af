/**
 * Postfix in front of a server, in two ways: as a relay that queues (smtpd, cleanup, qmgr, smtp), and as a before-filter
 * whose smtpd hands each command on without a queue (`smtpd_proxy_filter`), which is the closest to what the filter does.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { groupCpu } from "../envoy/cpu.js";
import { accepts, freePort } from "../envoy/children.js";
import { type Contestant, ContestantMissing } from "./contestant.js";

const run = promisify(execFile);

/** Starts one private Postfix that serves both ways. @throws ContestantMissing, or Error with what Postfix said */
export async function startPostfix(upstream: number): Promise<Contestant[]> {
  const { daemons, uid, gid } = await installation();
  const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-relay-"));
  const ports = { relay: await freePort(), filter: await freePort() };
  await chmod(directory, 0o755);
  for (const name of ["etc", "queue", "data"]) await mkdir(join(directory, name), { mode: 0o755 });
  await chown(join(directory, "data"), uid, gid);
  await writeFile(join(directory, "etc/main.cf"), mainCf(directory, upstream));
  await writeFile(join(directory, "etc/master.cf"), masterCf(ports, upstream));
  // It makes the queue's directories.
  await run("postfix", ["-c", join(directory, "etc"), "check"]).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw new Error(`Postfix refuses its settings: ${String(error)}`);
  });
  // -d stays in the foreground; the daemons share the process group, which is counted and ended as one.
  const master = spawn(join(daemons, "master"), ["-c", join(directory, "etc"), "-d"], {
    stdio: "ignore",
    detached: true,
  });
  const leader = master.pid ?? 0;
  const kill = (): void => {
    try {
      process.kill(-leader, "SIGKILL");
    } catch {
      // the group is empty already
    }
  };
  process.once("exit", kill);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    process.removeListener("exit", kill);
    if (master.exitCode === null && master.signalCode === null) {
      const ended = once(master, "exit");
      master.kill("SIGTERM");
      await ended;
    }
    kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const common = { cpu: () => groupCpu(leader), settled: () => emptyQueue(join(directory, "queue")), stop };
  try {
    for (const port of Object.values(ports)) await ready(port, () => master.exitCode !== null);
  } catch (error) {
    const log = await readFile(join(directory, "log"), "latin1").catch(() => "");
    await stop();
    throw new Error(`${String(error)}; it logged: ${log.slice(-2000)}`, { cause: error });
  }
  return [
    { ...common, name: "Postfix before-filter", port: ports.filter },
    { ...common, name: "Postfix relay with queue", port: ports.relay },
  ];
}

async function ready(port: number, gone: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && !gone()) {
    if (await accepts(port)) return;
    await delay(50);
  }
  throw new Error(`Postfix does not listen on port ${port}`);
}

/** Waits until no message is in the queue. @throws Error after 2 minutes */
async function emptyQueue(queue: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    let left = 0;
    // In the order in which a message moves on, so that none slips through between two looks.
    for (const stage of ["maildrop", "incoming", "active", "deferred"]) {
      const names = await readdir(join(queue, stage), { recursive: true }).catch(() => []);
      // One directory for each hash letter; a queue id is longer than one letter.
      left += names.filter((name) => (name.split("/").pop() ?? "").length > 1).length;
    }
    if (left === 0) return;
    await delay(50);
  }
  throw new Error("Postfix still has messages in its queue 2 minutes after a load");
}

async function installation(): Promise<{ daemons: string; uid: number; gid: number }> {
  if (process.getuid?.() !== 0) throw new ContestantMissing("Postfix needs root: it changes its user");
  try {
    const { stdout } = await run("postconf", ["-dh", "daemon_directory"]);
    const uid = Number((await run("id", ["-u", "postfix"])).stdout);
    const gid = Number((await run("id", ["-g", "postfix"])).stdout);
    return { daemons: stdout.trim(), uid, gid };
  } catch (error) {
    throw new ContestantMissing("Postfix is missing: apt-get install postfix", { cause: error });
  }
}

function mainCf(directory: string, upstream: number): string {
  const settings = {
    compatibility_level: "3.6",
    queue_directory: `${directory}/queue`,
    data_directory: `${directory}/data`,
    maillog_file: `${directory}/log`,
    maillog_file_prefixes: directory,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.1/32",
    myhostname: "relay.example.test",
    mydestination: "",
    relay_domains: "example.test",
    relay_transport: `smtp:[127.0.0.1]:${upstream}`,
    smtp_host_lookup: "native",
    disable_dns_lookups: "yes",
    smtp_dns_support_level: "disabled",
    local_header_rewrite_clients: "",
    smtpd_peername_lookup: "no",
    smtpd_tls_security_level: "none",
    smtp_tls_security_level: "none",
    message_size_limit: "0",
    mailbox_size_limit: "0",
    // Limits that protect from a single client would be what is measured: the load is one.
    smtpd_client_connection_count_limit: "0",
    smtpd_client_connection_rate_limit: "0",
    smtpd_error_sleep_time: "0",
    smtpd_junk_command_limit: "1000000",
    in_flow_delay: "0",
    max_use: "100000",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function masterCf(ports: { relay: number; filter: number }, upstream: number): string {
  const unix =
    "bounce:bounce defer:bounce trace:bounce error:error retry:error smtp:smtp relay:smtp discard:discard";
  return [
    `127.0.0.1:${ports.relay} inet n - n - - smtpd`,
    `127.0.0.1:${ports.filter} inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:${upstream}`,
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "proxymap unix - - n - - proxymap",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
    ...unix.split(" ").map((pair) => `${pair.replace(":", " unix - - n - - ")}`),
    "",
  ].join("\n");
}
