/**
 * Gets the mail servers that cannot be installed beside Postfix: Debian's packages of Exim and OpenSMTPD conflict with
 * it, so they are unpacked into `.tools/mta`, and Python's aiosmtpd goes there too. Needs root and Debian, as running
 * those servers does.
 */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../cli/front.js";

const run = promisify(execFile);
const noQuestions = {
  env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  maxBuffer: 16 * 1024 * 1024,
};

/**
 * Unpacks a Debian package into `.tools/mta/<name>` unless it is there, installs the shared libraries that it lacks,
 * and adds the system users that its programs look up.
 * @param program path of the program inside the package
 * @returns the absolute path of the program
 * @throws Error that says what is missing
 */
export async function debianServer(name: string, program: string, users: string[]): Promise<string> {
  const target = join(projectRoot(), ".tools/mta", name);
  const binary = join(target, program);
  if (!(await isExecutable(binary))) {
    await beside(target, async (directory) => {
      const archive = await downloaded(name, directory);
      await run("dpkg-deb", ["-x", archive, directory]);
      // What the package depends on stays known when the archive is gone.
      await rename(archive, join(directory, "package.deb"));
    });
  }
  await addLibraries(binary, join(target, "package.deb"));
  for (const user of users) await addUser(user);
  return binary;
}

/**
 * Installs the pinned packages of a requirements file beside this one into `.tools/mta/<name>` unless they are there.
 * @returns the folder for PYTHONPATH
 */
export async function pythonServer(name: string, requirements: string): Promise<string> {
  const target = join(projectRoot(), ".tools/mta", name);
  const found = await readdir(target).catch((): string[] => []);
  if (!found.includes("aiosmtpd")) {
    await beside(target, async (directory) => {
      const file = join(projectRoot(), "host-test/judges", requirements);
      const args = ["-m", "pip", "install", "--target", directory, "--require-hashes", "--only-binary=:all:"];
      args.push("--no-deps", "--no-input", "--no-compile", "--disable-pip-version-check", "-r", file);
      // PIP_USER in a user's settings would contradict --target.
      await run("python3", args, { env: { ...process.env, PIP_USER: "0" } });
    });
  }
  return target;
}

/** Fills a new folder and renames it, so that an incomplete install is never used and two at a time do no harm. */
async function beside(target: string, fill: (directory: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const directory = await mkdtemp(`${target}-installing-`);
  // Daemons that give up root still have to reach their own program.
  await chmod(directory, 0o755);
  try {
    await fill(directory);
    await rename(directory, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @returns the path of the archive in `directory`; the package lists are fetched when apt does not know the name */
async function downloaded(name: string, directory: string): Promise<string> {
  // As root itself: the user `_apt` may not write here, and what is signed stays checked.
  const args = ["-o", "APT::Sandbox::User=root", "download", name];
  const options = { ...noQuestions, cwd: directory };
  await run("apt-get", args, options).catch(async () => {
    await run("apt-get", ["update", "-qq"], noQuestions);
    await run("apt-get", args, options);
  });
  const archive = (await readdir(directory)).find((file) => file.endsWith(".deb"));
  if (archive === undefined) throw new Error(`apt-get download ${name} left no package`);
  return join(directory, archive);
}

async function addLibraries(binary: string, archive: string): Promise<void> {
  if (!(await lacksLibraries(binary))) return;
  const { stdout } = await run("dpkg-deb", ["-f", archive, "Pre-Depends", "Depends"]);
  const named = stdout
    .split(/[,\n]/)
    .map((entry) => entry.replace(/^\s*(?:Pre-)?Depends:/, "").trim())
    .filter((entry) => entry.startsWith("lib") && !entry.includes("|"))
    .map((entry) => entry.split(" ", 1)[0] as string);
  // Only what is missing: apt would upgrade the others on the way, the C library among them.
  const there = await Promise.all(named.map(isInstalled));
  const libraries = named.filter((_name, at) => !there[at]);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...libraries];
  await run("apt-get", args, noQuestions).catch(async () => {
    await run("apt-get", ["update", "-qq"], noQuestions);
    await run("apt-get", args, noQuestions);
  });
  if (await lacksLibraries(binary)) throw new Error(`${binary} still lacks shared libraries`);
}

async function isInstalled(name: string): Promise<boolean> {
  const status = await run("dpkg-query", ["-W", "-f=${db:Status-Status}\n", name]).catch(() => null);
  return status?.stdout.split("\n").includes("installed") === true;
}

async function lacksLibraries(binary: string): Promise<boolean> {
  return (await run("ldd", [binary])).stdout.includes("not found");
}

async function addUser(name: string): Promise<void> {
  const known = await run("id", ["-u", name]).catch(() => null);
  if (known !== null) return;
  const args = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"];
  await run("useradd", [...args, "--shell", "/usr/sbin/nologin", name]).catch(async (error: unknown) => {
    // Another run may have been faster.
    await run("id", ["-u", name]).catch(() => {
      throw error;
    });
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
