/**
 * `npm run envoy`, and before `npm test`: finds Envoy as `npm start` does, or installs it, so that no test in Envoy is left
 * out where it need not be. Without one it says why, and ends well: the other tests do not need it.
 */
import { EnvoyUnavailable, findEnvoy } from "../host/envoy-binary.js";
import { printable } from "../workbench/printable.js";

try {
  const path = await findEnvoy({ onProgress: (line) => void process.stdout.write(`${line}\n`) });
  process.stdout.write(`Envoy: ${printable(path, 500)}\n`);
} catch (error) {
  if (!(error instanceof EnvoyUnavailable)) throw error;
  process.stderr.write(`${printable(error.message, 500)}; tests that need it are left out\n`);
}
