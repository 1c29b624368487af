/** `smtp-inspector diff`: what another policy would change in recorded sessions. */
import { type Change, compared, decisionText, changeWords, forPeople } from "../workbench/compare.js";
import { type InputFile, inputFiles } from "../workbench/files.js";
import { both, type Both } from "../workbench/follower.js";
import { escaped, sessionHead, turnText, when } from "../workbench/view.js";
import type { Turn } from "../workbench/model.js";
import { argumentsOf } from "./arguments.js";
import { inColour } from "./colour.js";
import type { Command, Io } from "./command.js";
import { judgeOf, playFile, portNamed, tellNoSession } from "./play-files.js";

const HELP = `Usage: smtp-inspector diff --policy OLD --policy NEW FILE… [--port N] [--json]

Replays recorded SMTP sessions under two policies and shows the sessions that
the second policy changes: what each side receives, the verdict, or what is
reported. Below each session is the first finding that differs, with its line,
or what is taken out of a reply to EHLO without one.
FILE is a capture (pcap, pcapng), a Markdown transcript, or a folder.
Within a capture source_abuse remembers sources, by the capture's own time.

  --policy P   twice, the old one first: a policy's JSON file, or a profile:
               monitor, recommended, strict, submission
  --port N     sessions to this port only
  --json       one JSON object per line: each session that changes, then totals

Exit code: 0 nothing changes, 1 sessions change or are incomplete, or there is
no session, 2 a file cannot be read completely or a policy is refused.

Examples:
  smtp-inspector diff --policy recommended --policy strict host-test/vectors
  smtp-inspector diff --policy monitor --policy strict host-test/vectors --json
`;

/** For all files together. */
interface Tally {
  sessions: number;
  changed: number;
  /** Of those, the ones in which a side receives different bytes. */
  received: number;
  /** Incomplete under one of the policies. */
  notJudged: number;
  /** How many changed from which verdict to which. */
  verdicts: Map<string, number>;
}

export const diff: Command = {
  name: "diff",
  summary: "Shows which recorded sessions another policy changes",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = argumentsOf("smtp-inspector diff", args, OPTIONS, Infinity);
    const [before, after, ...more] = values.policy ?? [];
    if (before === undefined || after === undefined || more.length > 0) {
      const count = values.policy?.length ?? 0;
      throw new Error(
        `--policy must be given twice, the old policy and then the new one; here it is given ${count === 1 ? "once" : `${count} times`}`,
      );
    }
    if (positionals.length === 0)
      throw new Error("FILE is missing: name a capture, a transcript or a folder");
    const settings = { port: portNamed(values.port), io };
    const judges = both(judgeOf(before), judgeOf(after));
    const tally: Tally = { sessions: 0, changed: 0, received: 0, notJudged: 0, verdicts: new Map() };
    const tell = values.json === true ? tellJson : tellText;
    let code = 0;
    for (const file of await inputFiles(positionals)) {
      const { problem } = await playFile(file, judges, settings, (reports) => {
        const change = count(reports, tally);
        if (change !== null) tell(file, reports, change, io);
      });
      if (problem !== null) {
        io.err(`smtp-inspector diff: ${escaped(file.path)}: ${escaped(problem)}\n`);
        code = 2;
      }
      if (io.signal.aborted) break;
    }
    io.out(
      values.json === true
        ? `${JSON.stringify({ ...tally, verdicts: Object.fromEntries(tally.verdicts) })}\n`
        : `# ${summary(tally)}\n`,
    );
    if (code === 0 && tally.sessions === 0 && !io.signal.aborted)
      return tellNoSession("smtp-inspector diff", positionals, io);
    return Math.max(code, tally.changed + tally.notJudged > 0 ? 1 : 0);
  },
};

const OPTIONS = {
  policy: { type: "string", multiple: true },
  port: { type: "string" },
  json: { type: "boolean" },
} as const;

function count([before, after]: Both, tally: Tally): Change | null {
  tally.sessions++;
  if (before.incomplete !== null || after.incomplete !== null) tally.notJudged++;
  const change = compared(before, after);
  if (change === null) return null;
  tally.changed++;
  if (change.kind === "received") tally.received++;
  const way = change.what[0] as string;
  tally.verdicts.set(way, (tally.verdicts.get(way) ?? 0) + 1);
  return change;
}

function tellText(file: InputFile, [before]: Both, change: Change, io: Io): void {
  const { decides } = change;
  const lines = [`# ${escaped(file.path)}`, sessionHead(before), `== ${changeWords(change).join("; ")}`];
  if (decides !== null) lines.push(...linesOf(decides.turn), `^ ${decisionText(decides)}`);
  io.out(inColour(io, `${lines.join("\n")}\n\n`));
}

function tellJson(
  file: InputFile,
  [{ id, title, client, server, startNs }]: Both,
  change: Change,
  io: Io,
): void {
  const { decides, ...rest } = change;
  const session = { id, title, client, server, start: when(startNs) };
  const decision =
    decides === null
      ? null
      : {
          before: decides.before,
          after: decides.after,
          ...(decides.altered !== "" && { altered: decides.altered }),
          lines: linesOf(decides.turn),
        };
  io.out(`${JSON.stringify({ file: file.path, session, ...rest, decides: decision })}\n`);
}

/** A line as the report shows it, without its findings. */
const linesOf = (turn: Turn | null): string[] =>
  turn === null ? [] : turnText({ ...turn, findings: [], shadow: [] });

function summary({ sessions, changed, received, notJudged, verdicts }: Tally): string {
  const all = `${sessions} session${sessions === 1 ? "" : "s"}`;
  const ways = [...verdicts]
    .sort(([, one], [, other]) => other - one)
    .map(([way, times]) => `${forPeople(way)} ${times}`);
  const parts = [
    changed === 0
      ? `none of ${all} changes`
      : `${changed} of ${all} change${changed === 1 ? "s" : ""}: ${ways.join(", ")}`,
  ];
  if (changed > 0) parts.push(`in ${received} of them a side receives different bytes`);
  if (notJudged > 0) parts.push(`${notJudged} incomplete`);
  return parts.join("; ");
}
