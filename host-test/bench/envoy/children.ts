/** Programs that a benchmark starts: it waits until each is ready, and ends it. */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

type Child = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<Child>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A program's output and how it ended. */
export interface Ended {
  code: number | null;
  output: string;
  /** The end of what it wrote to standard error. */
  errors: string;
}

/** A program that runs until it is stopped. */
export interface Service {
  pid: number;
  /** Stops it, by force after 2 seconds; resolves when it has ended. */
  stop(): Promise<void>;
}

/** How much of a program's error output is kept. */
const ERRORS_KEPT = 2000;

function launch(command: string, args: string[]): { child: Child; ended: Promise<Ended> } {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("latin1")).slice(-ERRORS_KEPT);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("error", (error) => resolve({ code: null, output, errors: error.message }));
    child.once("close", (code) => resolve({ code, output, errors }));
  }).finally(() => running.delete(child));
  return { child, ended };
}

/** Runs a program to its end. @throws Error with its error output when it fails; the signal's reason when aborted */
export async function runProgram(command: string, args: string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { child, ended } = launch(command, args);
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  const { code, output, errors } = await ended;
  signal.removeEventListener("abort", kill);
  signal.throwIfAborted();
  if (code === 0) return output;
  // Ctrl-C ends the children too; our own signal may come a moment later, and is then the reason.
  await delay(50);
  signal.throwIfAborted();
  throw new Error(`${command} ${args.join(" ")} failed (${code ?? "not started"}): ${errors.trim()}`);
}

/** Starts a server that is ready when `port` of 127.0.0.1 accepts. @throws Error with its error output when it ends */
export async function startService(command: string, args: string[], port: number): Promise<Service> {
  const { child, ended } = launch(command, args);
  let gone: Ended | undefined;
  void ended.then((how) => (gone = how));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(force);
  };
  const deadline = Date.now() + 15_000;
  while (gone === undefined && Date.now() < deadline) {
    if (await accepts(port)) return { pid: child.pid ?? 0, stop };
    await delay(20);
  }
  await stop();
  throw new Error(`${command} did not listen on port ${port}: ${gone?.errors.trim() ?? "15 s passed"}`);
}

/**
 * Starts `perf record` on one thread; resolves when it samples, and `stop` when its file is complete.
 * @throws Error that says how to get perf
 */
export async function startRecorder(file: string, thread: number, frequency: string): Promise<Service> {
  const args = ["record", "-F", frequency, "-t", String(thread), "-o", file];
  const { child, ended } = launch("perf", args);
  let gone: Ended | undefined;
  void ended.then((how) => (gone = how));
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await ended;
  };
  const deadline = Date.now() + 15_000;
  while (gone === undefined && Date.now() < deadline) {
    // The file has its header as soon as the events are open.
    if (existsSync(file) && statSync(file).size > 0) return { pid: child.pid ?? 0, stop };
    await delay(20);
  }
  await stop();
  throw new Error(
    `perf does not record (apt-get install linux-perf; needs root): ${gone?.errors.trim() ?? "15 s"}`,
  );
}

/** Path of one of our programs, in the same folder as the file with this URL. */
export function programPath(name: string, beside: string): string {
  return fileURLToPath(new URL(name, beside));
}

/** Whether someone accepts connections on `port` of 127.0.0.1. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const accepted = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return accepted;
}
