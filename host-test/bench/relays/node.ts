/** Proxies in Node: our own of smtp-server and nodemailer, and Haraka where it is installed. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../peers/net.js";
import { programPath, startService, type Service } from "../envoy/children.js";
import { processCpu } from "../envoy/cpu.js";
import { type Contestant, ContestantMissing } from "./contestant.js";

/** Starts the proxy of smtp-server and nodemailer. */
export async function startNodeRelay(upstream: number): Promise<Contestant> {
  const port = await freePort();
  const args = [programPath("./node-relay.js", import.meta.url), String(port), String(upstream)];
  return contestant("smtp-server (npm)", port, await startService(process.execPath, args, port));
}

/**
 * Starts Haraka as a proxy (`queue/smtp_forward`: it answers the end of data when the server has) with no plugin that
 * checks anything. It is not a dependency of the project; `npm install --ignore-scripts --omit=optional Haraka` in a
 * separate directory is enough, and the environment variable HARAKA names that directory.
 * @throws ContestantMissing
 */
export async function startHaraka(upstream: number): Promise<Contestant> {
  const home = process.env["HARAKA"];
  const program = join(home ?? "", "node_modules/Haraka/bin/haraka");
  if (home === undefined || !existsSync(program)) {
    const how = "npm install --ignore-scripts --omit=optional Haraka";
    throw new ContestantMissing(`Haraka is not measured: ${how} in a directory, and name it in HARAKA`);
  }
  const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-haraka-"));
  const port = await freePort();
  const files = {
    "config/smtp.ini": `listen=127.0.0.1:${port}\nnodes=0\n`,
    "config/plugins": "accept_all\nqueue/smtp_forward\n",
    "config/smtp_forward.ini": `host=127.0.0.1\nport=${upstream}\n`,
    "config/log.ini": "level=CRIT\n",
    // Haraka fails at the first client if a section is missing, so it gets its own file.
    "config/connection.ini": await readFile(join(home, "node_modules/Haraka/config/connection.ini"), "utf8"),
    "config/me": "relay.example.test\n",
    "plugins/accept_all.js": "exports.hook_rcpt = (next) => next(OK);\n",
  };
  for (const folder of ["config", "plugins", "queue"]) await mkdir(join(directory, folder));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  try {
    const service = await startService(process.execPath, [program, "-c", directory], port);
    const made = contestant("Haraka", port, service);
    const stop = async (): Promise<void> => {
      await made.stop();
      await rm(directory, { recursive: true, force: true });
    };
    return { ...made, stop };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Both answer the client only when the server has answered, so nothing is left in transit after a load. */
function contestant(name: string, port: number, service: Service): Contestant {
  return {
    name,
    port,
    cpu: () => processCpu(service.pid),
    settled: () => Promise.resolve(),
    stop: () => service.stop(),
  };
}
