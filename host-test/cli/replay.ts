/** `smtp-inspector replay`: what a policy makes of recorded sessions. */
import { type InputFile, inputFiles } from "../workbench/files.js";
import type { Judge } from "../workbench/judge.js";
import { count, newTally } from "../workbench/tally.js";
import { escaped } from "../workbench/view.js";
import { argumentsOf } from "./arguments.js";
import type { Command, Io } from "./command.js";
import { HtmlOutput, JsonOutput, type Output, TextOutput } from "./outputs.js";
import { judgeOf, playFile, portNamed, tellNoSession } from "./play-files.js";

const HELP = `Usage: smtp-inspector replay FILE… [--policy P] [--port N] [--json|--html]

Plays recorded SMTP sessions through the filter and shows each conversation,
with what was found under the line that caused it. FILE is a capture (pcap or
pcapng; - is one on stdin), a Markdown transcript with the marks of
host-test/vectors, or a folder. Sessions stand in the order in which they end.

  --policy P   a policy's JSON file, or a profile: monitor, recommended, strict
               (default recommended)
  --port N     sessions to this port only; without it ports 25, 465, 587, 2525
               and whatever begins with a greeting of 220
  --json       one JSON object a line: each session, then each file
  --html       one HTML file that needs nothing else

C: and S: passed; C> and S> did not reach the other side; S< and C< the filter
said. With a second colon (C::, C>:) the line does not end in CRLF, or its end
is written out. Exit code: 0 clean, 1 findings, a session that could not be
judged to its end or no session at all, 2 a file cannot be read (whole).

Examples:
  smtp-inspector replay host-test/vectors/exchange_command.md --policy strict
  smtp-inspector replay host-test/vectors --policy envoy/policy.json --html
`;

const OPTIONS = {
  policy: { type: "string" },
  port: { type: "string" },
  json: { type: "boolean" },
  html: { type: "boolean" },
} as const;

interface Options {
  paths: string[];
  policy: string;
  port: number | undefined;
  output: (io: Io) => Output;
}

export const replay: Command = {
  name: "replay",
  summary: "What a policy makes of captured sessions",
  help: HELP,
  async run(args, io) {
    const options = parse(args);
    const judge = judgeOf(options.policy);
    const files = await inputFiles(options.paths);
    const output = options.output(io);
    output.begin(options.policy);
    let [code, sessions] = [0, 0];
    for (const file of files) {
      const replayed = await replayFile(file, judge, options.port, output, io);
      code = Math.max(code, replayed.code);
      sessions += replayed.sessions;
      if (io.signal.aborted) break;
    }
    output.end();
    if (sessions > 0 || code > 0 || io.signal.aborted) return code;
    return tellNoSession("smtp-inspector replay", options.paths, io);
  },
};

/** @throws Error that names the argument */
function parse(args: readonly string[]): Options {
  const { values, positionals } = argumentsOf("smtp-inspector replay", args, OPTIONS, Infinity);
  if (positionals.length === 0) throw new Error("FILE is missing: name a capture, a transcript or a folder");
  if (values.json === true && values.html === true) {
    throw new Error("--json and --html exclude each other: name the one that is to be written");
  }
  const Told = values.json === true ? JsonOutput : values.html === true ? HtmlOutput : TextOutput;
  return {
    paths: positionals,
    policy: values.policy ?? "recommended",
    port: portNamed(values.port),
    output: (io) => new Told(io),
  };
}

/** @returns the exit code for this file, and how many sessions are in it */
async function replayFile(
  file: InputFile,
  judge: Judge,
  port: number | undefined,
  output: Output,
  io: Io,
): Promise<{ code: number; sessions: number }> {
  const tally = newTally();
  output.beginFile(file.path);
  const { counts, problem } = await playFile(file, judge, { port, io }, (report) => {
    count(tally, report);
    output.session(report);
  });
  output.endFile(tally, counts, problem);
  if (problem !== null) io.err(`smtp-inspector replay: ${escaped(file.path)}: ${escaped(problem)}\n`);
  const code = problem !== null ? 2 : tally.withFindings + tally.notJudged > 0 ? 1 : 0;
  return { code, sessions: tally.sessions };
}
