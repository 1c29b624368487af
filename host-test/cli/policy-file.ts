/** A policy as commands take it: the name of a profile or of a JSON file. */
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
      ? `neither a file nor a profile; give a JSON file or one of ${PROFILES.join(", ")}`
      : whyNot(error);
    throw new Error(`--policy ${name}: ${why}`, { cause: error });
  }
}
