/** Builds the STARTTLS switch, `envoy/starttls/starttls_switch.c`, the one part of the project that is native code. */
import { spawn } from "node:child_process";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** The switch cannot be built; the message says why and what to do. */
export class SwitchUnavailable extends Error {
  override name = "SwitchUnavailable";
}

/** A kind of processor, by Node's name. */
export type SwitchTarget = "x64" | "arm64";

export interface BuildSwitchOptions {
  /** Path of `starttls_switch.c`. */
  source: string;
  /** Path of the library; its folder is made. */
  output: string;
  /** A library for any machine of this kind, which needs ziglang; without it one for this machine. */
  target?: SwitchTarget;
  /** CC, PATH and the like; the process's environment by default. */
  env?: NodeJS.ProcessEnv;
  /** Gets the command line that is run, and nothing else. */
  onProgress?: (line: string) => void;
}

/** PyPI's package of the Zig compiler, which is a C compiler for every machine. */
export const ZIGLANG = "ziglang==0.17.0";
const INSTALL_ZIG = `python3 -m pip install ${ZIGLANG}`;

/** Every warning of note is an error. C2x for parameters without a name: gcc 11, clang 12 or newer. */
const FLAGS = ["-std=c2x", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"];

/** The glibc that Envoy's packages need at least. */
const ZIG_TARGETS: Record<SwitchTarget, string> = {
  x64: "x86_64-linux-gnu.2.31",
  arm64: "aarch64-linux-gnu.2.31",
};

/** A compiler as it is called. */
type Compiler = readonly string[];

/**
 * Compiles with what `CC` names, else with `cc`, else with `python3 -m ziglang cc`, which alone builds for a `target`. The
 * library takes its place by a rename, so that an Envoy that has the old one open is not disturbed.
 * @throws SwitchUnavailable
 */
export async function buildSwitch(options: BuildSwitchOptions): Promise<void> {
  const { target, output } = options;
  const chosen = (options.env ?? process.env)["CC"]?.split(" ") ?? [];
  const zigTarget = target === undefined ? [] : ["-target", ZIG_TARGETS[target]];
  const zig = ["python3", "-m", "ziglang", "cc", "-g0", ...zigTarget];
  const machine = chosen[0] ? [chosen] : [["cc"], zig];
  await mkdir(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  try {
    for (const compiler of target === undefined ? machine : [zig])
      if (await compile(compiler, options, temporary)) return await rename(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  if (target === undefined && chosen[0])
    throw new SwitchUnavailable(`CC is ${chosen[0]}, which is not there`);
  throw new SwitchUnavailable(
    target === undefined
      ? `the switch needs a C compiler: apt-get install gcc libc6-dev, or ${INSTALL_ZIG}`
      : `a library that runs on other machines is built with ziglang: ${INSTALL_ZIG}`,
  );
}

/** Builds where the library is missing or older than its source. */
export async function buildSwitchOnce(options: BuildSwitchOptions): Promise<void> {
  const built = await stat(options.output).catch(() => null);
  if (built === null || built.mtimeMs < (await stat(options.source)).mtimeMs) await buildSwitch(options);
}

/** @returns false if there is no such compiler. @throws SwitchUnavailable with the compiler's words if it fails */
async function compile(compiler: Compiler, options: BuildSwitchOptions, temporary: string): Promise<boolean> {
  const [program = "", ...first] = compiler;
  const flags = [...first, ...FLAGS];
  const args = (output: string): string[] => [...flags, "-o", output, options.source];
  const { code, errors } = await run(program, args(temporary), options.env ?? process.env);
  if (code === null || /No module named ziglang/.test(errors)) return false;
  options.onProgress?.([program, ...args(options.output)].join(" "));
  if (code !== 0) throw new SwitchUnavailable(`${program} failed:\n${errors.trimEnd()}`);
  return true;
}

/** @returns the exit code, null where there is no such program */
async function run(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; errors: string }> {
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? resolve(null) : reject(error),
    );
    child.once("close", (exitCode) => resolve(exitCode ?? -1));
  });
  return { code, errors };
}
