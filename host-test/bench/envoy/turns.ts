/** Runs that take turns, so that whatever else the machine does affects all that is compared alike. */
import type { BenchOptions } from "../result.js";
import type { CheckedRun, EnvoyLab } from "./lab.js";
import type { Load } from "./loads.js";

/** One of those that are compared. */
export interface Contestant {
  /** Its name in the rows. */
  name: string;
  /** The setting that it runs through. */
  setting: string;
  load: Load;
}

/** What a contestant's runs of one pair cost in all. */
export interface Cost {
  /** CPU nanoseconds of Envoy's worker a message. */
  cpu: number;
  /** Messages a second. */
  speed: number;
  findings: string[];
}

/**
 * A pair is made of short runs that take turns, and each contestant's runs are summed. A second of load is far more than
 * the few ms by which schedstat can be wrong.
 */
const TURNS = { long: { turns: 4, seconds: 1 }, short: { turns: 2, seconds: 0.4 } };

/** How many messages give a run of the wanted length; the first run also warms up caches. */
export async function calibrate(lab: EnvoyLab, by: Contestant, options: BenchOptions): Promise<number> {
  const { load, setting } = by;
  await lab.run(setting, load, load.first, options);
  const { seconds } = await lab.run(setting, load, load.first, options);
  const wanted = (options.short ? TURNS.short : TURNS.long).seconds;
  return Math.max(load.sessions, Math.round((load.first / seconds) * wanted));
}

/** One pair: a sample of each contestant, by its name. */
export async function takeTurns(
  lab: EnvoyLab,
  contestants: Contestant[],
  messages: number,
  options: BenchOptions,
): Promise<Map<string, Cost>> {
  const { turns } = options.short ? TURNS.short : TURNS.long;
  const runs = new Map<string, CheckedRun[]>(contestants.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    // Forwards and backwards, so that no contestant always runs after the same one.
    for (const { name, setting, load } of turn % 2 === 0 ? contestants : contestants.toReversed())
      runs.get(name)?.push(await lab.checkedRun(setting, load, messages, options));
  }
  return new Map([...runs].map(([name, each]) => [name, sum(each)]));
}

function sum(runs: CheckedRun[]): Cost {
  const total = (what: (run: CheckedRun) => number): number => runs.reduce((all, run) => all + what(run), 0);
  const messages = total((run) => run.messages);
  return {
    cpu: total((run) => run.cpu * run.messages) / messages,
    speed: messages / total((run) => run.seconds),
    findings: runs.at(-1)?.findings ?? [],
  };
}
