/**
 * CPU time of threads and processes, from Linux's /proc. `schedstat` counts nanoseconds where `stat` has ticks of 10 ms,
 * and is exact for a thread that sleeps; one that runs may be behind by up to a tick.
 */
import { readdir, readFile } from "node:fs/promises";

/** Nanoseconds of a tick in /proc/<pid>/stat: Linux reports 100 per second on every architecture. */
const TICK_NS = 10_000_000;

interface Stat {
  pid: number;
  parent: number;
  group: number;
  /** Ticks in user and kernel mode of children that ended and were waited for. */
  reaped: number;
}

/** CPU nanoseconds of one thread so far; its first `schedstat` field. @throws Error when the thread is gone */
export async function threadCpu(pid: number, thread: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "latin1");
  return Number(text.split(" ")[0]);
}

/** Number of the thread of `pid` with this name. @throws Error when there is none */
export async function findThread(pid: number, name: string): Promise<number> {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const called = (await readFile(`/proc/${pid}/task/${thread}/comm`, "latin1").catch(() => "")).trim();
    if (called === name) return Number(thread);
  }
  throw new Error(`process ${pid} has no thread called ${name}`);
}

/** CPU nanoseconds of all living threads of a process; 0 when it is gone. */
export async function processCpu(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const each = await Promise.all(threads.map((thread) => threadCpu(pid, Number(thread)).catch(() => 0)));
  return each.reduce((sum, nanoseconds) => sum + nanoseconds, 0);
}

/**
 * CPU nanoseconds of a process group: of its living members, and of what its leader waited for, which is exact to a tick
 * a process. A leader that forks its workers, as Postfix's master does, so loses none that ended.
 */
export async function groupCpu(leader: number): Promise<number> {
  const members = (await allStats()).filter((each) => each.group === leader);
  const living = await Promise.all(members.map((each) => processCpu(each.pid)));
  const reaped = members.find((each) => each.pid === leader)?.reaped ?? 0;
  return living.reduce((sum, nanoseconds) => sum + nanoseconds, reaped * TICK_NS);
}

/** The child of this process whose command line contains `text`. @throws Error when there is none */
export async function findChild(text: string): Promise<number> {
  for (const each of await allStats()) {
    if (each.parent !== process.pid) continue;
    const line = await readFile(`/proc/${each.pid}/cmdline`, "latin1").catch(() => "");
    if (line.includes(text)) return each.pid;
  }
  throw new Error(`no child of this process has ${text} in its command line`);
}

async function allStats(): Promise<Stat[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "latin1").catch(() => "")));
  return texts.filter((text) => text !== "").map(parseStat);
}

/** Fields of proc(5), counted after the name, which may itself contain spaces and parentheses. */
function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const at = (number: number): number => Number(fields[number - 3]);
  return { pid: parseInt(text, 10), parent: at(4), group: at(5), reaped: at(16) + at(17) };
}
