#!/usr/bin/env node
/** `smtp-inspector`: see what a policy does before it does it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit, stderr, stdout } from "node:process";
import { nearest } from "../lint/nearest.js";
import type { Command, Io } from "./command.js";
import { explain } from "./explain.js";
import { projectRoot } from "./front.js";
import { init } from "./init.js";
import { lint } from "./lint.js";
import { proxy } from "./proxy.js";
import { replay } from "./replay.js";
import { printable } from "./text.js";

const COMMANDS: readonly Command[] = [replay, lint, explain, init, proxy];

/** What a shell reports for a program that SIGINT or SIGPIPE ended: 128 + the signal's number. */
const EXIT_INTERRUPTED = 130;
const EXIT_PIPE_CLOSED = 141;

function usage(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const rows = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`);
  return `Usage: smtp-inspector [--help|--version] <command> [arguments]

${rows.join("")}
smtp-inspector <command> --help says more. Exit code: 0 clean, 1 findings or
problems, 2 error.
`;
}

/** @returns the exit code */
async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") {
    io.out(usage());
    return 0;
  }
  if (name === "--version") {
    const { version } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as {
      version: string;
    };
    io.out(`smtp-inspector ${version}\n`);
    return 0;
  }
  if (name === undefined) {
    io.err(usage());
    return 2;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const near = nearest(
      name,
      COMMANDS.map((each) => each.name),
    );
    const hint = near === null ? "see smtp-inspector --help" : `did you mean ${near}?`;
    io.err(`smtp-inspector: no command ${JSON.stringify(printable(name, 40))}; ${hint}\n`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    io.out(command.help);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (!io.signal.aborted) io.err(`smtp-inspector ${name}: ${printable((error as Error).message, 2000)}\n`);
    return 2;
  }
}

const interruption = new AbortController();
process.on("SIGINT", () => {
  // The second one is meant.
  if (interruption.signal.aborted) exit(EXIT_INTERRUPTED);
  interruption.abort();
});
process.on("SIGTERM", () => interruption.abort());
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone: nobody is left to tell.
    exit(error.code === "EPIPE" ? EXIT_PIPE_CLOSED : 2);
  });
}

const code = await main(argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  signal: interruption.signal,
});
process.exitCode = interruption.signal.aborted ? EXIT_INTERRUPTED : code;
