/** Runs a command of `smtp-inspector` as its main program does, and keeps what it says. */
import type { Command } from "../../cli/command.js";

/** What came of a run. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs to the end. @throws what the command throws: a wrong argument */
export async function runCommand(command: Command, args: readonly string[]): Promise<Ran> {
  const ran: Ran = { code: -1, out: "", err: "" };
  ran.code = await command.run(args, {
    out: (text) => (ran.out += text),
    err: (text) => (ran.err += text),
    signal: new AbortController().signal,
  });
  return ran;
}

/**
 * The lines below "Examples:" of a command's help, as the arguments after the command's name.
 * @throws Error when a line is not `smtp-inspector <name> …`
 */
export function examplesOf(command: Command): string[][] {
  const lines = command.help.trimEnd().split("\nExamples:\n")[1]?.split("\n") ?? [];
  return lines.map((line) => {
    const [program, name, ...args] = line.trim().split(/ +/);
    if (program !== "smtp-inspector" || name !== command.name) throw new Error(`no example: ${line}`);
    return args;
  });
}

/** Width and height that a text needs on a screen. */
export function sizeOf(text: string): { columns: number; rows: number } {
  const lines = text.trimEnd().split("\n");
  return { columns: Math.max(...lines.map((line) => line.length)), rows: lines.length };
}
