/** Runs vectors through a real Envoy: one process, many listeners, all of them in the same VMs. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import type { HostFacts, Script } from "../../workbench/vector-script.js";
import { type Manner, Schedule, type Step } from "../../workbench/vector-schedule.js";
import { findingIn, type FindingEvent, type Outcome, type TracePoint } from "../../workbench/vector-run.js";
import { selfSigned, waitFor, within } from "../../peers/net.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import type { EnvoyTls } from "../../host/envoy-tls.js";
import { switchPaths } from "../../cli/build-starttls.js";
import { Ears } from "./vector-ears.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const LOG_FORMAT =
  "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_CLOSE_REASON% " +
  "%FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n";

/** Between pieces that nobody answers, so that each is a read of its own: a turn of Envoy's loop takes 0.1 ms. */
const PIECE_MS = 1;
/** Before the other side acts when nothing shows that Envoy has read what came first: it polls two sockets. */
const TURN_MS = 15;

/** What the cases of a lane have in common. */
export interface VectorLane {
  policy: string;
  host: HostFacts;
}

type Certificate = Awaited<ReturnType<typeof selfSigned>>;

/** @throws Error for a host that this Envoy cannot be: the switch of Envoy 1.40 has both sides */
function tlsOf({ startTls, isTls }: HostFacts, { cert, key }: Certificate): { tls?: EnvoyTls } {
  if (isTls) return { tls: { cert, key, begins: "start" } };
  if (startTls.length === 1) throw new Error('a host with one side to switch needs "> only: node"');
  return startTls.length === 0 ? {} : { tls: { cert, key, begins: "switch" } };
}

/** One run in Envoy; what Envoy logged of it is known once Envoy has stopped. */
export interface EnvoyRun {
  schedule: Schedule;
  /** Ports of listener and client, by which the logs name a connection. */
  key: string;
}

/** All cases of a policy share the events of a second here; what the limit leaves out could not be compared. */
function withRoomForEvents(policy: string): string {
  const parsed = JSON.parse(policy) as { events?: object };
  return JSON.stringify({ ...parsed, events: { max_per_second: 10_000, ...parsed.events } });
}

/** A running Envoy with one listener and one server for each lane; a lane runs one connection at a time. */
export class EnvoyVectors {
  readonly #findings = new Map<string, FindingEvent[]>();
  readonly #closes = new Map<string, { reason: string; summary: string }>();

  private constructor(
    private readonly envoy: EnvoyProcess,
    private readonly folder: string,
    private readonly certificate: Certificate,
    private readonly servers: Server[],
    private readonly ports: number[],
  ) {}

  /** @throws EnvoyFailed; SwitchUnavailable */
  static async start(binary: string, lanes: VectorLane[]): Promise<EnvoyVectors> {
    const folder = await mkdtemp(join(tmpdir(), "vectors-"));
    const paths = switchPaths();
    if (lanes.some(({ host }) => host.startTls.length > 0)) await buildSwitchOnce(paths);
    const certificate = await selfSigned();
    const servers = lanes.map(() => createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1"));
    await Promise.all(servers.map((server) => once(server, "listening")));
    const listeners = lanes.map(({ policy, host }, lane) => ({
      name: `lane${lane}`,
      wasm: WASM,
      policy: withRoomForEvents(policy),
      upstreamPort: (servers[lane]?.address() as { port: number }).port,
      accessLog: join(folder, "access.log"),
      accessLogFormat: LOG_FORMAT,
      ...tlsOf(host, certificate),
    }));
    try {
      const envoy = await EnvoyProcess.start({
        binary,
        bootstrap: envoyBootstrap(listeners),
        concurrency: 2,
        env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: dirname(paths.output) },
        readyTimeoutMs: 120_000,
      });
      const ports = await envoy.ports();
      const all = listeners.map(({ name }) => ports.get(name) as number);
      return new EnvoyVectors(envoy, folder, certificate, servers, all);
    } catch (error) {
      for (const server of servers) server.close();
      for (const each of [folder, certificate.directory]) await rm(each, { recursive: true, force: true });
      throw error;
    }
  }

