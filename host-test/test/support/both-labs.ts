import { envoyOrNull } from "./envoy-or-not.js";
import { envoyLab } from "./lab-envoy.js";
import { nodeLab } from "./lab-node.js";
import type { Lab } from "./lab.js";

/**
 * Both labs. Tests look for an Envoy and leave its half out, saying why, when there is none;
 * SMTP_INSPECTOR_REQUIRE_ENVOY=1 installs one and fails without it.
 */
export async function labs(): Promise<Lab[]> {
  const binary = await envoyOrNull("the same tests in Envoy");
  if (binary !== null) return [nodeLab, envoyLab(binary)];
  return [nodeLab, { ...nodeLab, name: "envoy", missing: "there is no Envoy" }];
}
