/** Runs a command in this process and keeps what it says. */
import type { Command } from "../../cli/command.js";

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** @throws what the command throws */
export async function said(command: Command, args: string[]): Promise<Said> {
  const kept: Said = { code: 0, out: "", err: "" };
  kept.code = await command.run(args, {
    out: (text) => void (kept.out += text),
    err: (text) => void (kept.err += text),
    signal: new AbortController().signal,
  });
  return kept;
}
