/** Builds the probe module of host-test/probe, once for all test files. */
import { execFile } from "node:child_process";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const sources = join(root, "host-test/probe");

/** The probe, the one that defines a metric in `_initialize`, or the filter that traps when it is asked to. */
export type ProbeName = "probe" | "initialize" | "trap";

/** How each is compiled; `trap` as asconfig.json compiles the filter, which it is. */
const FLAGS: Record<ProbeName, string[]> = {
  probe: ["--runtime", "incremental", "-O", "--use", "abort=host-test/probe/memory/abort"],
  initialize: ["--runtime", "incremental", "-O", "--use", "abort=host-test/probe/memory/abort"],
  trap: ["--runtime", "minimal", "-O", "--use", "abort=assembly/envoy/host/abort", "--enable", "simd"],
};

const builds = new Map<ProbeName, Promise<string>>();

/** @returns the path of the module, compiled anew when a source is newer */
export function buildProbe(name: ProbeName = "probe"): Promise<string> {
  const started = builds.get(name) ?? compile(name);
  builds.set(name, started);
  return started;
}

async function compile(name: ProbeName): Promise<string> {
  const output = join(root, "build", `${name}.wasm`);
  const files = (await readdir(sources)).filter((file) => file.endsWith(".ts"));
  const paths = files.map((file) => join(sources, file));
  // What the filter was built from may have changed with it.
  if (name === "trap") paths.push(join(root, "build/smtp-inspector.wasm"));
  const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
  const built = await stat(output).catch(() => null);
  if (built !== null && built.mtimeMs > Math.max(...times)) return output;
  await mkdir(dirname(output), { recursive: true });
  // Test files run side by side: each compiles under a name of its own, the rename is atomic.
  const temporary = join(root, "build", `${name}.${process.pid}.wasm`);
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const flags = ["--exportStart", "_initialize", ...FLAGS[name], "-o", temporary];
  await promisify(execFile)(process.execPath, [asc, `host-test/probe/${name}.ts`, ...flags], { cwd: root });
  await rename(temporary, output);
  return output;
}
