/** Plays streams against every judge: directly, and through real Envoy under two profiles. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EnvoyProcess } from "../host/envoy-process.js";
import { selfSigned, waitFor } from "../peers/net.js";
import { RawClient } from "../peers/smtp-client.js";
import type { MailServer, MailServerOptions, Kept } from "./mail-server.js";
import { IN_TLS, insideTls, startEnvoy } from "./in-envoy.js";
import { inParallel, orAborted } from "./parallel.js";
import { startAiosmtpd } from "./servers/aiosmtpd.js";
import { startExim } from "./servers/exim.js";
import { startOpenSmtpd } from "./servers/opensmtpd.js";
import { startNpmServer } from "./servers/npm.js";
import { startPostfix } from "./servers/postfix.js";
import type { Stream } from "./steps.js";
import { play, type Seen } from "./wire.js";

/** How a stream reaches a server: directly, in clear through the filter, or inside TLS that the filter has ended. */
export type Setting = "direct" | "recommended" | "strict" | "recommended in TLS" | "strict in TLS";
export const SETTINGS: readonly Setting[] = ["direct", "recommended", "strict"];

/** A finding as the filter's events report it. */
export interface Finding {
  protection: string;
  /** "detect", or what was done. */
  action: string;
  reason: string;
  src_ip: string;
}

/** What came of one stream at one server in one setting. */
export interface Cell {
  stream: Stream;
  server: string;
  setting: Setting;
  seen: Seen;
  /** Those of the extensions that the stream depends on which the server offers. */
  offered: string[];
  /** Messages that arrived, sorted by sender; in all of them the session's mark is `#####` again. */
  kept: Kept[];
  findings: Finding[];
  /** From the access log; zeros without the filter. */
  summary: Summary;
}

/** Of the filter's summary of a session. */
export interface Summary {
  messages: number;
  tls: boolean;
  /** "clean" when there was no finding; empty without the filter. */
  verdict: string;
}

/** How streams are played. */
export interface HearOptions {
  /** All of them by default. */
  settings?: readonly Setting[];
  /** Leave out the servers that do not offer what a stream needs. */
  offeredOnly?: boolean;
  /** Gives up what is under way. */
  signal?: AbortSignal | undefined;
  /** Called after each session with how many of how many are over. */
  onProgress?: (done: number, total: number) => void;
}

/** What a court consists of. */
export interface CourtOptions {
  signal?: AbortSignal | undefined;
  /** What starts its servers; all by default. */
  starts?: readonly Start[];
  /** With listeners for the settings in TLS, whose filter ends it: a path of the folder that has the switch. */
  switchFolder?: string;
}

type Start = (options: MailServerOptions) => Promise<MailServer>;

/** A running court: servers, and Envoy in front of them. */
export class Court {
  private constructor(
    readonly judges: readonly MailServer[],
    private readonly offers: Map<string, Set<string>>,
    private readonly envoy: EnvoyProcess,
    private readonly ports: Map<string, number>,
    private readonly directory: string,
  ) {}

