/**
 * Many sessions open at a time through one worker of Envoy: the cost of one when many are open, the work of the worker
 * while they idle, and whether memory returns to its level.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { EnvoyProcess } from "../host/envoy-process.js";
import { benchBootstrap, type Route, type Setting } from "./envoy/bootstrap.js";
import { findChild, findThread, threadCpu } from "./envoy/cpu.js";
import { modulePath } from "../cli/front.js";
import { startSink } from "./envoy/lab.js";
import { LOADS, runLoad } from "./envoy/loads.js";
import { moduleMemories, residentBytes } from "./envoy/memory.js";
import { Rows } from "./envoy/rows.js";
import type { BenchOptions, Measurement } from "./result.js";
import { entryName, http2Bootstrap } from "./scale-envoy-bootstrap.js";
import { Peer } from "./scale-envoy-peer.js";
import type { Carrier } from "./scale-envoy-ends.js";

const SESSIONS = { long: 20_000, short: 2000 };
/** Levels at which a connection's cost is compared, below the full number. */
const LEVELS = [10, 1000];
/** Files that Envoy needs besides its connections. */
const SPARE_FILES = 300;
/** Seconds for which the idle worker is watched. */
const WATCHED = 5;

const ROUNDS = 3;
const PLAIN = { name: "plain" };
const FILTER = {
  name: "recommended",
  wasm: modulePath(),
  policy: JSON.stringify({ stat_prefix: "scale", profile: "recommended" }),
};

interface Scene {
  setting: Setting;
  /** Bytes of the module's memory after the first round. */
  module?: number;
  envoy: EnvoyProcess;
  pid: number;
  worker: number;
  client: Peer;
  entry: number;
  probe: number;
  /** Statistic that counts the open sessions: the filter's own, or that of Envoy's connections or streams. */
  gauge: string;
  options: BenchOptions;
  rows: Rows;
}

/** Opens sessions in rounds and closes them. @throws Error when one is refused, or something is missing */
export async function scaleEnvoy(options: BenchOptions): Promise<Measurement[]> {
  const rows = new Rows(options.only);
  const sessions = options.short ? SESSIONS.short : SESSIONS.long;
  const carrier = await chooseCarrier(sessions, options);
  // Plain first: what Envoy itself keeps or spends does not count for the filter.
  for (const setting of [PLAIN, FILTER]) {
    const stops: (() => Promise<void>)[] = [];
    const kill = (): void => void Promise.all(stops.splice(0).map((stop) => stop()));
    options.signal.addEventListener("abort", kill, { once: true });
    try {
      options.signal.throwIfAborted();
      const scene = await start(setting, carrier, stops, rows, options);
      for (let round = 0; round < ROUNDS; round++) await playRound(scene, sessions, round, carrier);
    } catch (error) {
      if (!options.signal.aborted) throw error;
    } finally {
      options.signal.removeEventListener("abort", kill);
      for (const stop of stops.splice(0).reverse()) await stop();
    }
  }
  return rows.all();
}

async function start(
  setting: Setting,
  carrier: Carrier,
  stops: (() => Promise<void>)[],
  rows: Rows,
  options: BenchOptions,
): Promise<Scene> {
  const server = Peer.start("server", carrier);
  stops.push(() => server.stop());
  const sink = await startSink("smtp-sink");
  stops.push(() => sink.service.stop());
  const routes: Route[] = [
    { name: "sessions", setting, upstreamPort: await server.listening() },
    { name: "probe", setting, upstreamPort: sink.port },
  ];
  const mark = `scale-${setting.name}-${process.pid}`;
  const envoy = await EnvoyProcess.start({
    bootstrap: carrier === "tcp" ? benchBootstrap(routes) : http2Bootstrap(routes),
    args: ["--service-node", mark],
    wasmLogLevel: "warn",
  });
  stops.push(() => envoy.stop());
  const client = Peer.start("client", carrier);
  stops.push(() => client.stop());
  const pid = await findChild(mark);
  // As text: an internal listener has no port, which `EnvoyProcess.ports` does not expect.
  const listing = await envoy.admin("/listeners");
  const portOf = (name: string): number =>
    Number(new RegExp(`^${name}::127\\.0\\.0\\.1:(\\d+)$`, "m").exec(listing)?.[1] ?? 0);
  const entry = portOf(carrier === "tcp" ? "sessions" : entryName("sessions"));
  const probe = portOf("probe");
  const proxied = `cluster.sessions.upstream_${carrier === "tcp" ? "cx" : "rq"}_active`;
  const gauge = setting === PLAIN ? proxied : "wasmcustom.smtp.scale.sessions_active";
  const worker = await findThread(pid, "wrk:worker_0");
  return { setting, envoy, pid, worker, client, entry, probe, gauge, options, rows };
}

