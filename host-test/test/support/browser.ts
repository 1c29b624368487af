/** Debian's Chromium, driven by playwright-core. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { leftOut } from "./left-out.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
/** No sandbox: CI runs as root. The rest keeps the browser from speaking to anybody by itself. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Path of the browser on this machine; null when there is none, for `test.skipIf`.
 * @throws Error in CI, where leaving the browser's tests out must not look like success
 */
export function browserPath(): string | null {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name);
      if (isExecutable(path)) return path;
    }
  }
  if (process.env["CI"] === "true") throw new Error(`CI needs one of ${NAMES.join(", ")} in the PATH`);
  leftOut("the page in a browser", `none of ${NAMES.join(", ")} is in the PATH`, "apt-get install chromium");
  return null;
}

/** A browser of its own, headless, with a fresh profile. @throws Error when there is none */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null) throw new Error(`none of ${NAMES.join(", ")} is in the PATH`);
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
