/** One way to drive a host around a module, whether the host is ours under Node or a real Envoy. */
import { readFile } from "node:fs/promises";
import type { ProbeName } from "./probe.js";

export interface RigOptions {
  /** Which module; "probe" by default. */
  module?: ProbeName;
  /** `per_connection_buffer_limit_bytes`. */
  bufferLimit?: number;
  vmConfiguration?: string;
  workers?: number;
  /** Whether `update` will be called. */
  updates?: boolean;
  /** A second listener in the same VMs, with this configuration; `connect(1)` reaches it. */
  second?: string;
}

/** What has been seen; a field that is not given is not compared. */
export interface View {
  /** What the module logged since the last look. */
  logs?: string[];
  /** All that the server has received. */
  server?: string;
  client?: string;
  /** Lengths instead of contents. */
  serverLength?: number;
  /** Whether that side has seen the end of the stream, or the connection is gone. */
  serverEnded?: boolean;
  clientEnded?: boolean;
}

export interface Side {
  send(text: string): Promise<void>;
  /** Ends this side's half of the connection. */
  end(): Promise<void>;
  reset(): Promise<void>;
}

/** A client, the filter, and a server. */
export interface Session {
  readonly client: Side;
  readonly server: Side;
  /** Compares what can be seen, as soon as it can be. */
  sees(view: View): Promise<void>;
  /** What the module has logged since the last look, where a value in it is not known beforehand. */
  peek(): Promise<string[]>;
}

export interface Rig {
  /** All that was logged before the first connection. */
  readonly startLogs: string[];
  connect(listener?: number): Promise<Session>;
  /** Lets the timer fire, for a module that set one. */
  tick(): Promise<void>;
  /** @returns whether the new configuration was taken */
  update(configuration: string): Promise<boolean>;
  /** Ends the drain time of earlier configurations. */
  drainOld(): Promise<void>;
  /** Value of a statistic that the module defined. */
  metric(name: string): Promise<number | undefined>;
  /** @returns what the module logged because of it */
  stop(): Promise<string[]>;
}

export interface Lab {
  readonly name: string;
  /** Why nothing can be run in this lab; null when it can. */
  readonly missing: string | null;
  /** @throws Error with the module's last warning or error when it refuses its configuration */
  start(configuration: string, options?: RigOptions): Promise<Rig>;
}

/** Text to bytes and back, one byte a character, so that every byte value can be written. */
export const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
export const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

/** The module's path read as bytes. */
export const readModule = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(path));
