/** A policy as commands are given one: a profile's name, or a JSON file's. */
import { readFileSync } from "node:fs";
import { PROFILES } from "../../assembly/policy/fields.js";

/** Whether `--policy` names a profile; else it names a file. */
export const isProfile = (name: string): boolean => PROFILES.includes(name);

/** The policy's JSON. @throws Error that names the option and the fix */
export function policyNamed(name: string): Buffer {
  if (isProfile(name)) return Buffer.from(JSON.stringify({ profile: name }));
  try {
    return readFileSync(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "no such file, and no profile" : message;
    throw new Error(`--policy ${name}: ${why}; give a JSON file or one of ${PROFILES.join(", ")}`, {
      cause: error,
    });
  }
}
