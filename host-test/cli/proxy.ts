/** `smtp-inspector proxy`: the filter in front of a mail server, without Envoy; shows every conversation as it happens. */
import { once } from "node:events";
import { readFileSync, type Stats, unwatchFile, watchFile } from "node:fs";
import { Plugin, type PluginOptions } from "../host/plugin.js";
import { filterCheck } from "../lint/filter-check.js";
import { type PolicyCheck, policyProblems, wholeFile } from "../lint/policy.js";
import { problemLines } from "../lint/problem.js";
import { eventIn } from "../workbench/evidence.js";
import { whyNot } from "../workbench/files.js";
import { toldInFull } from "../workbench/sessions.js";
import { argumentsOf } from "./arguments.js";
import { inColour } from "./colour.js";
import type { Command, Io } from "./command.js";
import { filterModule } from "./front.js";
import { LiveSession, type Watcher } from "../workbench/live-session.js";
import { NodeProxy } from "./node-proxy.js";
import { isProfile } from "../pages/words.js";
import { policyNamed } from "./policy-file.js";
import { printable } from "../workbench/printable.js";

export const proxy: Command = {
  name: "proxy",
  summary: "Runs the filter live in front of a mail server, without Envoy",
  help: `Usage: smtp-inspector proxy --to HOST:PORT [--listen HOST:PORT] [--policy P]

Passes mail through the filter to the server HOST:PORT and shows each session
as it happens, with each finding below the line that caused it.

  --listen A   where clients connect; default 127.0.0.1:2525, port 0: any
  --policy P   a policy's JSON file, or a profile: monitor, recommended, strict
               (default recommended)

A policy file is reloaded when it changes and on SIGHUP, as in Envoy: new
sessions use the new policy, open ones keep theirs for 10 minutes. If the new
one is refused, the old one stays. Ctrl-C ends all sessions and the program.

C: and S: passed; C> and S> did not reach the other side; S< and C< come from
the filter. With a second colon (C::, C>:) the line does not end with CRLF, or
its end is written out. Exit code: 0 no findings, 1 findings, 2 cannot start,
130 on Ctrl-C.

Examples:
  smtp-inspector proxy --to 127.0.0.1:25
  smtp-inspector proxy --listen 127.0.0.1:0 --to localhost:25 --policy strict
  smtp-inspector proxy --to localhost:2526 --policy envoy/policy.json
`,
  async run(args, io) {
    const { to, upstream, listen, policy: name } = chosen(args);
    const module = filterModule();
    const policy = new LivePolicy(name, filterCheck(module));
    const { text, warnings } = policy.read();
    let accepted = text;
    for (const line of warnings) io.err(`${line}\n`);
    const tally = { sessions: 0, withFindings: 0 };
    const observe = observing(io, tally);
    const load = (): Plugin => {
      const plugin = Plugin.load(module, { configuration: toldInFull(accepted), observe });
      plugin.onLog = ({ level, message }) => {
        if (level !== "info" && eventIn(message) === null) io.err(`${printable(message, 500)}\n`);
      };
      return plugin;
    };
    const onError = (line: string): void => io.err(`${printable(line, 500)}\n`);
    const running = await started({ load, listen, upstream, onError });
    const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
    io.out(`== ${host}:${running.port} → ${to}, policy ${printable(policy.name)}; Ctrl-C to stop\n`);
    const stopReloading = reloads(policy, io, (renewed) => {
      accepted = renewed;
      running.serving.update(toldInFull(renewed));
      return running.serving;
    });
    if (!io.signal.aborted) await once(io.signal, "abort");
    stopReloading();
    await running.stop();
    const { sessions, withFindings } = tally;
    io.out(`== ${sessions} session${sessions === 1 ? "" : "s"}, ${withFindings} with findings\n`);
    return withFindings > 0 ? 1 : 0;
  },
};

interface Endpoint {
  host: string;
  port: number;
}

/** @throws Error that names the argument */
function chosen(args: readonly string[]): {
  to: string;
  upstream: Endpoint;
  listen: Endpoint;
  policy: string;
} {
  const { values } = argumentsOf("smtp-inspector proxy", args, {
    listen: { type: "string" },
    to: { type: "string" },
    policy: { type: "string" },
  });
  const { to, listen = "127.0.0.1:2525", policy = "recommended" } = values;
  if (to === undefined) throw new Error("--to HOST:PORT is missing: the mail server behind the filter");
  return { to, upstream: endpoint("--to", to), listen: endpoint("--listen", listen), policy };
}

