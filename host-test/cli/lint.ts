/** `smtp-inspector lint`: what the shipped filter says of a policy, with line and column in its file. */
import { lintFile } from "../lint/file.js";
import { filterCheck } from "../lint/filter-check.js";
import { problemLines } from "../lint/problem.js";
import { contentOf } from "../workbench/files.js";
import { argumentsOf } from "./arguments.js";
import type { Command } from "./command.js";
import { filterModule } from "./front.js";
import { printable } from "../workbench/printable.js";

export const lint: Command = {
  name: "lint",
  summary: "Checks a policy, or an Envoy, Istio or Gateway YAML with one in it",
  help: `Usage: smtp-inspector lint FILE…

Checks each policy with the filter itself and prints problems as
file:line:column: error|warning|note: what – fix. FILE is a policy (JSON), an
Envoy configuration (YAML or JSON), or a Kubernetes manifest: WasmPlugin,
EnvoyFilter, EnvoyPatchPolicy, or a ConfigMap with an Envoy configuration in it;
- is one on stdin.

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
    const { positionals } = argumentsOf("smtp-inspector lint", args, {}, Infinity);
    if (positionals.length === 0)
      throw new Error("lint needs a FILE: a policy (JSON) or a YAML with one in it");
    const check = filterCheck(filterModule());
    let code = 0;
    for (const file of positionals) {
      const bytes = await contentOf(file, LARGEST, io.signal).catch((error: unknown) => error as Error);
      if (io.signal.aborted) break;
      if (bytes instanceof Error) {
        io.err(`smtp-inspector lint: ${printable(bytes.message)}\n`);
        code = 2;
        continue;
      }
      try {
        const { text, problems } = lintFile(bytes, check);
        for (const line of problemLines(file, text, problems)) io.out(`${line}\n`);
        if (problems.some(({ level }) => level !== "note")) code = Math.max(code, 1);
      } catch (error) {
        io.err(`smtp-inspector lint: ${printable(file)}: ${printable((error as Error).message)}\n`);
        code = 2;
      }
    }
    return code;
  },
};

/** Even a large bootstrap has about a megabyte. */
const LARGEST = 16 * 1024 * 1024;