  /**
   * Starts all servers and Envoy, and fetches what is not there yet.
   * @throws Error that says what is missing; the signal's reason when it is given up
   */
  static async open({ signal, starts = STARTS, switchFolder }: CourtOptions = {}): Promise<Court> {
    const certificate = await selfSigned();
    // One after the other: each may have to be fetched first, and apt takes one at a time.
    const judges: MailServer[] = [];
    try {
      for (const start of starts) {
        signal?.throwIfAborted();
        judges.push(await start(certificate));
      }
      const offers = new Map<string, Set<string>>();
      for (const judge of judges) offers.set(judge.name, await offered(judge.port));
      const envoy = await startEnvoy(judges, certificate, switchFolder);
      return new Court(judges, offers, envoy, await envoy.ports(), certificate.directory);
    } catch (error) {
      await Promise.all(judges.map((judge) => judge.stop()));
      await rm(certificate.directory, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Plays every stream at every server in every setting.
   * @throws the signal's reason when it is given up
   */
  async hear(streams: readonly Stream[], options: HearOptions = {}): Promise<Cell[]> {
    const { settings = SETTINGS, offeredOnly = false, signal, onProgress } = options;
    const cells = new Map<string, Cell>();
    const cases = this.judges.map((judge, column) => {
      const offers = this.offers.get(judge.name) ?? new Set();
      return streams.flatMap((stream, row) => {
        const offered = (stream.needs ?? []).filter((each) => offers.has(each));
        const plays = !offeredOnly || offered.length === (stream.needs ?? []).length;
        return plays ? settings.map((setting) => ({ judge, column, stream, row, setting, offered })) : [];
      });
    });
    const total = cases.flat().length;
    let done = 0;
    const perJudge = cases.map((mine) =>
      inParallel(mine, SESSIONS_PER_SERVER, async ({ judge, column, stream, row, setting, offered }) => {
        signal?.throwIfAborted();
        const at = EVERY.indexOf(setting);
        const mark = `${String(row).padStart(3, "0")}${LETTERS[at]}${this.round}`;
        // An address of its own for each session: it identifies the events.
        const last = Math.floor(row / 250) * EVERY.length + at + 1;
        const address = `127.${64 + this.round * 8 + column}.${row % 250}.${last}`;
        const steps = setting.endsWith(IN_TLS) ? insideTls(stream.steps) : stream.steps;
        const seen = await play(steps, this.port(judge, setting), mark, address);
        const cell = { stream, server: judge.name, setting, seen, offered, kept: [], findings: [] };
        cells.set(`${judge.name} ${mark}`, { ...cell, summary: { messages: 0, tls: false, verdict: "" } });
        if (setting !== "direct") this.throughEnvoy++;
        this.addresses.set(address, `${judge.name} ${mark}`);
        onProgress?.(++done, total);
      }),
    );
    await orAborted(Promise.all(perJudge), signal);
    await orAborted(this.collect(cells), signal);
    this.round++;
    return [...cells.values()];
  }

  /** Ends all servers and Envoy. */
  async close(): Promise<void> {
    await this.envoy.stop();
    await Promise.all(this.judges.map((judge) => judge.stop()));
    await rm(this.directory, { recursive: true, force: true });
  }

  private round = 0;
  private throughEnvoy = 0;
  private readonly addresses = new Map<string, string>();

  private port(judge: MailServer, setting: Setting): number {
    const port = setting === "direct" ? judge.port : this.ports.get(`${setting} ${judge.name}`);
    if (port === undefined) throw new Error(`no listener for ${judge.name} under ${setting}`);
    return port;
  }

  private async collect(cells: Map<string, Cell>): Promise<void> {
    let log: string[] = [];
    await waitFor(
      async () => {
        log = (await readFile(join(this.directory, "access"), "utf8")).split("\n").slice(0, -1);
        return log.length >= this.throughEnvoy;
      },
      "the access log of every connection",
      20_000,
    );
    for (const line of log) {
      const [address = "", summary = ""] = line.split(/ (.*)/);
      const cell = cells.get(this.addresses.get(address) ?? "");
      if (cell !== undefined) cell.summary = JSON.parse(summary) as Summary;
    }
    for (const { message } of this.envoy.wasmLogs) {
      if (!message.startsWith("{")) continue;
      const finding = JSON.parse(message) as Finding & { event_type: string };
      // The record of a session.
      if (finding.event_type !== "alert") continue;
      cells.get(this.addresses.get(finding.src_ip) ?? "")?.findings.push(finding);
    }
    for (const judge of this.judges) {
      for (const kept of await judge.kept()) {
        // The sender tells whose it is; an empty one leaves that to the rest of the message.
        const mark = MARK.exec(kept.from)?.[1] ?? MARK.exec(kept.to.join(" "))?.[1] ?? "";
        cells.get(`${judge.name} ${mark}`)?.kept.push(unmarked(kept, mark));
      }
    }
    for (const cell of cells.values()) cell.kept.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}

/** All settings, and the letters that stand for them in marks. */
const EVERY: readonly Setting[] = [...SETTINGS, "recommended in TLS", "strict in TLS"];
const LETTERS = "drsqt";
/** Row, setting and round of the session in which a message was sent. */
const MARK = /-(\d{3}[drsqt]\d)\b/;
/** Exim and Postfix take a process for each session; more of them at a time make none faster on two cores. */
const SESSIONS_PER_SERVER = 10;

const STARTS: readonly Start[] = [
  startPostfix,
  startExim,
  startOpenSmtpd,
  (options) => startAiosmtpd("1.4.6", options),
  (options) => startAiosmtpd("1.4.4", options),
  startNpmServer,
];

const order = ({ from, to, content }: Kept): string => `${from} ${to.join()} ${content}`;

function unmarked({ from, to, content }: Kept, mark: string): Kept {
  const without = (text: string): string => text.replaceAll(mark, "#####");
  return { from: without(from), to: to.map(without).sort(), content: without(content) };
}

async function offered(port: number): Promise<Set<string>> {
  const client = await RawClient.connect(port);
  try {
    await client.reply();
    const lines = (await client.ask("EHLO client.test")).split("\n").slice(1);
    return new Set(lines.map((line) => line.slice(4).trim().split(" ", 1)[0]?.toUpperCase() ?? ""));
  } finally {
    client.destroy();
  }
}
