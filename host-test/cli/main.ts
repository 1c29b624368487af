#!/usr/bin/env node
/** `smtp-inspector`: see what a policy does before you use it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit, stderr, stdout } from "node:process";
import { nearest } from "../lint/nearest.js";
import { whyNot } from "../workbench/files.js";
import type { Io } from "./command.js";
import { COMMANDS, usage } from "./all-commands.js";
import { projectRoot } from "./front.js";
import { processIo } from "./terminal.js";
import { printable } from "../workbench/printable.js";

/** What a shell reports for a program that was ended by a signal: 128 + the signal's number. */
const EXIT = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** @returns the exit code */
async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
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
  const wanted = name === "help" ? (rest[0] ?? "") : name;
  const command = COMMANDS.find((each) => each.name === wanted);
  if (command === undefined) {
    const near = nearest(
      wanted,
      COMMANDS.map((each) => each.name),
    );
    const hint = near === null ? "see smtp-inspector --help" : `did you mean ${near}?`;
    io.err(`smtp-inspector: unknown command "${printable(wanted, 40)}"; ${hint}\n`);
    return 2;
  }
  if (name === "help" || rest.includes("--help") || rest.includes("-h")) {
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
let interrupted = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second Ctrl-C ends it at once.
    if (interrupted > 0) exit(EXIT[signal]);
    interrupted = EXIT[signal];
    interruption.abort();
  });
}
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone: nobody is left to tell.
    if (error.code === "EPIPE") exit(EXIT.SIGPIPE);
    if (stream !== stderr) io.err(`smtp-inspector: cannot write: ${whyNot(error)}\n`);
    exit(2);
  });
}

const io = processIo(interruption.signal);
process.on("exit", () => io.clear());
const code = await main(argv.slice(2), io);
process.exitCode = interrupted || code;
