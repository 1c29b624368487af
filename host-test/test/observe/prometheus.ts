/** A real Prometheus with the configuration and the rules of envoy/prometheus, and its promtool. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, waitFor } from "../../peers/net.js";

/** Where the shipped files are. */
export const FOLDER = fileURLToPath(new URL("../../../envoy/prometheus/", import.meta.url));

/** Whether both programs are there; false, with the reason printed, elsewhere than in CI. @throws Error in CI */
export function hasPrometheus(what: string): boolean {
  const lacking = ["prometheus", "promtool"].filter(
    (name) => spawnSync(name, ["--version"]).error !== undefined,
  );
  if (lacking.length === 0) return true;
  if (process.env["CI"] === "true")
    throw new Error(`CI needs ${lacking.join(", ")} (apt-get install prometheus)`);
  console.warn(`left out, as there is no ${lacking.join(", ")}: ${what}`);
  return false;
}

/** Runs promtool in envoy/prometheus. @returns its exit status and all that it printed */
export function promtool(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: FOLDER, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

/** One series of an answer: its labels, and its values with their times in seconds since 1970. */
export interface Series {
  labels: Record<string, string>;
  values: [time: number, value: number][];
}

interface Answer {
  status: string;
  error?: string;
  data: { result: { metric: Record<string, string>; value?: Sample; values?: Sample[] }[] };
}
type Sample = [number, string];

/** An alert as Prometheus has it. */
export interface Rule {
  name: string;
  state: string;
  health: string;
  lastError?: string;
  lastEvaluation: string;
}

/** Scrapes one Envoy; all its files are gone after `stop`. */
export class PrometheusProcess {
  private said = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text) => (this.said += String(text)));
  }

  /**
   * Starts it with the shipped configuration, but for addresses and intervals, and waits until it has scraped.
   * @param target port of Envoy's admin interface
   * @param everyMs how often it scrapes and evaluates, milliseconds
   */
  static async start(target: number, everyMs: number): Promise<PrometheusProcess> {
    const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
    const config = (await readFile(join(FOLDER, "prometheus.yaml"), "utf8"))
      .replaceAll("_interval: 15s", `_interval: ${everyMs}ms`)
      .replace("- smtp-inspector.rules.yaml", `- ${FOLDER}smtp-inspector.rules.yaml`)
      .replace("127.0.0.1:9901", `127.0.0.1:${target}`);
    await writeFile(join(folder, "prometheus.yaml"), config);
    const port = await freePort();
    const child = spawn("prometheus", [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ]);
    const prometheus = new PrometheusProcess(child, folder, port);
    try {
      await waitFor(() => prometheus.hasScraped(), `Prometheus to scrape: ${prometheus.said}`, 30_000);
    } catch (error) {
      await prometheus.stop();
      throw new Error(prometheus.said, { cause: error });
    }
    return prometheus;
  }

  private async hasScraped(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(this.said);
    const up = await this.query("up").catch(() => []);
    return up[0]?.values[0]?.[1] === 1;
  }

  /** What an expression gives now. @throws Error with what Prometheus says of it */
  query(expression: string): Promise<Series[]> {
    return this.ask("query", { query: expression });
  }

  /** What an expression gave over time. @param start, end seconds since 1970 @param step seconds */
  queryRange(expression: string, start: number, end: number, step: number): Promise<Series[]> {
    const times = { start: String(start), end: String(end), step: String(step) };
    return this.ask("query_range", { query: expression, ...times });
  }

  private async ask(path: string, parameters: Record<string, string>): Promise<Series[]> {
    const body = new URLSearchParams(parameters);
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`, { method: "POST", body });
    const answer = (await response.json()) as Answer;
    if (answer.status !== "success") throw new Error(`${answer.error}: ${parameters["query"]}`);
    return answer.data.result.map(({ metric, value, values }) => ({
      labels: metric,
      values: (values ?? (value === undefined ? [] : [value])).map(([time, text]) => [time, Number(text)]),
    }));
  }

  /** The labels of all series whose names match. @param name a regular expression */
  async series(name: string): Promise<Record<string, string>[]> {
    const match = encodeURIComponent(`{__name__=~"${name}"}`);
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/series?match[]=${match}`);
    return ((await response.json()) as { data: Record<string, string>[] }).data;
  }

  /** Its rules, as they were last evaluated. */
  async rules(): Promise<Rule[]> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/rules`);
    const answer = (await response.json()) as { data: { groups: { rules: Rule[] }[] } };
    return answer.data.groups.flatMap(({ rules }) => rules);
  }

  /** Stops it, by force after 10 seconds. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const force = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
      await gone;
      clearTimeout(force);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
