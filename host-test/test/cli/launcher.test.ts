/** `bin/smtp-inspector.js` in a checkout in which nothing is compiled yet, and what `npm start` does before it compiles. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import type { Ran } from "../support/run-command.js";

const checkout = mkdtempSync(join(tmpdir(), "smtp-inspector-checkout-"));
afterAll(() => rmSync(checkout, { recursive: true }));
for (const file of ["bin", "package.json", "host-test/cli/demo.txt", "host-test/cli/demo.ts"])
  cpSync(join(projectRoot(), file), join(checkout, file), { recursive: true });

/** Runs a program in the checkout, as a user with nothing in his HOME. */
function run(program: string, ...args: string[]): Promise<Ran> {
  const env = { ...process.env, HOME: checkout, npm_config_update_notifier: "false" };
  return new Promise((resolve) =>
    execFile(program, args, { cwd: checkout, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    ),
  );
}

const REMEDY = "run: npm ci && npm run build && npm run dist\n";
const NOT_YET = { code: 2, out: "", err: `smtp-inspector: this checkout is not compiled yet; ${REMEDY}` };

describe("the launcher", () => {
  test("is executable, and says what to run: by its path and by npx, each time", async () => {
    expect(statSync(join(projectRoot(), "bin/smtp-inspector.js")).mode & 0o111).toBe(0o111);
    for (let time = 0; time < 2; time++) {
      expect(await run("bin/smtp-inspector.js", "replay", "x.pcap")).toEqual(NOT_YET);
      expect(await run("npx", "--no-install", "smtp-inspector", "--version")).toEqual(NOT_YET);
    }
  });

  test("says so when a package is missing, and lets every other error be seen", async () => {
    for (const folder of ["build", "dist/host-test/cli", "dist/web"])
      mkdirSync(join(checkout, folder), { recursive: true });
    for (const file of ["build/smtp-inspector.wasm", "dist/web/index.html"])
      writeFileSync(join(checkout, file), "");
    const main = join(checkout, "dist/host-test/cli/main.js");
    writeFileSync(main, 'import "a-package-that-is-not-there";\n');
    const missing = await run("bin/smtp-inspector.js");
    expect(missing).toMatchObject({ code: 2, out: "" });
    expect(missing.err).toMatch(
      /^smtp-inspector: a part is missing: Cannot find package 'a-package-that-is-not-there' .*; run: npm ci && npm run build && npm run dist\n$/,
    );
    writeFileSync(main, 'throw new Error("something else");\n');
    const other = await run("bin/smtp-inspector.js");
    expect(other.code).toBe(1);
    expect(other.err).toContain("Error: something else\n");
  });
});

test.each(["--help", "-h"])("npm start -- %s compiles nothing", async (flag) => {
  const { code, out } = await run("npm", "--silent", "start", "--", flag);
  expect(code).toBe(0);
  expect(out).toMatch(/^Usage: npm start -- \[options\]\n[^]* {2}--help {10}show this text\n$/);
});
