/** The loads: by Postfix's smtp-source, or by our own client where it cannot (neither pipelining nor BDAT). */
import { programPath, runProgram } from "./children.js";
import type { ClientPlan } from "./client.js";

/** Servers at the end of the loads: Postfix's, and ours that offers CHUNKING. */
export const SINKS = ["smtp-sink", "chunking"] as const;
export type Sink = (typeof SINKS)[number];

/** A way to send messages. */
export interface Load {
  name: string;
  sink: Sink;
  /** How many messages calibration starts with: about a tenth of a second's. */
  first: number;
  /** Connections at a time. */
  sessions: number;
  by: "smtp-source" | "client";
  /** Arguments of smtp-source. */
  args?: string[];
  /** What our client sends. */
  plan?: Omit<ClientPlan, "port" | "messages" | "sessions">;
  /** Bar in profile recommended: CPU over plain, at most (../README.md). */
  mostCpu?: number;
}

export interface LoadResult {
  messages: number;
  /** From the start of the client to its end. */
  seconds: number;
  /** Microseconds from a command to its reply, of our client only. */
  p50?: number;
  p99?: number;
}

const ENVELOPE = ["-M", "client.example.test", "-f", "sender@example.test", "-t", "user@example.test"];
/** Octets of a mebibyte. */
export const MIB = 1_048_576;

const source = (name: string, first: number, sessions: number, args: string[], mostCpu?: number): Load => ({
  name,
  sink: "smtp-sink",
  first,
  sessions,
  by: "smtp-source",
  args: [...args, ...ENVELOPE],
  ...(mostCpu === undefined ? {} : { mostCpu }),
});

export const LOADS: Load[] = [
  source("1 KiB kept", 300, 8, ["-d", "-l", "1024"], 1.12),
  source("1 KiB a connection each", 150, 8, ["-l", "1024"], 1.2),
  {
    name: "20 recipients pipelined",
    sink: "smtp-sink",
    first: 150,
    sessions: 8,
    by: "client",
    plan: { recipients: 20, bytes: 1024, body: "data", pipelined: true },
    mostCpu: 1.15,
  },
  source("1 MiB", 20, 2, ["-d", "-l", String(MIB)], 1.25),
  source("25 MiB", 2, 2, ["-d", "-l", String(25 * MIB)]),
  {
    name: "BDAT 1 MiB",
    sink: "chunking",
    first: 20,
    sessions: 2,
    by: "client",
    plan: { recipients: 1, bytes: MIB, body: "bdat", pipelined: true },
    mostCpu: 1.05,
  },
];

/** One command at a time, to measure latency. */
export const PACED: Load = {
  name: "paced 1 KiB",
  sink: "smtp-sink",
  first: 100,
  sessions: 8,
  by: "client",
  plan: { recipients: 1, bytes: 1024, body: "data", pipelined: false },
};

/** Sends `messages` to `port` of 127.0.0.1. @throws Error when one is not accepted */
export async function runLoad(
  load: Load,
  port: number,
  messages: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  if (load.by === "client" && load.plan !== undefined) {
    const plan: ClientPlan = { ...load.plan, port, messages, sessions: load.sessions };
    const args = [programPath("./client.js", import.meta.url), JSON.stringify(plan)];
    const output = await runProgram(process.execPath, args, signal);
    return { messages, ...(JSON.parse(output) as { seconds: number; p50: number; p99: number }) };
  }
  const sessions = String(Math.min(load.sessions, messages));
  const args = ["-4", "-s", sessions, "-m", String(messages), ...(load.args ?? []), `127.0.0.1:${port}`];
  const start = performance.now();
  await runProgram("smtp-source", args, signal);
  return { messages, seconds: (performance.now() - start) / 1000 };
}
