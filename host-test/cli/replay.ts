/** `smtp-inspector replay`: what a policy makes of recorded sessions. */
import { stderr } from "node:process";
import { parseArgs } from "node:util";
import { ConfigurationRefused } from "../host/plugin.js";
import { chunksOf, type InputFile, inputFiles, readTranscript } from "../workbench/files.js";
import type { SessionReport } from "../workbench/model.js";
import type { Judge } from "../workbench/report.js";
import {
  type FlowCounts,
  loadJudge,
  newCounts,
  replayCapture,
  replayTranscript,
} from "../workbench/sessions.js";
import { CaptureError } from "../workbench/source.js";
import { parseTranscript } from "../workbench/transcript.js";
import { escaped, sessionJson, sessionText } from "../workbench/view.js";
import type { Command, Io } from "./command.js";
import { filterModule } from "./front.js";
import { policyNamed } from "./policy-file.js";

const HELP = `Usage: smtp-inspector replay FILE… [--policy P] [--port N] [--json]

Plays recorded SMTP sessions through the filter and shows each conversation,
with what was found under the line that caused it. FILE is a capture (pcap or
pcapng), a Markdown transcript with the marks of host-test/vectors, or a folder.

  --policy P   a policy's JSON file, or a profile: monitor, recommended, strict
               (default recommended)
  --port N     sessions to this port only; without it ports 25, 465, 587, 2525
               and whatever begins with a greeting of 220
  --json       one JSON object a line: each session, then each file

C: and S: passed; C> and S> did not reach the other side; S< and C< the filter
said. Exit code: 0 no findings, 1 findings, 2 a file cannot be read (whole).

Examples, from the project's folder:
  smtp-inspector replay host-test/vectors/exchange_command.md --policy strict
  smtp-inspector replay host-test/vectors --policy envoy/policy.json --json
`;

/** Longer input shows how far it is. */
const PROGRESS_FROM = 10_000_000;

interface Options {
  paths: string[];
  policy: string;
  port: number | undefined;
  json: boolean;
}

export const replay: Command = {
  name: "replay",
  summary: "what a policy makes of captured sessions",
  help: HELP,
  async run(args, io) {
    const options = parse(args);
    const judge = judgeOf(options.policy);
    const files = await inputFiles(options.paths);
    let code = 0;
    for (const file of files) {
      code = Math.max(code, await replayFile(file, judge, options, io));
      if (io.signal.aborted) break;
    }
    return code;
  },
};

/** @throws Error that names the argument */
function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { policy: { type: "string" }, port: { type: "string" }, json: { type: "boolean" } },
    });
  } catch (error) {
    const said = (error as Error).message.split(". ")[0] as string;
    throw new Error(`${said}; see smtp-inspector replay --help`, { cause: error });
  }
}

/** @throws Error that names the argument */
function parse(args: readonly string[]): Options {
  const { values, positionals } = read(args);
  if (positionals.length === 0) throw new Error("FILE is missing: name a capture, a transcript or a folder");
  const { port } = values;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw new Error(`--port takes a number from 1 to 65535, not ${JSON.stringify(port)}`);
  }
  return {
    paths: positionals,
    policy: values.policy ?? "recommended",
    port: port === undefined ? undefined : Number(port),
    json: values.json ?? false,
  };
}

/** @throws Error with what the filter itself says of the policy */
function judgeOf(policy: string): Judge {
  const module = filterModule();
  const text = policyNamed(policy).toString("utf8");
  try {
    return loadJudge(module, text);
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new Error(`--policy ${policy}: ${error.message}`, { cause: error });
  }
}

/** @returns the exit code for this file */
async function replayFile(file: InputFile, judge: Judge, options: Options, io: Io): Promise<number> {
  const counts = newCounts();
  const tally = { sessions: 0, withFindings: 0, notJudged: 0 };
  const tell = (report: SessionReport): void => {
    tally.sessions++;
    if (report.findings.length > 0) tally.withFindings++;
    if (report.incomplete !== null) tally.notJudged++;
    if (options.json) io.out(`${JSON.stringify({ file: file.path, session: sessionJson(report) })}\n`);
    else io.out(`${sessionText(report)}\n`);
  };
  if (!options.json) io.out(`# ${escaped(file.path)}\n`);
  let problem: string | null = null;
  try {
    if (file.kind === "transcript") {
      const conversations = parseTranscript(await readTranscript(file.path), file.path);
      for (const report of replayTranscript(conversations, judge)) tell(report);
    } else {
      const chunks = chunksOf(file.path, progress(file, io));
      const settings = { port: options.port, signal: io.signal };
      for await (const report of replayCapture(chunks, judge, counts, settings)) tell(report);
    }
  } catch (error) {
    if (!(error instanceof CaptureError) && file.kind === "capture") throw error;
    problem = (error as Error).message;
  }
  if (options.json) {
    const leftOut = Object.fromEntries(counts.leftOut);
    io.out(`${JSON.stringify({ file: file.path, ...tally, ...counts, leftOut, error: problem })}\n`);
  } else {
    io.out(`# ${summary(tally, counts)}\n\n`);
  }
  if (problem !== null) io.err(`smtp-inspector replay: ${escaped(file.path)}: ${escaped(problem)}\n`);
  return problem !== null ? 2 : tally.withFindings > 0 ? 1 : 0;
}

function summary(
  tally: { sessions: number; withFindings: number; notJudged: number },
  counts: FlowCounts,
): string {
  const parts = [
    `${tally.sessions} session${tally.sessions === 1 ? "" : "s"}`,
    `${tally.withFindings} with findings`,
  ];
  if (tally.notJudged > 0) parts.push(`${tally.notJudged} not judged to the end`);
  if (counts.otherFlows > 0)
    parts.push(`${counts.otherFlows} other connection${counts.otherFlows === 1 ? "" : "s"}`);
  for (const [reason, count] of counts.leftOut) parts.push(`${count} packets left out: ${reason}`);
  return parts.join("; ");
}

/** Shows how much of a long file is read, where somebody watches. */
function progress(file: InputFile, io: Io): ((bytes: number) => void) | undefined {
  if (!stderr.isTTY || file.size < PROGRESS_FROM) return undefined;
  let shown = -1;
  return (bytes) => {
    const percent = Math.floor((100 * bytes) / file.size);
    if (percent === shown) return;
    shown = percent;
    io.err(percent >= 100 ? "\r\x1b[K" : `\r${percent} % of ${escaped(file.path)}`);
  };
}
