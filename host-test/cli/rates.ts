/** `smtp-inspector rates`: the false positives of each protection in a folder of good mail. */
import { PAGES } from "../pages/generated-pages.js";
import { inputFiles } from "../workbench/files.js";
import { atMost, type ProtectionRate, type Rate, Rates } from "../workbench/rates.js";
import { escaped } from "../workbench/view.js";
import { argumentsOf } from "./arguments.js";
import type { Command } from "./command.js";
import { judgeOf, playFile, portNamed, tellNoSession } from "./play-files.js";

const HELP = `Usage: smtp-inspector rates FOLDER|FILE… [--policy P] [--port N] [--json]

Replays sessions that are known to be good and counts the findings: the false
positives of a policy, by protection and reason. Each row: sessions with a
finding, their share, the upper bound of the true share (Wilson, 95 %), the
findings, the mode, and a session to look at with replay.
Within a capture source_abuse remembers sources, by the capture's own time.

  --policy P   a policy's JSON file, or a profile: monitor,
               recommended, strict, submission;
               default monitor, under which every protection is on and none
               cuts a session short, so that all findings show
  --port N     sessions to this port only
  --json       the same as one JSON object

Exit code: 0 no findings, 1 findings, incomplete sessions or no session at all,
2 a file cannot be read completely.

Examples:
  smtp-inspector rates host-test/vectors
  smtp-inspector rates host-test/vectors --policy envoy/policy.json --json
`;

export const rates: Command = {
  name: "rates",
  summary: "Counts false positives by protection, in a folder of good mail",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = argumentsOf("smtp-inspector rates", args, OPTIONS, Infinity);
    if (positionals.length === 0) {
      throw new Error("FOLDER is missing: name a folder, a capture or a transcript");
    }
    const settings = { port: portNamed(values.port), io };
    const judge = judgeOf(values.policy ?? "monitor");
    const read: Read = { files: 0, notWhole: 0, looksAtAll: (values.policy ?? "monitor") === "monitor" };
    const rates = new Rates();
    for (const file of await inputFiles(positionals)) {
      const { problem } = await playFile(file, judge, settings, (report) => rates.add(file.path, report));
      read.files++;
      if (problem !== null) {
        io.err(`smtp-inspector rates: ${escaped(file.path)}: ${escaped(problem)}\n`);
        read.notWhole++;
      }
      if (io.signal.aborted) break;
    }
    io.out(values.json === true ? `${JSON.stringify(json(read, rates))}\n` : text(read, rates));
    if (read.notWhole > 0) return 2;
    if (rates.sessions === 0 && !io.signal.aborted) {
      return tellNoSession("smtp-inspector rates", positionals, io);
    }
    return rates.sessions > rates.clean ? 1 : 0;
  },
};

const OPTIONS = {
  policy: { type: "string" },
  port: { type: "string" },
  json: { type: "boolean" },
} as const;

/** What was read. */
interface Read {
  files: number;
  /** Damaged files that were not read completely. */
  notWhole: number;
  /** No protection is off under the policy. */
  looksAtAll: boolean;
}

function text(read: Read, rates: Rates): string {
  const rows = rates.rows();
  const lines = rows.length === 0 ? [] : [...table(rows, rates), ""];
  return `${[...lines, ...summary(read, rates, rows.length)].join("\n")}\n`;
}

function table(rows: readonly ProtectionRate[], rates: Rates): string[] {
  const cells = [["protection, reason", "sessions", "share", "at most", "findings", "mode", "first in"]];
  for (const row of rows) {
    cells.push(cellsOf(row, row.name, rates));
    for (const reason of row.reasons) cells.push(cellsOf(reason, `  ${reason.name}`, rates));
  }
  const width = (column: number): number => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const widths = (cells[0] ?? []).map((_, column) => width(column));
  // Numbers are right-aligned: from the second column to the fifth.
  const padded = (cell: string, column: number): string =>
    column >= 1 && column <= 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return cells.map((row) => row.map(padded).join("  ").trimEnd());
}

function cellsOf({ sessions, findings, mode, example }: Rate, name: string, { judged }: Rates): string[] {
  const shares = [sessions / judged, atMost(sessions, judged)].map(percent);
  const place = `${escaped(example.file)} session ${example.session}`;
  return [name, `${sessions}`, ...shares, `${findings}`, mode, place];
}

function summary(read: Read, rates: Rates, found: number): string[] {
  const { sessions, clean, judged, notJudged, cutShort } = rates;
  const parts = [counted(read.files, "file"), counted(sessions, "session")];
  parts.push(`${clean} clean${judged === 0 ? "" : ` (${percent(clean / judged)})`}`);
  if (cutShort > 0) parts.push(`${cutShort} with findings, but incomplete`);
  if (notJudged > 0) parts.push(`${notJudged} without findings, but incomplete: not in the shares`);
  if (read.notWhole > 0) parts.push(`${counted(read.notWhole, "file")} not read completely`);
  const silent = `${PAGES.length - found} of ${PAGES.length} protections found nothing`;
  const bound = percent(atMost(0, judged));
  if (judged === 0) return [`# ${parts.join("; ")}`];
  const says = read.looksAtAll
    ? `: with 95 % confidence each matches at most ${bound} of such sessions`
    : ", including those that are off";
  return [`# ${parts.join("; ")}`, `# ${silent}${says}`];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function json(read: Read, rates: Rates): Record<string, unknown> {
  const { sessions, clean, notJudged, cutShort, judged } = rates;
  const withShares = (rate: Rate): object => ({
    ...rate,
    share: rate.sessions / judged,
    atMost: atMost(rate.sessions, judged),
  });
  const protections = rates
    .rows()
    .map(({ reasons, ...row }) => ({ ...withShares(row), reasons: reasons.map(withShares) }));
  return { files: read.files, notWhole: read.notWhole, sessions, clean, notJudged, cutShort, protections };
}

/** `0.18 %`; more than nothing is never shown as 0. */
function percent(share: number): string {
  return share > 0 && share < 0.0001 ? "< 0.01 %" : `${(100 * share).toFixed(2)} %`;
}