  #runs = 0;

  /**
   * Plays a script as the Node host did: each step waits until both sides have received what they had there.
   * It stops where that does not come true; `check` then shows the difference.
   */
  async run(lane: number, script: Script, manner: Manner, trace: TracePoint[]): Promise<EnvoyRun> {
    const server = this.servers[lane] as Server;
    const accepted = once(server, "connection") as Promise<Socket[]>;
    const port = this.ports[lane] as number;
    // An address of its own for each run: the kernel may give a reset connection's port to the next one at once.
    const nth = this.#runs++;
    const localAddress = `127.1.${nth >> 8}.${nth & 255}`;
    const client = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true });
    await once(client, "connect");
    const key = `${port} ${localAddress}`;
    const [upstream] = await within(accepted, "Envoy to connect to the server");
    const schedule = new Schedule(script, manner);
    const ears = new Ears({ client, server: upstream as Socket }, schedule, this.certificate);
    try {
      if (script.host.isTls) await ears.startTls("client");
      await follow(schedule, trace, ears);
    } finally {
      ears.close();
    }
    schedule.conversation.server.settle();
    return { schedule, key };
  }

  /** Stops Envoy, and reads what it logged of all runs. @throws Error when a connection is still open */
  async stop(): Promise<void> {
    try {
      await waitFor(async () => (await this.#open()) === 0, "Envoy to close every connection");
    } finally {
      await this.envoy.stop();
      for (const server of this.servers) server.close();
      for (const { message } of this.envoy.wasmLogs) this.#hear(message);
      const lines = (await readFile(join(this.folder, "access.log"), "utf8")).split("\n");
      for (const each of [this.folder, this.certificate.directory]) {
        await rm(each, { recursive: true, force: true });
      }
      for (const line of lines) {
        const found = /^\S+:(\d+) (\S+):\d+ (\S+) (.*)$/.exec(line);
        if (found === null) continue;
        const [, local, remote, reason = "", summary = ""] = found;
        this.#closes.set(`${local} ${remote}`, { reason, summary });
      }
    }
  }

  /** What came of a run; only after `stop`. */
  outcome(run: EnvoyRun): Outcome {
    const closed = this.#closes.get(run.key);
    return {
      conversation: run.schedule.conversation,
      findings: this.#findings.get(run.key) ?? [],
      filterClosed: closed?.reason.startsWith("wasm_") === true,
      summary: closed?.summary ?? "",
    };
  }

  async #open(): Promise<number> {
    const stats = await this.envoy.stats();
    const active = [...stats].filter(([name]) =>
      /^listener\.127\.0\.0\.1_\d+\.downstream_cx_active$/.test(name),
    );
    return active.reduce((sum, [, value]) => sum + value, 0);
  }

  #hear(message: string): void {
    const finding = findingIn(message);
    if (finding === null) return;
    const key = `${finding.dest_port} ${finding.src_ip}`;
    const known = this.#findings.get(key) ?? [];
    known.push(finding);
    this.#findings.set(key, known);
  }
}

async function follow(schedule: Schedule, trace: TracePoint[], ears: Ears): Promise<void> {
  for (const [index, point] of trace.entries()) {
    const before = trace[index - 1];
    if (point.step !== null) {
      // Past its end a script has no step of its own for the end of the server's stream.
      const step = schedule.next() ?? (index === trace.length - 1 ? point.step : undefined);
      if (step === undefined || !isSame(step, point.step)) return;
      ears.send(step);
    }
    if (!(await ears.hear(point))) return;
    const isShown =
      before !== undefined && before.clientTotal + before.serverTotal < point.clientTotal + point.serverTotal;
    if (isShown) continue;
    const next = trace[index + 1]?.step;
    await pause(next?.side === point.step?.side ? PIECE_MS : TURN_MS);
  }
}

const isSame = (one: Step, other: Step): boolean =>
  one.side === other.side && one.text === other.text && one.end === other.end;
