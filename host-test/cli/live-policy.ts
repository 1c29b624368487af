/** The policy of a running proxy: checked before it is used, and read again when its file changes. */
import { readFileSync, type Stats, unwatchFile, watchFile } from "node:fs";
import type { Plugin } from "../host/plugin.js";
import { type PolicyCheck, policyProblems, wholeFile } from "../lint/policy.js";
import { problemLines } from "../lint/problem.js";
import { isProfile } from "../pages/words.js";
import { whyNot } from "../workbench/files.js";
import { printable } from "../workbench/printable.js";
import type { Io } from "./command.js";
import { policyNamed } from "./policy-file.js";

/** A policy that may change: that of a file can, that of a profile cannot. */
export class LivePolicy {
  /** The file; null for a profile. */
  readonly file: string | null;

  constructor(
    readonly name: string,
    private readonly check: PolicyCheck,
  ) {
    this.file = isProfile(name) ? null : name;
  }

  /** @throws Error with file, line and column of what the filter refuses */
  read(bytes = policyNamed(this.name)): { text: string; warnings: string[] } {
    const text = bytes.toString("utf8");
    const problems = policyProblems(wholeFile(new Uint8Array(bytes)), this.check);
    // Notes on a valid policy are not printed at each start; lint has them.
    const faults = problems.filter(({ level }) => level !== "note");
    const lines = problemLines(this.name, text, faults);
    if (problems.some(({ level }) => level === "error")) throw new Error(lines.join("; "));
    return { text, warnings: lines };
  }

  /** Reads it again while the proxy runs. @throws Error as above, or why the file cannot be read */
  again(): { text: string; warnings: string[] } {
    if (this.file === null) return this.read();
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.file);
    } catch (error) {
      throw new Error(`${this.file}: ${whyNot(error)}`, { cause: error });
    }
    return this.read(bytes);
  }
}

/** Reloads the policy when needed. @param apply makes it the policy of new sessions @returns ends that */
export function reloads(policy: LivePolicy, io: Io, apply: (text: string) => Plugin): () => void {
  let drain: NodeJS.Timeout | undefined;
  /** Why it was last refused; null if it was accepted. */
  let refused: string | null = null;
  /** @param isNew the user asked or changed the file: the same refusal is printed again */
  const reload = (isNew: boolean): void => {
    try {
      const { text, warnings } = policy.again();
      const serving = apply(text);
      refused = null;
      for (const line of warnings) io.err(`${line}\n`);
      io.out(`== policy ${printable(policy.name)} reloaded: new sessions use it\n`);
      clearTimeout(drain);
      drain = setTimeout(() => serving.drainOld(), DRAIN_MS);
    } catch (error) {
      const why = printable((error as Error).message, 1000);
      if (isNew || why !== refused) io.err(`policy refused, the previous one stays in force: ${why}\n`);
      refused = why;
    }
  };
  const { file } = policy;
  const hangUp = (): void => reload(true);
  process.on("SIGHUP", hangUp);
  const changed = (now: Stats, was: Stats): void => {
    if (now.mtimeMs !== was.mtimeMs || now.size !== was.size) reload(now.nlink > 0);
  };
  if (file !== null) watchFile(file, { interval: LOOK_MS }, changed);
  return () => {
    process.off("SIGHUP", hangUp);
    if (file !== null) unwatchFile(file, changed);
    clearTimeout(drain);
  };
}

/** Envoy's `--drain-time-s`: how long open sessions may keep the policy they began with. */
const DRAIN_MS = 600_000;
/** How often a policy's file is checked for changes. */
const LOOK_MS = 500;
