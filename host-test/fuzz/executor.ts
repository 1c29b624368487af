/** Runs sessions against the filter and checks every law. */
import type { FuzzModule } from "./build.js";
import type { Cuts, Cutter } from "./cuts.js";
import { atRandom, byBytes, WHOLE } from "./cuts.js";
import { type Fault, fault } from "./fault.js";
import type { Finding } from "./oracles.js";
import { compareRuns, judgeSeen, readEvents } from "./oracles.js";
import { Play, play } from "./play.js";
import { POLICIES } from "./policies.js";
import { Random } from "./random.js";
import type { Session } from "./session.js";
import type { Seen } from "./seen.js";
import { isLockStep, sizeOf } from "./session.js";
import { PORT, Target } from "./target.js";
import { latin1 } from "./text.js";

export interface Run {
  readonly seen: Seen;
  readonly kinds: readonly string[];
  readonly faults: readonly Fault[];
}

/** A VM is replaced after this many connections: its past must not matter for long. */
const VM_AGE = 50_000;
/** Far above what sessions of 200 KB need: growth to here is a leak (the module starts with 1 MiB). */
const MEMORY_MAX = 8 * 1024 * 1024;
/** Rounds of loops that a byte, an event, a finding and a session may cost: several times the most that was seen. */
const WORK = { byte: 150, event: 40_000, finding: 2000, session: 400_000 };
/** Above that the policies' own limit of 10,000 events per second could hide some, as the clock stands still. */
const FINDINGS_MAX = 4000;
/** Ports that distinguish the events of two connections. */
const PORTS = [PORT, 40_001] as const;

export class Executor {
  executions = 0;
  #target: Target;
  #liveBlocks = -1;

  constructor(private readonly built: FuzzModule) {
    this.#target = new Target(built);
  }

  /** Counters of the last run. */
  get counters(): Uint8Array {
    return this.#target.counters;
  }

  /** Plays it once, whole. Counters are then this run's. @returns null for a run that trapped, with its fault */
  run(session: Session, cut: Cuts = WHOLE): Run | Fault {
    if (this.#target.age > VM_AGE) this.#renew();
    this.executions++;
    const target = this.#target;
    target.refuel();
    try {
      const seen = play(target, session, cut, PORTS[0]);
      const events = readEvents(target.takeLines());
      const faults = [
        ...judgeSeen(session, seen),
        ...events.faults,
        ...this.#bounds(session, events.findings.length),
      ];
      return { seen, kinds: kindsOf(events.findings, PORTS[0]), faults };
    } catch (error) {
      return this.#trapped(error);
    }
  }

  /** Blocks that a session leaks, found by playing it until their number grows each time or does not. */
  leaks(session: Session): Fault | null {
    const now = this.#target.blocks;
    if (now < 0) {
      this.#renew();
      return fault("law 8", "heap", "the allocator's headers are damaged");
    }
    if (now === this.#liveBlocks) return null;
    const before = this.#target.liveBlocks;
    if (before <= this.#liveBlocks || this.#liveBlocks < 0) {
      this.#liveBlocks = before;
      return null;
    }
    const rounds = 4;
    for (let i = 0; i < rounds; i++) this.run(session);
    const after = this.#target.liveBlocks;
    this.#liveBlocks = after;
    if (after < before + rounds) return null;
    return fault("law 8", "leak", `${(after - before) / rounds} blocks are left after each session`);
  }

  /** Checks that are not needed each time: other cuts, a repetition, a neighbour. */
  deep(session: Session, first: Run, random: Random, neighbour: Session): Fault[] {
    const faults: Fault[] = [];
    const against = (label: string, second: Run | Fault): void => {
      if ("law" in second) faults.push(second);
      else faults.push(...second.faults, ...compareRuns(label, first, second));
    };
    against("repeat", this.run(session));
    if (isComparable(session, first.seen)) {
      // Nothing can be sent to the server between two replies of one segment: if the first releases what was held,
      // the second cannot be an answer to that. In two segments it can. It matters only with a server that does not
      // send one reply to each request.
      const isUneven = first.seen.ahead || first.seen.behind;
      const server = (cutter: Cutter): Cutter => (isUneven && !isWatched(session) ? WHOLE.server : cutter);
      const compare = (label: string, cutter: Cutter): void => {
        const second = this.run(session, { client: cutter, server: server(cutter) });
        if ("law" in second || !mayDiffer(session, first.seen, second.seen)) against(label, second);
      };
      compare("law 2 bytes", byBytes);
      compare("law 2 cuts", atRandom(random));
    }
    if (faults.length === 0 && isTimeless(session) && isTimeless(neighbour)) {
      const second = this.#beside(session, neighbour, random);
      if (second === null) return faults;
      if ("law" in second) faults.push(second);
      else faults.push(...compareRuns("neighbour", first, second));
    }
    return faults;
  }

  /** Plays it while another connection continues in the same VM. */
  #beside(session: Session, neighbour: Session, random: Random): Run | Fault | null {
    this.executions++;
    const target = this.#target;
    target.refuel();
    try {
      const one = new Play(target, session, WHOLE, PORTS[0]);
      const other = new Play(target, neighbour, WHOLE, PORTS[1]);
      let [at, beside] = [0, 0];
      while (at < session.ops.length) {
        if (random.oneIn(2)) other.step(beside++);
        else one.step(at++);
      }
      const seen = one.finish();
      other.finish();
      const { findings } = readEvents(target.takeLines());
      if (findings.length > FINDINGS_MAX) return null;
      return { seen, kinds: kindsOf(findings, PORTS[0]), faults: [] };
    } catch (error) {
      return this.#trapped(error);
    }
  }

  #bounds(session: Session, findings: number): Fault[] {
    const target = this.#target;
    const faults: Fault[] = [];
    const active = target.sessionsActive;
    if (active !== 0) {
      faults.push(fault("law 8", "sessions_active", `sessions_active is ${active} after the close`));
      this.#renew();
    } else if (target.memoryBytes > MEMORY_MAX) {
      faults.push(fault("law 8", "memory", `the module has grown to ${target.memoryBytes} bytes`));
      this.#renew();
    }
    const ours = WORK.session + WORK.byte * sizeOf(session) + WORK.event * session.ops.length;
    const most = ours + WORK.finding * findings;
    const { burnt } = target;
    if (burnt > most) {
      faults.push(fault("law 8", "work", `${burnt} rounds of loops for ${sizeOf(session)} bytes`));
    }
    return faults;
  }

