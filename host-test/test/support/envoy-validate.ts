/** `envoy --mode validate`, which runs the module on its policy too. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Validated {
  status: number | null;
  /** All that Envoy printed, without the folder's name. */
  said: string;
}

/** What Envoy says of what it takes, when it has no warnings. */
export const ACCEPTED: Validated = { status: 0, said: "configuration '/envoy.yaml' OK\n" };

/** What Envoy says of a file with this text, YAML or JSON. */
export async function validated(binary: string, text: string): Promise<Validated> {
  const folder = await mkdtemp(join(tmpdir(), "validate-"));
  try {
    const file = join(folder, "envoy.yaml");
    await writeFile(file, text);
    const args = ["--mode", "validate", "-c", file, "--use-dynamic-base-id", "-l", "warning"];
    const { status, stdout, stderr } = spawnSync(binary, args, { encoding: "utf8" });
    return { status, said: (stdout + stderr).replace(folder, "") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
