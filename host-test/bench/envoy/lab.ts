/** One Envoy and the servers behind it, and the CPU time of its worker for a load. */
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { switchPaths } from "../../cli/build-starttls.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import type { BenchOptions } from "../result.js";
import { benchBootstrap, type Route, type Setting } from "./bootstrap.js";
import { findChild, findThread, threadCpu } from "./cpu.js";
import { freePort } from "../../peers/net.js";
import { programPath, startService, type Service } from "./children.js";
import { type Load, type LoadResult, runLoad, type Sink, SINKS } from "./loads.js";

/** What one run of a load cost. */
export interface Run extends LoadResult {
  /** CPU nanoseconds of Envoy's worker for a message. */
  cpu: number;
}

/** A run whose messages the filter counted, and what it found in them: legitimate mail has no findings. */
export interface CheckedRun extends Run {
  findings: string[];
}

/** Settings that do not count messages. */
const UNCOUNTED = ["empty", "plain", "tls"];

let count = 0;

export class EnvoyLab {
  private constructor(
    private readonly envoy: EnvoyProcess,
    private readonly services: Service[],
    private readonly ports: Map<string, number>,
    /** Process id of Envoy. */
    readonly pid: number,
    /** Id of its worker's thread. */
    readonly worker: number,
  ) {}

  /**
   * Starts the servers, and Envoy in front of them. The STARTTLS switch must be built where a setting needs it.
   * @throws Error that says what is missing
   */
  static async start(settings: Setting[], sinks: readonly Sink[] = SINKS): Promise<EnvoyLab> {
    const services: Service[] = [];
    const routes: Route[] = [];
    try {
      for (const sink of sinks) {
        const { service, port } = await startSink(sink);
        services.push(service);
        for (const setting of settings)
          routes.push({ name: routeName(setting.name, sink), setting, upstreamPort: port });
      }
      return await EnvoyLab.launch(routes, services);
    } catch (error) {
      for (const service of services) await service.stop();
      throw error;
    }
  }

  /** Starts Envoy with one setting in front of a server that runs. @throws Error that says what is missing */
  static inFrontOf(upstreamPort: number, setting: Setting): Promise<EnvoyLab> {
    return EnvoyLab.launch([{ name: routeName(setting.name, "smtp-sink"), setting, upstreamPort }], []);
  }

  private static async launch(routes: Route[], services: Service[]): Promise<EnvoyLab> {
    const mark = `bench-${process.pid}-${++count}`;
    const envoy = await EnvoyProcess.start({
      bootstrap: benchBootstrap(routes),
      // An argument that means nothing to Envoy, but shows in /proc which process is ours.
      args: ["--service-node", mark],
      wasmLogLevel: "warn",
      env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: dirname(switchPaths().output) },
    });
    try {
      const pid = await findChild(mark);
      const worker = await findThread(pid, "wrk:worker_0");
      return new EnvoyLab(envoy, services, await envoy.ports(), pid, worker);
    } catch (error) {
      await envoy.stop();
      throw error;
    }
  }

  /** Port that leads through a setting to a sink. */
  port(setting: string, sink: Sink): number {
    const port = this.ports.get(routeName(setting, sink));
    if (port === undefined) throw new Error(`no listener ${routeName(setting, sink)}`);
    return port;
  }

  /** Sends `messages` through a setting, one load at a time: the worker's CPU is then that load's. */
  async run(setting: string, load: Load, messages: number, options: BenchOptions): Promise<Run> {
    await this.idle();
    const before = await threadCpu(this.pid, this.worker);
    const result = await runLoad(load, this.port(setting, load.sink), messages, options.signal);
    await this.idle();
    const cpu = (await threadCpu(this.pid, this.worker)) - before;
    return { ...result, cpu: cpu / result.messages };
  }

  /** As `run`, with what the filter found; legitimate mail has no findings, so they would be a fault. */
  async checkedRun(
    setting: string,
    load: Load,
    messages: number,
    options: BenchOptions,
  ): Promise<CheckedRun> {
    if (UNCOUNTED.includes(setting))
      return { ...(await this.run(setting, load, messages, options)), findings: [] };
    const prefix = setting === "twin" ? "twin" : `smtp.${setting}`;
    const before = await this.counted(prefix);
    const run = await this.run(setting, load, messages, options);
    const after = await this.counted(prefix);
    const seen = after.messages - before.messages;
    if (seen !== messages) throw new Error(`${setting} saw ${seen} of ${messages} messages (${load.name})`);
    return { ...run, findings: after.findings };
  }

  /** Whether there is such a setting. */
  has(setting: string): boolean {
    return this.ports.has(routeName(setting, "smtp-sink"));
  }

  /** Messages that a filter counted under `prefix`, and its findings. */
  private async counted(prefix: string): Promise<{ messages: number; findings: string[] }> {
    const stats = await this.envoy.stats();
    const found = [...stats].filter(([name]) => name.startsWith(`wasmcustom.${prefix}.findings.`));
    const findings = found.map(([name, value]) => `${name.split(".findings.")[1]} × ${value}`);
    return { messages: stats.get(`wasmcustom.${prefix}.messages`) ?? 0, findings };
  }

  /** Waits until no connection is open: otherwise the next load pays for what this one left. */
  async idle(): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      const gauges = "^listener\\.127.*downstream_cx_active|^cluster.*upstream_cx_active";
      const text = await this.envoy.admin(`/stats?filter=${gauges}`);
      if (text !== "" && [...text.matchAll(/: (\d+)$/gm)].every((found) => found[1] === "0")) return;
      await delay(20);
    }
    throw new Error("Envoy still has open connections 20 s after a load");
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    for (const service of this.services) await service.stop();
  }
}

const routeName = (setting: string, sink: Sink): string => `${setting}-${sink}`;

/** Starts a server for loads on a free port. */
export async function startSink(sink: Sink): Promise<{ service: Service; port: number }> {
  const port = await freePort();
  if (sink === "smtp-sink") {
    // smtp-sink refuses to serve as root.
    const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
    const args = ["-4", ...user, "-h", "sink.example.test", "-m", "2000", `127.0.0.1:${port}`, "1000"];
    return { service: await startService("smtp-sink", args, port), port };
  }
  const args = [programPath("./sink.js", import.meta.url), String(port)];
  return { service: await startService(process.execPath, args, port), port };
}