  #trapped(error: unknown): Fault {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const lines = this.#target.takeLines().map(({ message }) => message);
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.#renew();
    const where = /wasm-function\[\d+\]|at (\S*assembly\/\S+)/.exec(stack)?.[0] ?? "";
    return fault(
      "trap",
      `${cause instanceof Error ? cause.message : ""} ${where}`,
      [...lines.slice(-1), stack].join("\n"),
    );
  }

  #renew(): void {
    this.#target = new Target(this.built);
    this.#liveBlocks = -1;
  }
}

/** Whether two ways to cut a session may show something else. */
function mayDiffer(session: Session, first: Seen, second: Seen): boolean {
  if (first.tls.crossed || second.tls.crossed) return true;
  return !isWatched(session) && isShifted(first, second);
}

const isWatched = ({ policy }: Session): boolean => POLICIES[policy]?.watches === true;

/**
 * Whether every cut must give the same result. If nothing is held, always. Otherwise what is outstanding may depend on
 * the cuts, so the server must answer everything before anything else happens.
 */
function isComparable(session: Session, { unanswerable, halfway }: Seen): boolean {
  return isWatched(session) || (isLockStep(session) && !unanswerable && !halfway);
}

/**
 * Whether a server that gives more or fewer replies than it was asked for got a stand-in: each shifts by one which reply
 * answers what, and how many there are may depend on cuts, as law 2 in CONTRIBUTING.md allows.
 */
function isShifted(first: Seen, second: Seen): boolean {
  const uneven = first.ahead || first.behind || second.ahead || second.behind;
  return uneven && [first, second].some(({ toServer }) => latin1(toServer).includes("NOOP\r\n"));
}

/** Another connection's timer or update would affect this one as well. */
const isTimeless = ({ ops }: Session): boolean => ops.every(({ kind }) => !["T", "U", "P"].includes(kind));

const kindsOf = (findings: readonly Finding[], port: number): string[] =>
  findings.filter((finding) => finding.port === port).map(({ kind }) => kind);
