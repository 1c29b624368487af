/** The commands of `smtp-inspector`, in the order in which its help lists them. */
import type { Command } from "./command.js";
import { diff } from "./diff.js";
import { explain } from "./explain.js";
import { fromPcap } from "./from-pcap.js";
import { init } from "./init.js";
import { lint } from "./lint.js";
import { proxy } from "./proxy.js";
import { rates } from "./rates.js";
import { replay } from "./replay.js";
import { tune } from "./tune.js";
import { web } from "./web.js";

export const COMMANDS: readonly Command[] = [
  replay,
  diff,
  rates,
  tune,
  fromPcap,
  lint,
  explain,
  init,
  proxy,
  web,
];

/** Text of `smtp-inspector --help`. */
export function usage(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const rows = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`);
  return `Usage: smtp-inspector [--help|--version] <command> [arguments]

${rows.join("")}
For details: smtp-inspector <command> --help. Exit code: 0 clean, 1 findings
or problems, 2 error.
`;
}
