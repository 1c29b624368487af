/** From TCP connections to reports on SMTP sessions. */
import { ManualClock } from "../host/clock.js";
import { Plugin, type PluginOptions } from "../host/plugin.js";
import { type CaptureCounts, segmentsOf } from "./capture.js";
import type { Follower, Follows } from "./follower.js";
import { Judge } from "./judge.js";
import type { Side } from "./model.js";
import { type Flow, type FlowEvent, FLOW_LIMITS, type FlowLimits, type FlowListener, Flows } from "./tcp.js";
import { type Conversation, spokenIn } from "./transcript.js";

/** SMTP's own ports: relay, submission with and without TLS, and a common alternative. */
const SMTP_PORTS = [25, 465, 587, 2525];

/** Why a session is given up. */
const CROWDED = "too many sessions are open at the same time";
/**
 * Some 4000 sessions: those of the captures in the tests take 31 KB (median) to 66 KB. As garbage is collected late,
 * the process takes up to six times as much.
 */
const MOST_HELD = 128 * 1024 * 1024;

/** How often the filter checks deadlines; often enough for limits of seconds. */
const TICK_MS = 1000;

/**
 * The policy with all findings reported in full, whatever its `events` say: excerpts are needed to find the bytes.
 * They never contain credentials. @param policy one that the filter accepts
 */
export function toldInFull(policy: string): string {
  const parsed = (policy.trim() === "" ? {} : JSON.parse(policy)) as Record<string, unknown>;
  return JSON.stringify({ ...parsed, events: { max_per_second: 10_000, excerpt: "full" } });
}

/**
 * Loads the filter for replaying, `toldInFull`.
 * @param observe gets an observer for each session
 * @throws ConfigurationRefused with the filter's message about the policy as it is
 */
export function loadJudge(
  module: WebAssembly.Module,
  policy: string,
  observe?: PluginOptions["observe"],
): Judge {
  const clock = new ManualClock();
  Plugin.load(module, { configuration: policy, clock }).shutdown();
  const configuration = toldInFull(policy);
  const plugin = Plugin.load(module, { configuration, clock, ...(observe && { observe }) });
  return new Judge(plugin, clock);
}

/**
 * Forgets what sessions did: those of one capture are judged together, in its own time, as the filter would have met them. What
 * another file has, or another conversation of a transcript, which has no time, is another day.
 */
function beginAnew({ judges }: Follower<unknown>): void {
  for (const { plugin } of judges) plugin.forgetShared();
}

/** The connections of a capture, counted. */
export interface FlowCounts extends CaptureCounts {
  flows: number;
  /** Connections that are not SMTP, or not to the requested port. */
  otherFlows: number;
}

export const newCounts = (): FlowCounts => ({ packets: 0, leftOut: new Map(), flows: 0, otherFlows: 0 });

/** How a capture is replayed. */
export interface ReplayOptions {
  /** The server's port; without it SMTP's ports, and any connection that begins with 220. */
  port?: number | undefined;
  limits?: FlowLimits;
  /** Bytes that all open sessions may take; above that the one that was quiet longest is given up. */
  mostHeld?: number;
  signal?: AbortSignal;
}

/**
 * Follows the sessions of a capture: the result of each, when it ends.
 * @throws CaptureError, after the reports on what was readable; WasmTrap
 */
export async function* replayCapture<T>(
  chunks: AsyncIterable<Uint8Array>,
  follower: Follower<T>,
  counts: FlowCounts,
  options: ReplayOptions = {},
): AsyncGenerator<T> {
  const done: T[] = [];
  beginAnew(follower);
  const listener = new Listener(
    follower,
    options.port,
    () => void counts.otherFlows++,
    (result) => void done.push(result),
  );
  const flows = new Flows(listener, options.limits ?? FLOW_LIMITS);
  try {
    for await (const segment of segmentsOf(chunks, counts)) {
      flows.add(segment);
      while (listener.held > (options.mostHeld ?? MOST_HELD)) flows.forget(listener.oldest());
      counts.flows = flows.count;
      if (done.length > 0) yield* done.splice(0);
      if (options.signal?.aborted === true) return;
    }
  } catch (error) {
    while (flows.endNext()) yield* done.splice(0);
    throw error;
  }
  while (flows.endNext()) yield* done.splice(0);
}

/** Follows the conversations of a transcript, in their order, each for itself. @throws WasmTrap */
export function* replayTranscript<T>(
  conversations: readonly Conversation[],
  follower: Follower<T>,
): Generator<T> {
  for (const [id, { title, lines }] of conversations.entries()) {
    beginAnew(follower);
    const startNs = follower.judges[0]?.clock.nowNs() ?? 0n;
    const player = follower.open({
      id,
      title,
      client: "192.0.2.10:40000",
      server: "192.0.2.25:25",
      startNs,
    });
    for (const { from, bytes, end, startsTls } of spokenIn(lines)) {
      if (startsTls === true) player.startTls(from);
      else if (end) player.end(from, "fin", startNs);
      else player.say(from, bytes, startNs);
    }
    yield player.finish(startNs);
  }
}

