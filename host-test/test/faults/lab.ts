/** A real Envoy that faults happen to: listeners come from a file, so that they can be replaced while mail flows. */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { envoyLdsBootstrap, type EnvoyListener, ldsFile } from "../../host/envoy-bootstrap.js";
import { type EnvoyOptions, EnvoyProcess } from "../../host/envoy-process.js";
import { freePort, waitFor } from "../../peers/net.js";
import { MailServer, type ServerOptions } from "./mail-server.js";
import { ALL_WELL, Traffic, type TrafficOptions } from "./traffic.js";

export const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
/** SMTP_INSPECTOR_FAULTS=long: as often and as long as issue 12 asks; otherwise what CI has time for. */
export const LONG = process.env["SMTP_INSPECTOR_FAULTS"] === "long";

/** A listener or cluster as Envoy's configuration has it. */
export type Resource = Record<string, unknown>;

export interface LabOptions extends Partial<EnvoyListener> {
  binary: string;
  /** What the server does wrong. */
  server?: ServerOptions;
  /** Alters the listeners and the clusters. */
  change?: { listener?: (listener: Resource) => void; cluster?: (cluster: Resource) => void };
  /** `--drain-time-s`, 1 by default. */
  drainSeconds?: number;
  envoy?: Partial<EnvoyOptions>;
}

export class FaultLab {
  envoy!: EnvoyProcess;

  private constructor(
    readonly server: MailServer,
    readonly folder: string,
    private listener: EnvoyListener,
    private readonly options: LabOptions,
  ) {}

  /** Starts server and Envoy; both end with the test. */
  static async start(options: LabOptions): Promise<FaultLab> {
    const server = await MailServer.start(options.server);
    onTestFinished(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), "faults-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { name = "smtp", wasm = WASM, port = await freePort(), upstreamPort = server.port } = options;
    const policy = options.policy ?? '{"stat_prefix":"faults"}';
    const { failurePolicy = "FAIL_RELOAD" } = options;
    const listener: EnvoyListener = { name, wasm, port, upstreamPort, policy, failurePolicy };
    const lab = new FaultLab(server, folder, listener, options);
    await lab.#write();
    lab.envoy = await lab.launch(options.envoy);
    return lab;
  }

  /** Starts an Envoy on this lab's configuration, which is the first or takes over from the one that runs. */
  async launch(more: Partial<EnvoyOptions> = {}): Promise<EnvoyProcess> {
    const bootstrap = envoyLdsBootstrap([this.listener], this.#file) as { static_resources: unknown };
    const { clusters } = bootstrap.static_resources as { clusters: Resource[] };
    for (const cluster of clusters) {
      // As in envoy/envoy.yaml. By default a 1025th connection is closed at once.
      cluster["circuit_breakers"] = { thresholds: [{ max_connections: 4096, max_pending_requests: 4096 }] };
      this.options.change?.cluster?.(cluster);
    }
    const args = ["--drain-time-s", String(this.options.drainSeconds ?? 1), ...(more.args ?? [])];
    const { binary } = this.options;
    const envoy = await EnvoyProcess.start({ binary, bootstrap, ...more, args });
    onTestFinished(() => envoy.stop());
    await waitFor(async () => (await envoy.ports()).size === 1, "the listener");
    return envoy;
  }

  get port(): number {
    return this.listener.port as number;
  }

  get #file(): string {
    return join(this.folder, "listeners.json");
  }

  /** Envoy sees a new file only when it is renamed into place. */
  async #write(): Promise<void> {
    const file = JSON.parse(ldsFile([this.listener])) as { resources: Resource[] };
    for (const resource of file.resources) this.options.change?.listener?.(resource);
    await writeFile(`${this.#file}.new`, JSON.stringify(file));
    await rename(`${this.#file}.new`, this.#file);
  }

  /** Replaces the listener. @returns whether Envoy took the new one */
  async update(change: Partial<EnvoyListener>): Promise<boolean> {
    const counts = (): Promise<number[]> =>
      Promise.all(["success", "rejected"].map((how) => this.stat(`listener_manager.lds.update_${how}`)));
    const [before, kept] = [await counts(), this.listener];
    this.listener = { ...kept, ...change };
    await this.#write();
    let after = before;
    await waitFor(async () => String((after = await counts())) !== String(before), "Envoy to read the file");
    const taken = after[0] !== before[0];
    if (!taken) this.listener = kept;
    return taken;
  }

  /** Mail through Envoy until the test stops it. */
  traffic(options: TrafficOptions = {}): Traffic {
    const traffic = new Traffic(this.port, options);
    onTestFinished(() => traffic.stop());
    return traffic;
  }

  async stat(name: string): Promise<number> {
    return (await this.envoy.stats()).get(name) ?? 0;
  }

  /** A statistic of the filter, without `smtp.<stat_prefix>.`. */
  filterStat(name: string): Promise<number> {
    return this.stat(`wasmcustom.smtp.faults.${name}`);
  }

  /** What Envoy and the filter logged as going wrong: a trap would be among it. */
  get errors(): string[] {
    return this.envoy.logs.filter((line) => /^\[(error|critical)\]/.test(line));
  }

  /** Stops the traffic and holds it to what must be true after any fault: no mail lost, doubled or altered. */
  async settle(traffic: Traffic): Promise<void> {
    await traffic.stop();
    expect(traffic.account(this.server.kept)).toEqual(ALL_WELL);
  }

  /** After the traffic: nothing stays behind, in the filter or at the server. */
  async quiet(): Promise<void> {
    await waitFor(async () => (await this.filterStat("sessions_active")) === 0, "all sessions to end");
    await waitFor(() => this.server.open === 0, "all connections to the server to end");
  }
}
