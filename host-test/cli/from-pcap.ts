/** `smtp-inspector from-pcap`: a recorded session becomes a test case. */
import { type InputFile, inputFiles } from "../workbench/files.js";
import type { SessionStart } from "../workbench/model.js";
import { type Recording, recorder } from "../workbench/recording.js";
import { vectorOf } from "../workbench/vector.js";
import { escaped } from "../workbench/view.js";
import { argumentsOf } from "./arguments.js";
import type { Command, Io } from "./command.js";
import { filterModule } from "./front.js";
import { judgeOf, playFile, portNamed } from "./play-files.js";
import { policyNamed } from "./policy-file.js";

const HELP = `Usage: smtp-inspector from-pcap FILE [--session N] [--policy P] [--port N]

Writes a recorded session as a test case (a vector), for a bug report or for
host-test/vectors: the conversation, and what the filter does with it. Names,
addresses, credentials and content are replaced by others of the same length.
Kept are the words of the protocol and what the filter checks: line ends, dots,
NULs, lengths. Read the result before you send it.

The test case is replayed first; if its findings differ from those of the
recorded session, nothing is written.

  --session N  the session's number, as replay shows it; needed if FILE has more
               than one
  --policy P   a policy's JSON file, or a profile: monitor,
               recommended, strict, submission
               (default recommended)
  --port N     sessions to this port only

Exit code: 0 written, 2 error, or the file cannot be read completely.

Examples:
  smtp-inspector from-pcap host-test/vectors/nul_in_data.md --session 3
  smtp-inspector from-pcap --session 1 host-test/vectors/mixed_line_endings.md
`;

/** Sessions that an error lists. */
const LISTED = 10;

export const fromPcap: Command = {
  name: "from-pcap",
  summary: "Writes a recorded session as an anonymised test case",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = argumentsOf("smtp-inspector from-pcap", args, OPTIONS, 1);
    const [path] = positionals;
    if (path === undefined) throw new Error("FILE is missing: name a capture or a transcript");
    const wanted = values.session === undefined ? null : numberOf(values.session);
    const policy = values.policy ?? "recommended";
    // Reports a wrong policy before a long file is read.
    const json = policyNamed(policy).toString("utf8");
    judgeOf(policy, json);
    const [file, another] = await inputFiles([path]);
    if (file === undefined || another !== undefined) {
      throw new Error(`${path} is a folder; name one file in it`);
    }
    const { recording, problem } = await record(file, wanted, portNamed(values.port), io);
    const { text, notes } = vectorOf(recording, filterModule(), json);
    io.out(text);
    if (problem !== null) notes.push(`${escaped(file.path)}: ${escaped(problem)}`);
    for (const note of notes) io.err(`smtp-inspector from-pcap: ${note}\n`);
    return problem === null ? 0 : 2;
  },
};

const OPTIONS = {
  session: { type: "string" },
  policy: { type: "string" },
  port: { type: "string" },
} as const;

/** @throws Error that names the option */
function numberOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--session needs a session's number, not ${JSON.stringify(text)}`);
}

/** @throws Error that lists the sessions, unless exactly one is meant */
async function record(
  file: InputFile,
  wanted: number | null,
  port: number | undefined,
  io: Io,
): Promise<{ recording: Recording; problem: string | null }> {
  const listed: SessionStart[] = [];
  let sessions = 0;
  let recording: Recording | null = null;
  const { problem } = await playFile(file, recorder(wanted), { port, io }, (session) => {
    sessions++;
    if (listed.length < LISTED) listed.push(session);
    if ("said" in session) recording = session;
  });
  if (recording !== null && (wanted !== null || sessions === 1)) return { recording, problem };
  const path = escaped(file.path);
  if (sessions === 0)
    throw new Error(
      `${path}: ${problem ?? "no SMTP session found; if the server is on another port, give it with --port"}`,
    );
  const rows = listed.map(
    ({ id, title, client, server }) => `${id} (${title === "" ? `${client} → ${server}` : escaped(title)})`,
  );
  if (sessions > listed.length) rows.push(`and ${sessions - listed.length} more (replay lists them all)`);
  const what =
    wanted === null ? `${sessions} sessions; choose one with --session` : `no session ${wanted}; there are`;
  throw new Error(`${path}: ${what}: ${rows.join(", ")}`);
}
