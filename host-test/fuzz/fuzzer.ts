/** The loop: pick a session, change it, run it, keep it if it reached something new. */
import type { FuzzModule } from "./build.js";
import { Coverage } from "./coverage.js";
import type { Run } from "./executor.js";
import { Executor } from "./executor.js";
import { mutate } from "./mutate.js";
import type { Fault } from "./fault.js";
import { Random } from "./random.js";
import type { Session } from "./session.js";
import { Pool } from "./pool.js";
import { shrink } from "./shrink.js";

export interface Crash {
  readonly fault: Fault;
  readonly session: Session;
}

export interface FuzzerOptions {
  readonly seed: number;
  /** If false only the first sessions are kept: to measure what guidance is worth. */
  readonly guided?: boolean;
  readonly onCrash?: (crash: Crash) => void;
}

/** Other cuts, a repetition and a neighbour: once in this many sessions, and for all that reach something new. */
const DEEP_EVERY = 12;
const SHRINK_BUDGET = 3000;
const SHRINK_MS = 15_000;
/** Once this many kinds of faults are known, more are only counted. */
const CRASHES_MAX = 60;

export class Fuzzer {
  readonly executor: Executor;
  readonly coverage: Coverage;
  readonly #pool = new Pool();
  readonly crashes: Crash[] = [];
  readonly #random: Random;
  readonly #known = new Set<string>();
  #turn = 0;

  constructor(
    built: FuzzModule,
    private readonly options: FuzzerOptions,
  ) {
    this.executor = new Executor(built);
    this.coverage = new Coverage(built.sites);
    this.#random = new Random(options.seed);
  }

  /** The sessions that reached something new. */
  get corpus(): readonly Session[] {
    return this.#pool.sessions;
  }

  get executions(): number {
    return this.executor.executions;
  }

  /** Adds a session to the corpus and checks every law. */
  seed(session: Session): void {
    if (this.#execute(session, true) !== null) this.#keep(session);
  }

  /** One changed session. */
  step(): void {
    const random = this.#random;
    const parent = this.#pool.pick(random);
    const session = mutate(random, parent, this.#pool.pick(random));
    const deep = ++this.#turn % DEEP_EVERY === 0;
    const run = this.#execute(session, deep);
    // The counters are those of the last run of the deep check.
    if (run === null || run.faults.length > 0 || deep) return;
    if (!this.coverage.isNews(this.executor.counters, run.kinds)) return;
    if (this.options.guided === false) this.coverage.add(this.executor.counters, run.kinds);
    else if (this.#keep(session)) this.#execute(session, true);
  }

  /** @returns false if what was new did not occur again: it was due to the VM's state, such as its garbage */
  #keep(session: Session): boolean {
    const first = this.coverage.add(this.executor.counters, []);
    const run = this.executor.run(session);
    if ("law" in run) return false;
    const features = this.coverage.featuresOf(this.executor.counters, run.kinds);
    const fresh = [...first, ...this.coverage.add(this.executor.counters, run.kinds)];
    const again = new Set(features);
    if (!fresh.some((feature) => again.has(feature))) return false;
    this.#pool.add(session, features);
    return true;
  }

  /** Runs it and records its faults. @returns null when the module trapped */
  #execute(session: Session, deep: boolean): Run | null {
    const run = this.executor.run(session);
    if ("law" in run) {
      this.#crash(session, run);
      return null;
    }
    const faults = [...run.faults];
    const leak = this.#turn % 4 === 0 || deep ? this.executor.leaks(session) : null;
    if (leak !== null) faults.push(leak);
    if (deep) {
      const neighbour = this.corpus.length > 0 ? this.#random.pick(this.#pool.sessions) : session;
      faults.push(...this.executor.deep(session, run, this.#random, neighbour));
    }
    for (const fault of faults) this.#crash(session, fault);
    return { ...run, faults };
  }

  #crash(session: Session, fault: Fault): void {
    const key = `${fault.law} ${fault.key}`;
    if (this.#known.has(key) || this.#known.size >= CRASHES_MAX) return;
    this.#known.add(key);
    const small = shrink(session, (candidate) => this.#shows(candidate, fault), SHRINK_BUDGET, SHRINK_MS);
    const crash = { fault: this.#faultsOf(small).find((one) => isSame(one, fault)) ?? fault, session: small };
    this.crashes.push(crash);
    this.options.onCrash?.(crash);
  }

  #shows(session: Session, fault: Fault): boolean {
    return this.#faultsOf(session).some((one) => isSame(one, fault));
  }

  /** All faults of a session, by every oracle; the random cuts are the same each time. */
  #faultsOf(session: Session): Fault[] {
    const run = this.executor.run(session);
    if ("law" in run) return [run];
    const leak = this.executor.leaks(session);
    const deep = this.executor.deep(session, run, new Random(1), this.#pool.sessions[0] ?? session);
    return [...run.faults, ...deep, ...(leak === null ? [] : [leak])];
  }

  /** All faults of a session that is played again. */
  replay(session: Session): Fault[] {
    return this.#faultsOf(session);
  }
}

const isSame = (one: Fault, other: Fault): boolean => one.law === other.law && one.key === other.key;
