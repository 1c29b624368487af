/** `npm run build:starttls`: what it writes and says, and what it says where it cannot. */
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { switchPaths } from "../../cli/build-starttls.js";
import { buildSwitch, buildSwitchOnce, SwitchUnavailable } from "../../host/envoy-switch.js";
import { temporaryFolder } from "./switch-lab.js";

const { source } = switchPaths();

/** Runs the command with these variables. */
async function command(args: string[], env: NodeJS.ProcessEnv = {}): Promise<object> {
  const program = join(projectRoot(), "dist/host-test/cli/build-starttls.js");
  const ran = promisify(execFile)(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

/** A folder for PATH with this program in it. */
async function only(name: string, script: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}

/** Why the switch cannot be built with this environment. */
async function refusal(env: NodeJS.ProcessEnv, target?: "arm64"): Promise<string> {
  const output = join(await temporaryFolder(), "made/libsmtp_starttls.so");
  const build = buildSwitch({ source, output, env, ...(target === undefined ? {} : { target }) });
  const failed: unknown = await build.catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(SwitchUnavailable);
  await expect(stat(output)).rejects.toThrow();
  return (failed as SwitchUnavailable).message;
}

test("the command builds the library, and says with what and how to go on", async () => {
  expect(await command([], { CC: "cc" })).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^cc -std=c2x -shared -fPIC -O2 -Wall -Wextra -Werror -o build\/libsmtp_starttls\.so envoy\/starttls\/starttls_switch\.c\nbuilt build\/libsmtp_starttls\.so, \d+ bytes, in [\d.]+ s\nnow: ENVOY_DYNAMIC_MODULES_SEARCH_PATH=build envoy -c envoy\/starttls\/envoy\.yaml\n$/,
    ) as string,
    stderr: "",
  });
});

test("the command explains itself, and refuses what it does not know", async () => {
  expect(await command(["--help"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: npm run build:starttls/) as string,
  });
  const refused = { code: 2, stderr: "build:starttls: Unknown option '--fast' (see --help)\n" };
  expect(await command(["--fast"])).toMatchObject(refused);
  const missing = { code: 1, stderr: "build:starttls: CC is no-such-cc, which is not there\n" };
  expect(await command([], { CC: "no-such-cc" })).toMatchObject(missing);
});

test("without a compiler the message names two", async () => {
  const message =
    "the switch needs a C compiler: apt-get install gcc libc6-dev, or python3 -m pip install ziglang==0.17.0";
  expect(await refusal({ PATH: await temporaryFolder() })).toBe(message);
  const python = await only("python3", "echo /usr/bin/python3: No module named ziglang >&2; exit 1");
  expect(await refusal({ PATH: python })).toBe(message);
  expect(await refusal({ PATH: python }, "arm64")).toBe(
    "a library that runs on other machines is built with ziglang: python3 -m pip install ziglang==0.17.0",
  );
});

test("where there is no cc, ziglang is taken; for another machine it always is", async () => {
  const python = await only("python3", 'echo "$@" >&2; exit 1');
  expect(await refusal({ PATH: python })).toMatch(
    /^python3 failed:\n-m ziglang cc -g0 -std=c2x .* -Werror -o \S+\/libsmtp_starttls\.so\.\d+ \S+starttls_switch\.c$/,
  );
  await symlink("/bin/false", join(python, "cc"));
  expect(await refusal({ PATH: python }, "arm64")).toContain(
    "cc -g0 -target aarch64-linux-gnu.2.31 -std=c2x",
  );
});

test("an error of the compiler is shown", async () => {
  const cc = await only("cc", "echo 'starttls_switch.c:1: error: no' >&2; exit 1");
  expect(await refusal({ PATH: cc })).toBe("cc failed:\nstarttls_switch.c:1: error: no");
});

test("what is newer than its source is not built again", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "made"));
  const output = join(folder, "made/libsmtp_starttls.so");
  const lines: string[] = [];
  const build = { source, output, onProgress: (line: string) => lines.push(line) };
  for (let time = 0; time < 2; time++) await buildSwitchOnce(build);
  expect(lines).toHaveLength(1);
});

test("the source has fewer than 150 lines, and allocates in one place", async () => {
  const text = await readFile(source, "utf8");
  expect(text.split("\n").length).toBeLessThan(150);
  expect(text.match(/\w*alloc\w*\(/g)).toEqual(["calloc("]);
});