/** Opens all, measures on the way up and at the top, closes all, measures again. */
async function playRound(scene: Scene, sessions: number, round: number, carrier: Carrier): Promise<void> {
  const { client, pid, options } = scene;
  const { name } = scene.setting;
  const add: Rows["add"] = (what, ...rest) => scene.rows.add(`scale, ${name}: ${what}`, ...rest);
  const before = await residentBytes(pid);
  let [opened, few] = [0, NaN];
  for (const level of [...LEVELS, sessions]) {
    await client.obey({ what: "open", port: scene.entry, sessions: level - opened, round });
    opened = level;
    await active(scene, level);
    const cost = await connectionCost(scene);
    options.progress(`scale: ${name}, round ${round + 1}, ${level} open over ${carrier}`);
    if (level === LEVELS[0]) few = cost;
    add(`a connection and its message, ${level} open`, "µs CPU", cost);
    if (level === sessions)
      add(`a connection with ${level} open over one with ${LEVELS[0]}`, "×", cost / few);
  }
  const note = carrier === "tcp" ? {} : { note: "as HTTP/2 streams: too few files may be open for TCP" };
  add("sessions open at once", "sessions", opened, { ...note, least: SESSIONS.long });
  // Later rounds reuse the memory of the first one.
  if (round === 0) add("RSS a session", "bytes", ((await residentBytes(pid)) - before) / sessions);
  const idle = await threadCpu(pid, scene.worker);
  await delay(WATCHED * 1000, undefined, { signal: options.signal });
  const spent = (await threadCpu(pid, scene.worker)) - idle;
  add(`worker with ${sessions} idle`, "ms CPU/s", spent / 1e6 / WATCHED);
  await client.obey({ what: "close" });
  await active(scene, 0);
  const after = await residentBytes(pid);
  add("RSS after a round", "MiB", after / MIB);
  // The first round makes the pools, Envoy's and the filter's: whether memory is flat shows from the second on.
  if (round > 0) add("RSS after a round over before it", "×", after / before);
  if (name === PLAIN.name) return;
  const module = Math.max(...(await moduleMemories(pid)));
  add("memory of the module after a round", "MiB", module / MIB);
  if (scene.module !== undefined)
    add("memory of the module over the first round's", "×", module / scene.module, { most: 1 });
  scene.module ??= module;
}

const MIB = 1_048_576;

/** CPU microseconds of the worker for a connection with one message, while the open sessions stay open. */
async function connectionCost(scene: Scene): Promise<number> {
  const load = LOADS.find((each) => each.name === "1 KiB a connection each");
  if (load === undefined) throw new Error("no load with a connection each");
  const messages = scene.options.short ? 200 : 2000;
  const before = await threadCpu(scene.pid, scene.worker);
  await runLoad(load, scene.probe, messages, scene.options.signal);
  // Wait for the last connections to end: then only those that were open before are left.
  await delay(200);
  return ((await threadCpu(scene.pid, scene.worker)) - before) / messages / 1000;
}

/** Waits until the filter itself, or Envoy's proxy, counts `sessions`. @throws Error after a minute */
async function active(scene: Scene, sessions: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  let counted = 0;
  while (Date.now() < deadline) {
    counted = (await scene.envoy.stats()).get(scene.gauge) ?? 0;
    if (counted === sessions) return;
    await delay(100, undefined, { signal: scene.options.signal });
  }
  throw new Error(`Envoy counts ${counted} sessions where ${sessions} are open`);
}

/** TCP needs two files a session in Envoy. Tries to raise the limit, which root may; else sessions go as streams. */
async function chooseCarrier(sessions: number, options: BenchOptions): Promise<Carrier> {
  const needed = 2 * sessions + SPARE_FILES;
  if ((await fileLimit()) >= needed) return "tcp";
  const args = ["--pid", String(process.pid), `--nofile=${needed}:${needed}`];
  await promisify(execFile)("prlimit", args).catch(() => {});
  const limit = await fileLimit();
  if (limit >= needed) return "tcp";
  options.progress(
    `scale: ${limit} files may be open, TCP needs ${needed} (ulimit -n): sessions go over HTTP/2`,
  );
  return "http2";
}

/** Files that this process, and so its children, may open. */
async function fileLimit(): Promise<number> {
  const found = /^Max open files +(\d+|unlimited)/m.exec(await readFile("/proc/self/limits", "latin1"));
  return found?.[1] === "unlimited" ? Infinity : Number(found?.[1] ?? 0);
}
