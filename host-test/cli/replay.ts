/** `smtp-inspector replay`: what a policy does to recorded sessions. */
import { type InputFile, inputFiles } from "../workbench/files.js";
import type { Judge } from "../workbench/judge.js";
import { count, newTally } from "../workbench/tally.js";
import { escaped } from "../workbench/view.js";
import { argumentsOf } from "./arguments.js";
import type { Command, Io } from "./command.js";
import { HtmlOutput, JsonOutput, type Output, SummaryOutput, TextOutput } from "./outputs.js";
import { judgeOf, playFile, portNamed, tellNoSession } from "./play-files.js";

const HELP = `Usage: smtp-inspector replay FILE… [--policy P] [--port N] [--json|--html]

Replays recorded SMTP sessions through the filter and shows each conversation,
with each finding below its line, in the order in which sessions end. FILE is a
capture (pcap, pcapng, also gzip'd), a Markdown transcript, lines with "S: " and
"C: ", what swaks or openssl s_client printed, a folder, or - for stdin.
Within a capture source_abuse remembers sources, by the capture's own time.

  --policy P   a policy's JSON file, or a profile: monitor,
               recommended (default), strict, submission
  --port N     sessions to this port only; without it ports 25, 465, 587, 2525
               and whatever begins with a 220 greeting
  --summary    one line per session
  --only findings   sessions with some
  --json       one JSON object per line, of the shape of the filter's own log
               (envoy/events.schema.json), by event_type: each finding (alert),
               each session's record (smtp), totals of each file (replay).
               connection_id is the number of the session
  --html       one self-contained HTML file

C: and S: passed; C> and S> did not reach the other side; S< and C< come from
the filter. A second colon (C::, C>:) is for a line that does not end with CRLF.
Exit code: 0 clean, 1 findings, an incomplete session or none at all, 2 a file
cannot be read completely.

Examples:
  smtp-inspector replay host-test/vectors/exchange_command.md --policy strict
  smtp-inspector replay host-test/vectors --policy envoy/policy.json --html
`;

const OPTIONS = {
  policy: { type: "string" },
  port: { type: "string" },
  json: { type: "boolean" },
  html: { type: "boolean" },
  summary: { type: "boolean" },
  only: { type: "string" },
} as const;

interface Options {
  paths: string[];
  policy: string;
  port: number | undefined;
  /** Leave out sessions without a finding; they are counted all the same. */
  onlyFindings: boolean;
  output: (io: Io) => Output;
}

export const replay: Command = {
  name: "replay",
  summary: "Shows what a policy does to recorded sessions",
  help: HELP,
  async run(args, io) {
    const options = parse(args);
    const judge = judgeOf(options.policy);
    const files = await inputFiles(options.paths);
    const output = options.output(io);
    output.begin(options.policy);
    let [code, sessions] = [0, 0];
    for (const file of files) {
      const replayed = await replayFile(file, judge, options, output, io);
      code = Math.max(code, replayed.code);
      sessions += replayed.sessions;
      if (io.signal.aborted) break;
    }
    output.end();
    if (sessions > 0 || code > 0 || io.signal.aborted) return code;
    return tellNoSession("smtp-inspector replay", options.paths, io);
  },
};

const OUTPUTS = { json: JsonOutput, html: HtmlOutput, summary: SummaryOutput, text: TextOutput };

/** @throws Error that names the argument */
function parse(args: readonly string[]): Options {
  const { values, positionals } = argumentsOf("smtp-inspector replay", args, OPTIONS, Infinity);
  if (positionals.length === 0) throw new Error("FILE is missing: name a capture, a transcript or a folder");
  const forms = (["json", "html", "summary"] as const).filter((form) => values[form] === true);
  if (forms.length > 1) throw new Error(`--${forms.join(" and --")} cannot be combined: give one of them`);
  if (values.only !== undefined && values.only !== "findings")
    throw new Error(`--only needs findings, not ${JSON.stringify(values.only)}`);
  const Told = OUTPUTS[forms[0] ?? "text"];
  return {
    paths: positionals,
    policy: values.policy ?? "recommended",
    port: portNamed(values.port),
    onlyFindings: values.only !== undefined,
    output: (io) => new Told(io),
  };
}

/** @returns the exit code for this file, and its number of sessions */
async function replayFile(
  file: InputFile,
  judge: Judge,
  { port, onlyFindings }: Options,
  output: Output,
  io: Io,
): Promise<{ code: number; sessions: number }> {
  const tally = newTally();
  output.beginFile(file.path);
  const { counts, problem } = await playFile(file, judge, { port, io }, (report) => {
    count(tally, report);
    const found = report.findings.length + (report.shadow?.findings.length ?? 0);
    if (!onlyFindings || found > 0) output.session(report);
  });
  output.endFile(tally, counts, problem);
  if (problem !== null) io.err(`smtp-inspector replay: ${escaped(file.path)}: ${escaped(problem)}\n`);
  const code = problem !== null ? 2 : tally.withFindings + tally.notJudged > 0 ? 1 : 0;
  return { code, sessions: tally.sessions };
}
