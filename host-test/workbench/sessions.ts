/** From TCP connections to reports on SMTP sessions. */
import { ManualClock } from "../host/clock.js";
import { Plugin } from "../host/plugin.js";
import { type CaptureCounts, segmentsOf } from "./capture.js";
import type { SessionReport, Side } from "./model.js";
import { type Judge, LOSS, Player } from "./report.js";
import { type Flow, type FlowEvent, FLOW_LIMITS, type FlowLimits, type FlowListener, Flows } from "./tcp.js";
import { type Conversation, spokenIn } from "./transcript.js";

/** Ports that are SMTP's by themselves: relay, submission over TLS and not, and what many use beside them. */
const SMTP_PORTS = [25, 465, 587, 2525];

/** Where the filter looks for deadlines; often enough for a limit that is seconds. */
const TICK_NS = 1_000_000_000n;

/**
 * The policy, with which all findings are told in full whatever its `events` say: excerpts serve to find the bytes.
 * Credentials are not in them in any case. @param policy one that the filter takes
 */
export function toldInFull(policy: string): string {
  const parsed = (policy.trim() === "" ? {} : JSON.parse(policy)) as Record<string, unknown>;
  return JSON.stringify({ ...parsed, events: { max_per_second: 10_000, excerpt: "full" } });
}

/**
 * Loads the filter for replaying, `toldInFull`.
 * @throws ConfigurationRefused with what the filter says of the policy as it is
 */
export function loadJudge(module: WebAssembly.Module, policy: string): Judge {
  const clock = new ManualClock();
  Plugin.load(module, { configuration: policy, clock }).shutdown();
  const plugin = Plugin.load(module, { configuration: toldInFull(policy), clock });
  return { plugin, clock, openTurns: 0 };
}

/** What became of a capture's connections. */
export interface FlowCounts extends CaptureCounts {
  flows: number;
  /** Connections that are no SMTP, or not to the port that was asked for. */
  otherFlows: number;
}

export const newCounts = (): FlowCounts => ({ packets: 0, leftOut: new Map(), flows: 0, otherFlows: 0 });

/** How a capture is replayed. */
export interface ReplayOptions {
  /** The server's port; without it SMTP's ports, and whoever first says 220. */
  port?: number | undefined;
  limits?: FlowLimits;
  signal?: AbortSignal;
}

/**
 * Reports on the sessions of a capture, each when it ends.
 * @throws CaptureError, behind the reports on what was readable; WasmTrap
 */
export async function* replayCapture(
  chunks: AsyncIterable<Uint8Array>,
  judge: Judge,
  counts: FlowCounts,
  options: ReplayOptions = {},
): AsyncGenerator<SessionReport> {
  const done: SessionReport[] = [];
  const listener = new Listener(judge, options.port, (report) => {
    if (report === null) counts.otherFlows++;
    else done.push(report);
  });
  const flows = new Flows(listener, options.limits ?? FLOW_LIMITS);
  try {
    for await (const segment of segmentsOf(chunks, counts)) {
      flows.add(segment);
      counts.flows = flows.count;
      if (done.length > 0) yield* done.splice(0);
      if (options.signal?.aborted === true) return;
    }
  } catch (error) {
    flows.end();
    yield* done.splice(0);
    throw error;
  }
  flows.end();
  yield* done.splice(0);
}

/** Reports on the conversations of a transcript, in their order. @throws WasmTrap */
export function* replayTranscript(
  conversations: readonly Conversation[],
  judge: Judge,
): Generator<SessionReport> {
  for (const [id, { title, lines }] of conversations.entries()) {
    const startNs = judge.clock.nowNs();
    const player = new Player(judge, {
      id,
      title,
      client: "192.0.2.10:40000",
      server: "192.0.2.25:25",
      startNs,
    });
    for (const { from, bytes, end } of spokenIn(lines)) {
      if (end) player.end(from, "fin", startNs);
      else player.say(from, bytes, startNs);
    }
    yield player.finish(startNs);
  }
}

interface Followed {
  player: Player | null;
  /** Which end is the server; null as long as nobody has said a word that tells. */
  server: 0 | 1 | null;
  ignored: boolean;
}

class Listener implements FlowListener {
  readonly #followed = new Map<Flow, Followed>();
  #nowNs: bigint | null = null;
  #tickedNs = 0n;

  /** @param emit a report, or null for a connection that is left out */
  constructor(
    private readonly judge: Judge,
    private readonly port: number | undefined,
    private readonly emit: (report: SessionReport | null) => void,
  ) {}

  onEvent(event: FlowEvent): void {
    this.#goOn(event.timeNs);
    const { flow, from, timeNs, bytes, gap, end } = event;
    let followed = this.#followed.get(flow);
    if (followed === undefined) {
      followed = { player: null, server: serverByPort(flow, this.port), ignored: false };
      this.#followed.set(flow, followed);
    }
    if (bytes.length > 0 && followed.player === null && !followed.ignored) this.#meet(event, followed);
    const { player, server } = followed;
    if (player === null || server === null) return;
    const side: Side = from === server ? "server" : "client";
    player.say(side, bytes, timeNs, gap);
    if (end !== null) player.end(side, end, timeNs);
  }

  onUnseen(flow: Flow): void {
    this.#followed.get(flow)?.player?.stopJudging(LOSS);
  }

  onClose(flow: Flow): void {
    const player = this.#followed.get(flow)?.player ?? null;
    this.#followed.delete(flow);
    this.emit(player === null ? null : player.finish(this.#nowNs ?? flow.startNs));
  }

  /** The first word of a connection. */
  #meet({ flow, from, bytes }: FlowEvent, followed: Followed): void {
    const greets = bytes[0] === 0x32 && bytes[1] === 0x32 && bytes[2] === 0x30;
    if (followed.server === null && greets && this.port === undefined) followed.server = from;
    const { server } = followed;
    if (server === null) {
      followed.ignored = true;
      return;
    }
    const [client, ...known] = server === 1 ? flow.ends : [flow.ends[1], flow.ends[0]];
    const start = { id: flow.id, title: "", client, server: known[0], startNs: flow.startNs };
    followed.player = new Player(this.judge, start);
    const isWhole = flow.opener !== null || (greets && from === server);
    if (!isWhole) followed.player.stopJudging("the capture begins in the middle of the session");
  }

  /** Lets the filter's time follow the capture's. */
  #goOn(timeNs: bigint): void {
    const { clock, plugin } = this.judge;
    const passed = this.#nowNs === null ? 0n : timeNs - this.#nowNs;
    if (this.#nowNs === null || passed > 0n) this.#nowNs = timeNs;
    if (passed <= 0n) return;
    // A damaged time stamp must not end time.
    clock.advance(Math.min(Number(passed) / 1e6, 86_400_000));
    if (clock.nowNs() - this.#tickedNs < TICK_NS) return;
    this.#tickedNs = clock.nowNs();
    plugin.tick();
  }
}

/** The end that has one of the server's ports; where both have, the one that was called. */
function serverByPort({ ports, opener }: Flow, port: number | undefined): 0 | 1 | null {
  const wanted = port === undefined ? SMTP_PORTS : [port];
  const [first, second] = [wanted.includes(ports[0]), wanted.includes(ports[1])];
  if (first && second) return opener === 1 ? 0 : 1;
  return second ? 1 : first ? 0 : null;
}
