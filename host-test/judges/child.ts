/** A mail server as a child process in a process group of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../peers/net.js";
import { greets } from "../peers/smtp-client.js";

export interface ServerOptions {
  command: string;
  args: string[];
  /** The port of 127.0.0.1 on which it must greet. */
  port: number;
  env?: NodeJS.ProcessEnv;
  /** Gets what the server prints on its standard output. */
  onOutput?: (text: string) => void;
}

/** A running server. */
export class ServerProcess {
  private errors = "";

  private constructor(private readonly child: ChildProcess) {
    process.once("exit", this.killNow);
  }

  /** Starts the server and resolves when it greets with 220. @throws Error with what it printed. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    const server = new ServerProcess(child);
    child.on("error", (error) => (server.errors += error.message));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => options.onOutput?.(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      server.errors = (server.errors + text).slice(-ERROR_LIMIT);
    });
    try {
      await waitFor(() => server.gone || greets(options.port), `${options.command} to greet`, 20_000);
      if (server.gone) throw new Error("it ended");
    } catch (error) {
      await server.stop();
      throw new Error(`${options.command} did not start: ${String(error)}\n${server.errors}`, {
        cause: error,
      });
    }
    return server;
  }

  private get gone(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends the whole group, with force after two seconds. */
  async stop(): Promise<void> {
    process.removeListener("exit", this.killNow);
    if (!this.gone) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await Promise.race([ended, pause(2000, undefined, { ref: false })]);
    }
    this.killNow();
  }

  private readonly killNow = (): void => {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // the group is empty already
    }
  };
}

/** The end of a server's error output is enough to see why. */
const ERROR_LIMIT = 8192;
