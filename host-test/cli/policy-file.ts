/** A policy as commands are given one: a profile's name, or a JSON file's. */
import { readFileSync } from "node:fs";
import { isProfile, PROFILES } from "../pages/words.js";
import { whyNot } from "../workbench/files.js";

/** The policy's JSON. @throws Error that names the option and the fix */
export function policyNamed(name: string): Buffer {
  if (isProfile(name)) return Buffer.from(JSON.stringify({ profile: name }));
  try {
    return readFileSync(name);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing
      ? `no such file, and no profile; give a JSON file or one of ${PROFILES.join(", ")}`
      : whyNot(error);
    throw new Error(`--policy ${name}: ${why}`, { cause: error });
  }
}