/** Shows each session, numbered as they come, and counts them in `tally`. */
function observing(
  io: Io,
  tally: { sessions: number; withFindings: number },
): NonNullable<PluginOptions["observe"]> {
  const watcher: Watcher = {
    line: linesTo(io),
    ended: (findings) => {
      tally.sessions++;
      if (findings > 0) tally.withFindings++;
    },
  };
  let sessions = 0;
  return ({ sourceAddress }) => new LiveSession(++sessions, sourceAddress, watcher);
}

/** @throws Error that names the option */
function endpoint(option: string, text: string): Endpoint {
  const found = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3] ?? Number.NaN);
  if (found === null || port > 65535 || (port === 0 && option === "--to")) {
    throw new Error(
      `${option} needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not ${JSON.stringify(text)}`,
    );
  }
  return { host: found[1] ?? found[2] ?? "", port };
}

/** @throws Error that names `--listen` */
async function started(options: Parameters<typeof NodeProxy.start>[0]): Promise<NodeProxy> {
  try {
    return await NodeProxy.start(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const { host, port } = options.listen;
    const why =
      { EADDRINUSE: "the port is already in use", EACCES: "this port needs root" }[code ?? ""] ?? message;
    throw new Error(`--listen ${host}:${port}: ${why}; choose another`, { cause: error });
  }
}

/** A policy that may change: that of a file can, that of a profile cannot. */
class LivePolicy {
  /** The file; null for a profile. */
  readonly file: string | null;

  constructor(
    readonly name: string,
    private readonly check: PolicyCheck,
  ) {
    this.file = isProfile(name) ? null : name;
  }

  /** @throws Error with file, line and column of what the filter refuses */
  read(bytes = policyNamed(this.name)): { text: string; warnings: string[] } {
    const text = bytes.toString("utf8");
    const problems = policyProblems(wholeFile(new Uint8Array(bytes)), this.check);
    // Notes on a valid policy are not printed at each start; lint has them.
    const faults = problems.filter(({ level }) => level !== "note");
    const lines = problemLines(this.name, text, faults);
    if (problems.some(({ level }) => level === "error")) throw new Error(lines.join("; "));
    return { text, warnings: lines };
  }

  /** Reads it again while the proxy runs. @throws Error as above, or why the file cannot be read */
  again(): { text: string; warnings: string[] } {
    if (this.file === null) return this.read();
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.file);
    } catch (error) {
      throw new Error(`${this.file}: ${whyNot(error)}`, { cause: error });
    }
    return this.read(bytes);
  }
}

/** Reloads the policy when needed. @param apply makes it the policy of new sessions @returns ends that */
function reloads(policy: LivePolicy, io: Io, apply: (text: string) => Plugin): () => void {
  let drain: NodeJS.Timeout | undefined;
  /** Why it was last refused; null if it was accepted. */
  let refused: string | null = null;
  /** @param isNew the user asked or changed the file: the same refusal is printed again */
  const reload = (isNew: boolean): void => {
    try {
      const { text, warnings } = policy.again();
      const serving = apply(text);
      refused = null;
      for (const line of warnings) io.err(`${line}\n`);
      io.out(`== policy ${printable(policy.name)} reloaded: new sessions use it\n`);
      clearTimeout(drain);
      drain = setTimeout(() => serving.drainOld(), DRAIN_MS);
    } catch (error) {
      const why = printable((error as Error).message, 1000);
      if (isNew || why !== refused) io.err(`policy refused, the previous one stays in force: ${why}\n`);
      refused = why;
    }
  };
  const { file } = policy;
  const hangUp = (): void => reload(true);
  process.on("SIGHUP", hangUp);
  const changed = (now: Stats, was: Stats): void => {
    if (now.mtimeMs !== was.mtimeMs || now.size !== was.size) reload(now.nlink > 0);
  };
  if (file !== null) watchFile(file, { interval: LOOK_MS }, changed);
  return () => {
    process.off("SIGHUP", hangUp);
    if (file !== null) unwatchFile(file, changed);
    clearTimeout(drain);
  };
}

/** Prints lines as long as somebody reads them: mail does not wait for it, and unread lines must not pile up. */
function linesTo(io: Io): (line: string) => void {
  let dropped = 0;
  return (line) => {
    if ((io.unread?.() ?? 0) > MOST_UNREAD) {
      dropped++;
      return;
    }
    if (dropped > 0) io.out(`== ${dropped} lines not shown: the output was not read in time\n`);
    dropped = 0;
    io.out(inColour(io, `${line}\n`));
  };
}

/** Some 200,000 lines: a burst of a thousand long sessions. */
const MOST_UNREAD = 16 * 1024 * 1024;
/** Envoy's `--drain-time-s`: how long open sessions may keep the policy they began with. */
const DRAIN_MS = 600_000;
/** How often a policy's file is checked for changes. */
const LOOK_MS = 500;
