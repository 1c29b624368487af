#!/usr/bin/env node
// Plain JavaScript, as nothing else here: it runs where nothing is compiled yet, and says or does what is missing.
// `npm start` comes in here too, with --from-source.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const near = (file) => new URL(`../${file}`, import.meta.url);
const COMPILED = ["build/smtp-inspector.wasm", "dist/host-test/cli/main.js", "dist/web/index.html"];
const REMEDY = "npm ci && npm run build && npm run dist";

/** Ends with what to run in this checkout. */
function ask(what) {
  process.stderr.write(`smtp-inspector: ${what}; run: ${REMEDY}\n`);
  process.exitCode = 2;
}

/** Runs a script of package.json with npm, of which Windows cannot run the program by its name. @returns whether it succeeded */
function npm(...args) {
  const { npm_execpath: path } = process.env;
  const [program, ...first] = path === undefined ? ["npm"] : [process.execPath, path];
  const { status } = spawnSync(program, [...first, "run", ...args], { cwd: near("."), stdio: "inherit" });
  if (status !== 0) process.exitCode = status ?? 1;
  return status === 0;
}

if (process.argv[2] === "--from-source") {
  process.argv.splice(2, 1);
  // Whoever asks for help does not want to wait for compilers.
  if (process.argv.some((arg) => arg === "--help" || arg === "-h")) {
    process.stdout.write(readFileSync(near("host-test/cli/demo.txt")));
  } else if (npm("build") && npm("--silent", "dist:node")) {
    await import("../dist/host-test/cli/demo.js");
  }
} else if (!COMPILED.every((file) => existsSync(near(file)))) {
  ask("this checkout is not compiled yet");
} else {
  try {
    await import("../dist/host-test/cli/main.js");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    ask(`a part is missing: ${error.message.split("\n")[0]}`);
  }
}
