/** A real Envoy as a child process. */
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { LogLevel } from "./abi.js";
import { findEnvoy } from "./envoy-binary.js";

export interface EnvoyOptions {
  /** The bootstrap: an object, or YAML or JSON text. It needs an admin address; an object without one gets a free port. */
  bootstrap: object | string;
  /** Path of Envoy; by default the one that `findEnvoy` finds. */
  binary?: string;
  /** Worker threads, 1 by default. */
  concurrency?: number;
  /** Level of the logger that filters write to, "info" by default. */
  wasmLogLevel?: LogLevel;
  /** Levels of further loggers, such as "dynamic_modules:info"; all others are at "warning". */
  logLevels?: string;
  /** The log as Envoy writes it by default, unread: `logs` has its lines, `wasmLogs` nothing. */
  defaultLog?: boolean;
  /** Further arguments of the command line. */
  args?: string[];
  /** Further variables of its environment. */
  env?: NodeJS.ProcessEnv;
  /** Takes over from a running Envoy: the base id that it was given (`--base-id-path`), and how many were before. */
  restart?: { baseId: number; epoch: number };
  /** Gets each line that a wasm filter logs. */
  onWasmLog?: (line: EnvoyWasmLog) => void;
  /** Milliseconds until Envoy must be ready, 30,000 by default. */
  readyTimeoutMs?: number;
}

export interface EnvoyWasmLog {
  level: LogLevel;
  /** Those of plugin name, root id and VM id that are not empty, separated by spaces. */
  source: string;
  message: string;
}

/** Envoy ended before it was ready; the message is the last that a filter or Envoy logged about it. */
export class EnvoyFailed extends Error {
  override name = "EnvoyFailed";

