/** `smtp-inspector tune`: the strictest policy that leaves good traffic alone. */
import { writeFileSync } from "node:fs";
import { PAGES } from "../pages/generated-pages.js";
import type { Follower } from "../workbench/follower.js";
import { whyNot } from "../workbench/files.js";
import { escaped } from "../workbench/view.js";
import { argumentsOf } from "./arguments.js";
import type { Command, Io } from "./command.js";
import { judgeOf, playFile, portNamed, progress, tellNoSession } from "./play-files.js";
import { policyNamed } from "./policy-file.js";
import { type EventLog, newEventLog, readEvents } from "./tune-events.js";
import { type Inputs, inputsOf, logBytes } from "./tune-inputs.js";
import { WrittenPolicy } from "./tune-policy.js";
import { isDoubtful, policyJson, reportJson, reportText, type Result } from "./tune-report.js";
import { checked, type PlayAll, watched } from "./tune-rounds.js";

const HELP = `Usage: smtp-inspector tune FILE… [--from P] [--output FILE]

Writes the strictest policy that leaves traffic alone which you know to be good.
FILE is a capture, a transcript, a folder of these, or a log with the filter's
events (- is one on stdin). What matched goes to detect, reason by reason; where
one or two clients of several cause it all, they are exempt. Recordings are then
played under the result until nothing is prevented; a log is only read.
Within a capture source_abuse remembers sources, by the capture's own time.

  --from P          the policy to relax: a JSON file, or a profile: monitor,
                    recommended, strict, submission (default strict)
  --output FILE     write the policy as JSON; stdout has it with comments
  --logged-under P  the policy whose events the log has (default monitor; of a
                    shadow's events, the policy of --from)
  --port N          sessions to this port only
  --json            the report as one JSON object

Exit code: 0, 1 if not all of the traffic is known (see the notes at the end) or
there is none, 2 a file cannot be read completely, or an argument is wrong.
Examples:
  smtp-inspector tune host-test/vectors/lax_command_syntax.md
  smtp-inspector tune host-test/vectors --from recommended --json
`;

const OPTIONS = {
  from: { type: "string" },
  output: { type: "string" },
  "logged-under": { type: "string" },
  port: { type: "string" },
  json: { type: "boolean" },
} as const;

export const tune: Command = {
  name: "tune",
  summary: "Writes the strictest policy that leaves good traffic alone",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = argumentsOf(COMMAND, args, OPTIONS, Infinity);
    if (positionals.length === 0) throw new Error("FILE is missing: name a capture, a transcript or a log");
    const from = values.from ?? "strict";
    const base = written(from, "--from");
    const under = values["logged-under"];
    const told = under === undefined ? null : written(under, "--logged-under");
    const run = new Run(await inputsOf(positionals), portNamed(values.port), io);
    const log = await run.readLogs();
    const recorded = await watched(base, judgeOf(from, base.watching()), run.playAll);
    if (io.signal.aborted) return tellStopped(io);
    if (recorded.causes.sessions + log.events.live + log.events.shadow === 0)
      return run.tellNothing(positionals);
    const loggedUnder = under ?? (log.events.shadow > 0 ? from : "monitor");
    const unseen = run.inputs.logs.length === 0 ? [] : notLogged(told ?? written(loggedUnder, ""));
    const { causes, incomplete } = recorded;
    log.live.join(log.shadow);
    causes.plus(log.live);
    const logged = new Set(log.live.rows.map(({ protection, reason }) => `${protection}/${reason}`));
    const demand = { base, causes, logged, unseen: new Set(unseen) };
    const { tuned, stillPrevented, stripped } = await checked(
      demand,
      (json) => judgeOf(from, json),
      run.playAll,
    );
    if (io.signal.aborted) return tellStopped(io);
    const { recordings, logs } = run.inputs;
    const result: Result = {
      ...{ from, loggedUnder, tuned, incomplete, stripped, stillPrevented, log },
      files: { recordings: recordings.length, logs: logs.length },
      sessions: causes.sessions,
      sources: causes.sources.size,
    };
    io.out(values.json === true ? `${JSON.stringify(reportJson(result))}\n` : reportText(result));
    if (values.output !== undefined) write(values.output, policyJson(tuned));
    return run.hasProblem ? 2 : isDoubtful(result) ? 1 : 0;
  },
};

const COMMAND = "smtp-inspector tune";

/** @param option for the message @throws Error with the filter's own message about the policy */
function written(name: string, option: string): WrittenPolicy {
  try {
    const text = policyNamed(name).toString("utf8");
    judgeOf(name, text);
    return new WrittenPolicy(text);
  } catch (error) {
    throw new Error((error as Error).message.replace(/^--policy/, option), { cause: error });
  }
}

/** Reasons that a policy has no events of. */
function notLogged(policy: WrittenPolicy): string[] {
  return PAGES.flatMap(({ id, reasons }) =>
    reasons.filter((reason) => policy.modeOf(id, reason.id) === "off").map((reason) => `${id}/${reason.id}`),
  );
}

function write(path: string, json: string): void {
  try {
    writeFileSync(path, json);
  } catch (error) {
    throw new Error(`--output ${path}: ${whyNot(error)}`, { cause: error });
  }
}

function tellStopped(io: Io): number {
  io.err(`${COMMAND}: stopped before the end: no policy\n`);
  return 1;
}

/** The files of one run. */
class Run {
  hasProblem = false;
  readonly #told = new Set<string>();

  constructor(
    readonly inputs: Inputs,
    private readonly port: number | undefined,
    private readonly io: Io,
  ) {}

  /** Plays all recordings, and says once of each what is wrong with it. */
  readonly playAll: PlayAll = async <T>(follower: Follower<T>, tell: (result: T, file: string) => void) => {
    const { port, io } = this;
    for (const file of this.inputs.recordings) {
      if (io.signal.aborted) return;
      const { problem } = await playFile(file, follower, { port, io }, (result) => tell(result, file.path));
      if (problem !== null) this.#tell(file.path, problem);
    }
  };

  async readLogs(): Promise<EventLog> {
    const log = newEventLog();
    const reasons = new Set(
      PAGES.flatMap(({ id, reasons: all }) => all.map((reason) => `${id}/${reason.id}`)),
    );
    const isKnown = (protection: string, reason: string): boolean => reasons.has(`${protection}/${reason}`);
    for (const file of this.inputs.logs) {
      const bytes = logBytes(file, progress(file, this.io), this.io.signal);
      await readEvents(file.path, bytes, isKnown, log);
    }
    return log;
  }

  /** @returns the exit code */
  tellNothing(paths: readonly string[]): number {
    if (this.hasProblem) return 2;
    if (this.inputs.logs.length === 0) return tellNoSession(COMMAND, paths, this.io);
    const names = this.inputs.logs.map(({ path }) => escaped(path)).join(", ");
    this.io.err(
      `${COMMAND}: no event of the filter in ${names}; Envoy writes them at --component-log-level wasm:info\n`,
    );
    return 1;
  }

  #tell(path: string, problem: string): void {
    this.hasProblem = true;
    if (!this.#told.has(path)) this.io.err(`${COMMAND}: ${escaped(path)}: ${escaped(problem)}\n`);
    this.#told.add(path);
  }
}
