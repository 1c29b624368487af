/** `smtp-inspector lint`: what the shipped filter says of a policy, with line and column in its file. */
import { lintFile, type LintedFile } from "../lint/file.js";
import { filterCheck } from "../lint/filter-check.js";
import { located, problemLines } from "../lint/problem.js";
import { contentOf } from "../workbench/files.js";
import { argumentsOf } from "./arguments.js";
import type { Command, Io } from "./command.js";
import { filterModule } from "./front.js";
import { printable } from "../workbench/printable.js";

export const lint: Command = {
  name: "lint",
  summary: "Checks a policy, or an Envoy, Istio or Gateway YAML with one in it",
  help: `Usage: smtp-inspector lint FILE… [--json]

Checks each policy with the filter itself and prints problems as
file:line:column: error|warning|note: what – fix. FILE is a policy (JSON), an
Envoy configuration (YAML or JSON), or a Kubernetes manifest: WasmPlugin,
EnvoyFilter, EnvoyPatchPolicy, or a ConfigMap with an Envoy configuration in it;
- is one on stdin. A file without a problem gets the line "OK, 0 problems".

  --json   one JSON object per file: its problems, or why it cannot be read

An error: Envoy or the filter refuses it, or mail passes without inspection.
A warning: it works, but not as it should: no failure_policy, no stats_tags, no
buffer limit, a time limit that doubles mail, no max_connections, or STARTTLS
allowed, which bypasses more protections than in profile recommended. A note:
it is valid, but has a consequence to know of.

Exit code: 0 at most notes, 1 errors or warnings, 2 a file cannot be read.

Examples:
  smtp-inspector lint envoy/policy.json
  smtp-inspector lint envoy/envoy.yaml envoy/policy.json
`,
  async run(args, io) {
    const options = { json: { type: "boolean" } } as const;
    const { values, positionals } = argumentsOf("smtp-inspector lint", args, options, Infinity);
    if (positionals.length === 0)
      throw new Error("lint needs a FILE: a policy (JSON) or a YAML with one in it");
    const check = filterCheck(filterModule());
    const tell = values.json === true ? tellJson : tellText;
    let code = 0;
    for (const file of positionals) {
      const linted = await lintNamed(file, check, io.signal);
      if (io.signal.aborted) break;
      tell(file, linted, io);
      if (linted instanceof Error) code = 2;
      else if (linted.problems.some(({ level }) => level !== "note")) code = Math.max(code, 1);
    }
    return code;
  },
};

/** @returns the file with its problems, or why it cannot be read */
async function lintNamed(
  file: string,
  check: ReturnType<typeof filterCheck>,
  signal: AbortSignal,
): Promise<LintedFile | Error> {
  let bytes: Uint8Array;
  try {
    bytes = await contentOf(file, LARGEST, signal);
  } catch (error) {
    return error as Error;
  }
  try {
    return lintFile(bytes, check);
  } catch (error) {
    return new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function tellText(file: string, linted: LintedFile | Error, io: Io): void {
  if (linted instanceof Error) return io.err(`smtp-inspector lint: ${printable(linted.message)}\n`);
  const lines = problemLines(file, linted.text, linted.problems);
  if (lines.length === 0) lines.push(`${printable(file)}: OK, 0 problems`);
  io.out(`${lines.join("\n")}\n`);
}

function tellJson(file: string, linted: LintedFile | Error, io: Io): void {
  const isError = linted instanceof Error;
  const problems = isError ? [] : located(linted.text, linted.problems);
  const told = problems.map(({ line, column, level, what, fix }) => ({ line, column, level, what, fix }));
  io.out(`${JSON.stringify({ file, problems: told, error: isError ? linted.message : null })}\n`);
}

/** Even a large bootstrap has about a megabyte. */
const LARGEST = 16 * 1024 * 1024;