interface Followed<T> {
  player: Follows<T> | null;
  /** What the player held when last asked. */
  held: number;
  /** Which end is the server; null until the first words show it. */
  server: 0 | 1 | null;
  ignored: boolean;
  /** One of its ends has ended it. */
  ended: boolean;
}

class Listener<T> implements FlowListener {
  readonly #followed = new Map<Flow, Followed<T>>();
  /** Flows with a player, in the order of last use. */
  readonly #played = new Set<Flow>();
  /** Bytes that open sessions take. */
  held = 0;
  #nowNs: bigint | null = null;
  #sinceTickMs = 0;

  /** @param leaveOut called for a connection that is not SMTP @param emit gets the result of one that is */
  constructor(
    private readonly follower: Follower<T>,
    private readonly port: number | undefined,
    private readonly leaveOut: () => void,
    private readonly emit: (result: T) => void,
  ) {}

  onEvent(event: FlowEvent): void {
    this.#goOn(event.timeNs);
    const { flow, from, timeNs, bytes, gap, end } = event;
    let followed = this.#followed.get(flow);
    if (followed === undefined) {
      const server = serverByPort(flow, this.port);
      followed = { player: null, held: 0, server, ignored: false, ended: false };
      this.#followed.set(flow, followed);
    }
    if (bytes.length > 0 && followed.player === null && !followed.ignored) this.#meet(event, followed);
    const { player, server } = followed;
    if (player === null || server === null) return;
    const side: Side = from === server ? "server" : "client";
    this.#played.delete(flow);
    this.#played.add(flow);
    player.say(side, bytes, timeNs, gap);
    if (end !== null) player.end(side, end, timeNs);
    followed.ended ||= end !== null;
    this.held += player.held - followed.held;
    followed.held = player.held;
  }

  /** The session that was quiet longest; there is one. */
  oldest(): Flow {
    return this.#played.values().next().value as Flow;
  }

  onDoubt(flow: Flow): void {
    if (flow.doubt !== null) this.#followed.get(flow)?.player?.stopJudging(flow.doubt);
  }

  onClose(flow: Flow, forgotten: boolean): void {
    const { player = null, held = 0, ended = false } = this.#followed.get(flow) ?? {};
    this.#followed.delete(flow);
    this.#played.delete(flow);
    this.held -= held;
    if (player === null) {
      this.leaveOut();
      return;
    }
    if (forgotten && !ended) player.stopJudging(CROWDED);
    this.emit(player.finish(this.#nowNs ?? flow.startNs));
  }

  /** The first word of a connection. */
  #meet({ flow, from, bytes }: FlowEvent, followed: Followed<T>): void {
    const greets = bytes[0] === 0x32 && bytes[1] === 0x32 && bytes[2] === 0x30;
    if (followed.server === null && greets && this.port === undefined) followed.server = from;
    const { server } = followed;
    if (server === null) {
      followed.ignored = true;
      return;
    }
    const [client, ...known] = server === 1 ? flow.ends : [flow.ends[1], flow.ends[0]];
    const start = { id: flow.id, title: "", client, server: known[0], startNs: flow.startNs };
    followed.player = this.follower.open(start);
    if (flow.doubt !== null) followed.player.stopJudging(flow.doubt);
    const isWhole = flow.opener !== null || (greets && from === server);
    if (!isWhole) followed.player.stopJudging("the capture begins in the middle of the session");
  }

  /** Moves the filter's clock on to the capture's time. */
  #goOn(timeNs: bigint): void {
    const passed = this.#nowNs === null ? 0n : timeNs - this.#nowNs;
    if (this.#nowNs === null || passed > 0n) this.#nowNs = timeNs;
    if (passed <= 0n) return;
    // A damaged time stamp must not stop the clock for good.
    const passedMs = Math.min(Number(passed) / 1e6, 86_400_000);
    this.#sinceTickMs += passedMs;
    const ticks = this.#sinceTickMs >= TICK_MS;
    if (ticks) this.#sinceTickMs = 0;
    for (const { clock, plugin } of this.follower.judges) {
      clock.advance(passedMs);
      if (ticks) plugin.tick();
    }
  }
}

/** The end that has one of the server's ports; if both have one, the end that was connected to. */
function serverByPort({ ports, opener }: Flow, port: number | undefined): 0 | 1 | null {
  const wanted = port === undefined ? SMTP_PORTS : [port];
  const [first, second] = [wanted.includes(ports[0]), wanted.includes(ports[1])];
  if (first && second) return opener === 1 ? 0 : 1;
  return second ? 1 : first ? 0 : null;
}
