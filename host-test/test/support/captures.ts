/** Real SMTP sessions that other projects captured. They lie beside the repository, not in it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { leftOut } from "./left-out.js";

/** One row of the captures' index. */
export interface CaptureFile {
  file: string;
  /** What is in it, in a few words. */
  what: string;
}

const directory = fileURLToPath(new URL("../../../../shared/captures/", import.meta.url));

/** Path of a capture. */
export const pathOf = (file: string): string => directory + file;

/**
 * The captures that are there: none on a machine that has only the repository.
 * @throws Error when they are missing in CI, where leaving them out must not look like success.
 */
export function captures(): CaptureFile[] {
  if (!existsSync(directory)) {
    if (process.env["CI"] === "true") throw new Error(`CI needs the captures in ${directory}`);
    leftOut(
      "real captures",
      "they are not part of the repository",
      `a folder with their index.json at ${directory}`,
    );
    return [];
  }
  return JSON.parse(readFileSync(`${directory}index.json`, "utf8")) as CaptureFile[];
}