  constructor(
    message: string,
    readonly logs: string[],
  ) {
    super(message);
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<Child>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const LEVELS: Record<string, LogLevel> = {
  warning: "warn",
  warn: "warn",
  error: "error",
  critical: "critical",
};

export class EnvoyProcess {
  /** All lines of Envoy's log and standard output. */
  readonly logs: string[] = [];
  /** What wasm filters logged. */
  readonly wasmLogs: EnvoyWasmLog[] = [];
  adminPort = 0;
  /** Resolves once the process is gone, with its exit code or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  #gone = false;

  /** Starts Envoy and waits until it serves. @throws EnvoyUnavailable, EnvoyFailed */
  static async start(options: EnvoyOptions): Promise<EnvoyProcess> {
    const binary = options.binary ?? (await findEnvoy());
    const folder = await mkdtemp(join(tmpdir(), "envoy-"));
    try {
      const config = join(folder, "bootstrap.yaml");
      await writeFile(config, bootstrapText(options.bootstrap));
      const adminFile = join(folder, "admin");
      const args = ["-c", config, "--admin-address-path", adminFile, ...instanceArgs(options.restart)];
      args.push("--concurrency", String(options.concurrency ?? 1), "-l", "warning");
      const levels = [`wasm:${options.wasmLogLevel ?? "info"}`, options.logLevels ?? []].flat();
      args.push("--component-log-level", levels.join(","));
      // Escaped, so that a message is one line whatever it contains.
      if (options.defaultLog !== true) args.push("--log-format-escaped", "--log-format", "[%l][%n] %v");
      args.push(...(options.args ?? []));
      const env = { ...process.env, ...options.env };
      const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env });
      const envoy = new EnvoyProcess(child, folder, options);
      await envoy.#ready(adminFile, options.readyTimeoutMs ?? 30_000);
      return envoy;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(
    private readonly child: Child,
    private readonly folder: string,
    private readonly options: EnvoyOptions,
  ) {
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#line(line));
    }
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => {
        this.logs.push(error.message);
        resolve(-1);
      });
      child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
    });
    void this.exited.then(() => {
      this.#gone = true;
      running.delete(child);
    });
  }

  /** Of the process, as the system has it. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  #line(written: string): void {
    if (this.options.defaultLog === true) {
      this.logs.push(written);
      return;
    }
    const line = unescapeC(written);
    this.logs.push(line);
    const found = /^\[(\w+)\]\[wasm\] wasm log ?(.*?): (.*)$/s.exec(line);
    if (found === null) return;
    const [, level = "", source = "", message = ""] = found;
    const entry = { level: LEVELS[level] ?? (level as LogLevel), source, message };
    this.wasmLogs.push(entry);
    this.options.onWasmLog?.(entry);
  }

  async #ready(adminFile: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (this.#gone) throw new EnvoyFailed(this.#lastWords(), this.logs);
      if (await this.#answersReady(adminFile)) return;
      await Promise.race([delay(25), this.exited]);
    }
    await this.stop();
    throw new EnvoyFailed(`Envoy was not ready after ${timeoutMs} ms`, this.logs);
  }

  async #answersReady(adminFile: string): Promise<boolean> {
    try {
      if (this.adminPort === 0) this.adminPort = portIn(await readFile(adminFile, "utf8"));
      return (await this.admin("/ready")).startsWith("LIVE");
    } catch {
      return false;
    }
  }

  /** The filter's reason if it gave one, else Envoy's. */
  #lastWords(): string {
    const filter = this.wasmLogs.filter((line) => line.level !== "info").at(-1)?.message;
    const own = this.logs.filter((line) => /^\[(critical|error)\]/.test(line)).at(-1);
    return filter ?? own ?? this.logs.at(-1) ?? "Envoy ended without a message";
  }

  /** Calls Envoy's admin interface. @throws Error unless it answers with success */
  async admin(path: string, method: "GET" | "POST" = "GET"): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`, { method });
    const text = await response.text();
    if (!response.ok) throw new Error(`Envoy's admin interface answers ${response.status} to ${path}`);
    return text;
  }

  /** All counters and gauges that were touched, by Envoy's names: a filter's are under "wasmcustom.". */
  async stats(): Promise<Map<string, number>> {
    const stats = new Map<string, number>();
    for (const line of (await this.admin("/stats?usedonly")).split("\n")) {
      const found = /^(.+): (\d+)$/.exec(line);
      if (found !== null) stats.set(found[1] as string, Number(found[2]));
    }
    return stats;
  }

  /** The port of each listener, by the listener's name. */
  async ports(): Promise<Map<string, number>> {
    const listing = JSON.parse(await this.admin("/listeners?format=json")) as {
      listener_statuses?: { name: string; local_address: { socket_address: { port_value: number } } }[];
    };
    const statuses = listing.listener_statuses ?? [];
    return new Map(statuses.map((each) => [each.name, each.local_address.socket_address.port_value]));
  }

  /** Stops Envoy, by force after 5 seconds; resolves when it has ended. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const force = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await this.exited;
    clearTimeout(force);
    await rm(this.folder, { recursive: true, force: true });
  }
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** Undoes C escapes; every byte that is not printable ASCII comes as three octal digits. */
function unescapeC(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(/\\([0-7]{3}|.)/g, (_all, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Which instances of the machine an Envoy belongs to: none but itself, or those that it takes over from. */
function instanceArgs(restart: EnvoyOptions["restart"]): string[] {
  if (restart === undefined) return ["--use-dynamic-base-id"];
  return ["--base-id", String(restart.baseId), "--restart-epoch", String(restart.epoch)];
}

function bootstrapText(bootstrap: object | string): string {
  if (typeof bootstrap === "string") return bootstrap;
  const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
  return JSON.stringify({ admin, ...bootstrap });
}

/** The port in "127.0.0.1:9901". @throws Error if the file is not written yet */
function portIn(text: string): number {
  const port = Number(/:(\d+)\s*$/.exec(text)?.[1]);
  if (!Number.isInteger(port)) throw new Error("no admin address yet");
  return port;
}
